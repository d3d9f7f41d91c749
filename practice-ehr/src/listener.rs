//! Accepts connections and can cut any of them in the middle of a request, which no ordinary server offers.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

use crate::front::Front;

/// Cuts the connection a request came on.
#[derive(Clone, Default)]
pub struct Cut(Arc<Notify>);

/// The request got no answer because its connection was cut.
#[derive(Debug, thiserror::Error)]
#[error("the connection was cut")]
pub struct ConnectionCut;

impl Cut {
    /// Closes the connection without answering. The peer sees an end of file, as when a server or a cable dies.
    pub async fn now(&self) -> ConnectionCut {
        self.0.notify_one();
        // Answering at once could slip bytes out before the connection task sees the notice; on HTTP/1 this future is
        // dropped with the connection, on HTTP/2 it ends by itself.
        tokio::time::sleep(Duration::from_secs(5)).await;
        ConnectionCut
    }
}

/// Serves until the process ends.
pub async fn serve(listener: TcpListener, acceptor: TlsAcceptor, front: Arc<Front>) {
    loop {
        match listener.accept().await {
            Ok((tcp, _)) => {
                tokio::spawn(connection(tcp, acceptor.clone(), Arc::clone(&front)));
            }
            // Out of descriptors, say: the next one may do better.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn connection(tcp: TcpStream, acceptor: TlsAcceptor, front: Arc<Front>) {
    let _ = tcp.set_nodelay(true);
    let Ok(tls) = acceptor.accept(tcp).await else { return };
    let cut = Cut::default();
    let service = service_fn({
        let cut = cut.clone();
        move |request: Request<Incoming>| answer(Arc::clone(&front), request.map(Body::new), cut.clone())
    });
    let http = auto::Builder::new(TokioExecutor::new());
    tokio::select! {
        _ = http.serve_connection(TokioIo::new(tls), service) => {}
        () = cut.0.notified() => {}
    }
}

async fn answer(front: Arc<Front>, request: Request<Body>, cut: Cut) -> Result<Response<Body>, ConnectionCut> {
    front.answer(request, &cut).await
}
