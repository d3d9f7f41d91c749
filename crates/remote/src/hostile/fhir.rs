//! A FHIR server that answers too much, too slowly, wrongly, or from elsewhere.
use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use kernel::{Phi, RecordId, ResourceType, SystemClock, VersionId};
use sync::{Address, EntryId, EntryState, Failure, Found, Outgoing, Page, Put, Rejection};

use super::{Deed, Server, answer, json, small_http};
use crate::fhir_client::FhirClient;
use crate::session::Session;
use crate::token::{Secret, Tokens};

const EMPTY: &str = r#"{"resourceType":"Bundle","type":"searchset"}"#;

fn client(server: &Server) -> FhirClient {
    let tokens = Tokens { access: Secret::new("token-1".into()), expires_at: None, refresh: None };
    let session = Arc::new(Session::new(small_http(), server.address(), tokens));
    FhirClient::new(small_http(), server.address(), session, Arc::new(SystemClock))
}

async fn page(deed: Deed) -> Result<Page, Failure> {
    let server = Server::start(move |_| deed.clone()).await;
    client(&server).page(&Address::Query(Phi::new("Patient?_count=5".into()))).await
}

#[tokio::test]
async fn a_page_carries_token_and_correlation_id_and_the_servers_clock() {
    let server = Server::start(|request| {
        let head = request.to_ascii_lowercase();
        assert!(head.starts_with("get /fhir/patient?_count=5 http/1.1"), "{head}");
        assert!(head.contains("authorization: bearer token-1") && head.contains("x-request-id: "), "{head}");
        answer("200 OK", "application/fhir+json; charset=utf-8", "Date: Sun, 22 Nov 2026 08:00:00 GMT\r\n", EMPTY.as_bytes())
    })
    .await;
    let page = client(&server).page(&Address::Query(Phi::new("Patient?_count=5".into()))).await.unwrap();
    assert_eq!(page.served_at.to_rfc3339(), "2026-11-22T08:00:00+00:00");
}

#[tokio::test]
async fn too_much_is_refused_however_it_comes() {
    let long = b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: 99999999999\r\n\r\n{".to_vec();
    assert_eq!(page(Deed::Write(long)).await, Err(Failure::TooLarge));

    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    let piece = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
    assert_eq!(page(Deed::Repeat { head, piece, pause: Duration::ZERO }).await, Err(Failure::TooLarge));

    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..64 {
        bomb.write_all(&[b' '; 1 << 20]).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 100_000);
    assert_eq!(page(answer("200 OK", "application/fhir+json", "Content-Encoding: gzip\r\n", &bomb)).await, Err(Failure::TooLarge));
}

#[tokio::test]
async fn a_trickle_and_a_silence_end() {
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: 1000\r\n\r\n".to_vec();
    let drip = Deed::Repeat { head, piece: b" ".to_vec(), pause: Duration::from_millis(50) };
    assert_eq!(page(drip).await, Err(Failure::TooLarge), "asked for less next time");
    assert_eq!(page(Deed::Keep).await, Err(Failure::Interrupted));
}

#[tokio::test]
async fn a_cut_connection_is_told_from_none() {
    let cut = b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\nContent-Length: 1000\r\n\r\n{\"resourceType\"".to_vec();
    assert_eq!(page(Deed::Write(cut)).await, Err(Failure::Interrupted));
    assert_eq!(page(Deed::Write(Vec::new())).await, Err(Failure::Interrupted));

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let gone = Server { origin, requests: Arc::default() };
    assert_eq!(client(&gone).capability().await, Err(Failure::Unreachable));
}

#[tokio::test]
async fn nothing_leads_away_from_the_ehr() {
    let elsewhere = Server::start(|_| json(EMPTY)).await;
    let origin = elsewhere.origin.clone();
    let redirect = format!("Location: {origin}/fhir/Patient\r\n");
    for status in ["301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        assert_eq!(page(answer(status, "application/fhir+json", &redirect, b"")).await, Err(Failure::BadAnswer), "{status}");
    }

    let next =
        format!(r#"{{"resourceType":"Bundle","type":"searchset","link":[{{"relation":"next","url":"{origin}/fhir/Patient?p=2"}}]}}"#);
    let server = Server::start(move |_| json(&next)).await;
    let client = client(&server);
    let page = client.page(&Address::Query(Phi::new("Patient?_count=5".into()))).await.unwrap();
    assert_eq!(client.page(&Address::Next(page.next.unwrap())).await, Err(Failure::BadAnswer));
    assert_eq!((elsewhere.requests(), server.requests()), (0, 1));
}

#[tokio::test]
async fn what_is_no_fhir_is_no_answer() {
    for deed in [
        answer("200 OK", "text/html", "", b"<html>Please accept the terms of this network</html>"),
        answer("200 OK", "application/fhir+json", "", b"<html>"),
        answer("200 OK", "text/html", "", EMPTY.as_bytes()),
        answer("204 No Content", "application/fhir+json", "", b""),
        json(r#"{"resourceType":"Patient","id":"p"}"#),
        json("[]"),
        json(&format!(r#"{{"resourceType":"Bundle","entry":{}{}}}"#, "[".repeat(5_000), "]".repeat(5_000))),
    ] {
        assert_eq!(page(deed).await, Err(Failure::BadAnswer));
    }
}

#[tokio::test]
async fn each_status_has_its_meaning() {
    for (status, extra, failure) in [
        ("401 Unauthorized", "", Failure::Unauthorised),
        ("403 Forbidden", "", Failure::Forbidden),
        ("404 Not Found", "", Failure::NotFound),
        ("410 Gone", "", Failure::NotFound),
        ("400 Bad Request", "", Failure::Refused),
        ("429 Too Many Requests", "Retry-After: 7\r\n", Failure::Busy { retry_after: Some(7) }),
        ("503 Service Unavailable", "Retry-After: Sun, 22 Nov 2026 08:00:00 GMT\r\n", Failure::Busy { retry_after: None }),
        ("500 Internal Server Error", "", Failure::Busy { retry_after: None }),
    ] {
        assert_eq!(page(answer(status, "application/fhir+json", extra, b"{}")).await, Err(failure), "{status}");
    }
}

fn outgoing(base: Option<&str>) -> Outgoing {
    Outgoing {
        entry: EntryId(1),
        kind: ResourceType::new("Basic").unwrap(),
        id: RecordId::new("b1").unwrap(),
        base_version: base.map(VersionId::new),
        patient: None,
        body: Arc::new(Phi::new(r#"{"resourceType":"Basic","id":"b1","code":{"text":"7.20"}}"#.into())),
        state: EntryState::Attempted,
    }
}

#[tokio::test]
async fn a_put_names_its_precondition_and_reads_the_version() {
    let stored = r#"{"resourceType":"Basic","id":"b1","meta":{"versionId":"4"},"code":{"text":"7.20"}}"#;
    let server = Server::start(move |request| {
        let head = request.to_ascii_lowercase();
        assert!(
            head.starts_with("put /fhir/basic/b1 ")
                && head.contains("if-match: w/\"3\"")
                && head.contains("content-type: application/fhir+json")
        );
        assert!(request.ends_with(r#"{"resourceType":"Basic","id":"b1","code":{"text":"7.20"}}"#), "the exact text");
        answer("200 OK", "application/fhir+json", "ETag: W/\"4\"\r\n", stored.as_bytes())
    })
    .await;
    let Put::Taken { version, record } = client(&server).put(&outgoing(Some("3"))).await.unwrap() else { panic!("not taken") };
    assert_eq!((version.as_str(), &**record.body.expose()), ("4", stored));

    // Without a body in the answer, the record is read; the version is still the one the PUT made.
    let later = stored.replace("\"4\"", "\"5\"");
    let server = Server::start(move |request| {
        if request.starts_with("PUT") {
            assert!(request.to_ascii_lowercase().contains("if-none-match: *"));
            answer("201 Created", "application/fhir+json", "ETag: W/\"4\"\r\n", b"")
        } else {
            json(&later)
        }
    })
    .await;
    let Put::Taken { version, record } = client(&server).put(&outgoing(None)).await.unwrap() else { panic!("not taken") };
    assert_eq!((version.as_str(), record.version.as_ref().map(VersionId::as_str)), ("4", Some("5")));
}

#[tokio::test]
async fn a_put_answered_wrongly_is_never_taken_for_done() {
    let put = async |deed: Deed| {
        let server = Server::start(move |_| deed.clone()).await;
        client(&server).put(&outgoing(Some("3"))).await
    };
    for other in [
        json(r#"{"resourceType":"Basic","id":"b2","meta":{"versionId":"4"}}"#),
        json(r#"{"resourceType":"Basic","id":"b1"}"#),
        answer("200 OK", "text/html", "", b"<html>"),
        answer("302 Found", "text/html", "Location: /login\r\n", b""),
        answer("202 Accepted", "application/fhir+json", "", b""),
    ] {
        assert_eq!(put(other).await, Err(Failure::BadAnswer));
    }
    for (status, rejection) in [
        ("400 Bad Request", Rejection::Validation),
        ("422 Unprocessable Entity", Rejection::Validation),
        ("403 Forbidden", Rejection::Forbidden),
        ("404 Not Found", Rejection::Gone),
        ("410 Gone", Rejection::Gone),
        ("413 Payload Too Large", Rejection::TooLarge),
        ("405 Method Not Allowed", Rejection::Other),
    ] {
        assert_eq!(put(answer(status, "application/fhir+json", "", b"{}")).await, Ok(Put::Refused(rejection)), "{status}");
    }
    for status in ["409 Conflict", "412 Precondition Failed"] {
        assert_eq!(put(answer(status, "application/fhir+json", "", b"{}")).await, Ok(Put::PreconditionFailed));
    }
}

#[tokio::test]
async fn looking_tells_nothing_from_gone() {
    for (status, found) in [("404 Not Found", Found::Nothing), ("410 Gone", Found::Gone)] {
        let server = Server::start(move |_| answer(status, "application/fhir+json", "", b"{}")).await;
        assert_eq!(client(&server).look(&outgoing(None)).await, Ok(found));
    }
}

#[tokio::test]
async fn an_operation_that_is_not_offered_is_told_from_one_that_fails() {
    let asked = async |deed: Deed| {
        let server = Server::start(move |request| {
            assert!(request.starts_with("POST /fhir/$break-glass-grants HTTP/1.1"), "{request}");
            deed.clone()
        })
        .await;
        client(&server).operation("$break-glass-grants", Some("{}".to_owned())).await
    };
    let status = |status: &str| answer(status, "application/fhir+json", "", b"{}");
    assert_eq!(asked(json("{\"a\":1}")).await.as_deref(), Ok(&b"{\"a\":1}"[..]));
    for none in ["404 Not Found", "501 Not Implemented"] {
        assert_eq!(asked(status(none)).await, Err(Failure::NotFound), "{none}");
    }
    assert_eq!(asked(status("405 Method Not Allowed")).await, Err(Failure::Refused));
    assert_eq!(asked(status("503 Service Unavailable")).await, Err(Failure::Busy { retry_after: None }));
    assert_eq!(asked(status("401 Unauthorized")).await, Err(Failure::Unauthorised));
    let server = Server::start(|request| {
        assert!(request.starts_with("GET /fhir/$list HTTP/1.1"), "{request}");
        json("{}")
    })
    .await;
    assert!(client(&server).operation("$list", None).await.is_ok());
    assert_eq!(client(&server).session().replaced(), 0);
}
