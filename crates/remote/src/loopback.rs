//! The loopback address the browser returns to (RFC 8252 §7.3).
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use subtle::ConstantTimeEq;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use url::Url;

/// Bytes of a request's head.
const HEAD: usize = 16 << 10;
/// How long a connection may take to say what it wants; browsers open some they never use.
const PATIENCE: Duration = Duration::from_secs(10);

/// A listener on 127.0.0.1 at a port of the system's choice.
pub(crate) struct Loopback {
    listener: TcpListener,
    local: SocketAddr,
}

/// What the browser brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Callback {
    /// The authorization code.
    Code(String),
    /// The EHR answered with an error, such as `access_denied`.
    Denied,
}

impl Loopback {
    pub(crate) async fn open() -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let local = listener.local_addr()?;
        Ok(Self { listener, local })
    }

    pub(crate) fn address(&self) -> String {
        format!("http://{}/callback", self.local)
    }

    /// Waits for the one request that carries our `state`. Others, from whatever program on this machine, are turned away
    /// without ending the wait.
    pub(crate) async fn callback(&self, state: &str, issuer: &str) -> Callback {
        let (found, mut callbacks) = mpsc::channel(1);
        let mut connections = tokio::task::JoinSet::new();
        loop {
            tokio::select! {
                Some(callback) = callbacks.recv() => {
                    // Lets the answer page reach the browser.
                    while connections.join_next().await.is_some() {}
                    return callback;
                }
                Some(_) = connections.join_next() => {}
                Ok((stream, _)) = self.listener.accept(), if connections.len() < 16 => {
                    let expected = Expected { host: self.local.to_string(), state: state.to_owned(), issuer: issuer.to_owned() };
                    let found = found.clone();
                    connections.spawn(async move {
                        let _ = tokio::time::timeout(PATIENCE, serve(stream, &expected, &found)).await;
                    });
                }
            }
        }
    }
}

struct Expected {
    host: String,
    state: String,
    issuer: String,
}

async fn serve(mut stream: TcpStream, expected: &Expected, found: &mpsc::Sender<Callback>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if head.len() >= HEAD || stream.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let callback = String::from_utf8(head).ok().and_then(|head| read_callback(&head, expected));
    let (status, text) = match &callback {
        Some(Callback::Code(_)) => ("200 OK", "You can return to Satchel."),
        Some(Callback::Denied) => ("200 OK", "Sign-in did not finish. You can return to Satchel."),
        None => ("404 Not Found", "Nothing here."),
    };
    // Out before the callback is acted on, so that the person reads it whatever comes next.
    stream.write_all(answer_page(status, text).as_bytes()).await?;
    stream.shutdown().await?;
    if let Some(callback) = callback {
        let _ = found.try_send(callback);
    }
    Ok(())
}

fn read_callback(head: &str, expected: &Expected) -> Option<Callback> {
    let mut lines = head.split("\r\n");
    let target = lines.next()?.strip_prefix("GET ")?.strip_suffix(" HTTP/1.1")?;
    // A name that was made to resolve to this machine is not this address.
    let host = lines.filter_map(|line| line.split_once(':')).find(|(name, _)| name.eq_ignore_ascii_case("host"))?.1.trim();
    if host != expected.host || !target.starts_with('/') {
        return None;
    }
    let url = Url::parse(&format!("http://{host}{target}")).ok()?;
    let only = |name: &str| {
        let mut values = url.query_pairs().filter(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        let first = values.next()?;
        values.next().is_none().then_some(first)
    };
    let ours = only("state").is_some_and(|state| bool::from(state.as_bytes().ct_eq(expected.state.as_bytes())));
    // RFC 9207: where the EHR says who it is, it must be the one asked.
    let mixed_up = only("iss").is_some_and(|issuer| issuer != expected.issuer);
    if url.path() != "/callback" || !ours || mixed_up {
        return None;
    }
    match (only("code"), only("error")) {
        (Some(code), None) => Some(Callback::Code(code)),
        (None, Some(_)) => Some(Callback::Denied),
        _ => None,
    }
}

fn answer_page(status: &str, text: &str) -> String {
    let body = format!("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Satchel</title><p>{text}</p></html>\n");
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nContent-Security-Policy: default-src 'none'\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    fn expected() -> Expected {
        Expected { host: "127.0.0.1:5000".into(), state: "s1".into(), issuer: "https://ehr/auth".into() }
    }

    fn read(target: &str) -> Option<Callback> {
        read_callback(&format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1:5000\r\n\r\n"), &expected())
    }

    #[test]
    fn only_our_own_answer_counts() {
        assert_eq!(read("/callback?code=c%2B1&state=s1"), Some(Callback::Code("c+1".into())));
        assert_eq!(read("/callback?code=c&state=s1&iss=https%3A%2F%2Fehr%2Fauth"), Some(Callback::Code("c".into())));
        assert_eq!(read("/callback?error=access_denied&state=s1"), Some(Callback::Denied));
        for wrong in [
            "/callback?code=c&state=s2",
            "/callback?code=c",
            "/callback?code=c&state=s1&state=s1",
            "/callback?code=c&code=d&state=s1",
            "/callback?code=c&state=s1&iss=https%3A%2F%2Fevil",
            "/other?code=c&state=s1",
            "/callback?state=s1",
            "@evil/callback?code=c&state=s1",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        let rebound = "GET /callback?code=c&state=s1 HTTP/1.1\r\nHost: evil.example:5000\r\n\r\n";
        assert_eq!(read_callback(rebound, &expected()), None);
        let posted = "POST /callback?code=c&state=s1 HTTP/1.1\r\nHost: 127.0.0.1:5000\r\n\r\n";
        assert_eq!(read_callback(posted, &expected()), None);
    }

    #[tokio::test]
    async fn strangers_and_idle_connections_do_not_end_the_wait() {
        let loopback = Loopback::open().await.unwrap();
        let local = loopback.local;
        let browser = async {
            let idle = TcpStream::connect(local).await.unwrap();
            for (target, status) in [("/callback?code=x&state=guess", "404"), ("/callback?code=c&state=s1", "200")] {
                let mut stream = TcpStream::connect(local).await.unwrap();
                stream.write_all(format!("GET {target} HTTP/1.1\r\nHost: {local}\r\n\r\n").as_bytes()).await.unwrap();
                let mut answer = String::new();
                stream.read_to_string(&mut answer).await.unwrap();
                assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
                assert!(!answer.contains("guess"));
            }
            drop(idle);
        };
        let (callback, ()) = tokio::join!(loopback.callback("s1", "https://ehr/auth"), browser);
        assert_eq!(callback, Callback::Code("c".into()));
    }
}
