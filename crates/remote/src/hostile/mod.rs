//! What a wrong or hostile server can do to the drivers, tried against small servers on loopback.
mod fhir;
mod sign_in;
mod tls;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::address::EhrAddress;
use crate::exchange::{Bounds, Http, OldestTls};

/// What the server does with a request.
#[derive(Clone)]
pub(crate) enum Deed {
    /// Writes this and closes.
    Write(Vec<u8>),
    /// Writes this, then this again and again, pausing in between.
    Repeat { head: Vec<u8>, piece: Vec<u8>, pause: Duration },
    /// Says nothing.
    Keep,
}

/// A server on loopback that answers each request by what `deed` says of its head and body.
pub(crate) struct Server {
    pub(crate) origin: String,
    requests: Arc<AtomicUsize>,
}

impl Server {
    pub(crate) async fn start(deed: impl Fn(&str) -> Deed + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let (count, deed) = (requests.clone(), Arc::new(deed));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (count, deed) = (count.clone(), deed.clone());
                tokio::spawn(async move {
                    let _ = serve(stream, &count, &*deed).await;
                });
            }
        });
        Self { origin, requests }
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    pub(crate) fn address(&self) -> EhrAddress {
        EhrAddress::parse(&format!("{}/fhir", self.origin)).unwrap()
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    count: &AtomicUsize,
    deed: &(dyn Fn(&str) -> Deed + Send + Sync),
) -> std::io::Result<()> {
    let mut request = Vec::new();
    loop {
        if stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().filter_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok()).next();
        if body.len() < length.unwrap_or(0) {
            continue;
        }
        count.fetch_add(1, Ordering::SeqCst);
        match deed(&text) {
            Deed::Write(bytes) => stream.write_all(&bytes).await?,
            Deed::Keep => std::future::pending().await,
            Deed::Repeat { head, piece, pause } => {
                stream.write_all(&head).await?;
                loop {
                    stream.write_all(&piece).await?;
                    tokio::time::sleep(pause).await;
                }
            }
        }
        return stream.shutdown().await;
    }
}

pub(crate) fn answer(status: &str, content_type: &str, extra: &str, body: &[u8]) -> Deed {
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nConnection: close\r\n{extra}\r\n", body.len());
    Deed::Write([head.as_bytes(), body].concat())
}

pub(crate) fn json(body: &str) -> Deed {
    answer("200 OK", "application/fhir+json", "", body.as_bytes())
}

/// A client whose bounds are reached within a test.
pub(crate) fn small_http() -> Http {
    let bounds =
        Bounds { bytes: 1 << 20, connect: Duration::from_secs(5), idle: Duration::from_millis(400), total: Duration::from_secs(2) };
    Http::with_bounds(None, OldestTls::V1_3, bounds).unwrap()
}
