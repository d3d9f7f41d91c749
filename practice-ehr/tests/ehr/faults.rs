//! Every fault, as a client suffers it.

use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{Ehr, header, observation};

#[tokio::test]
async fn a_connection_dropped_before_commit_leaves_nothing_and_after_commit_everything() {
    let ehr = Ehr::start(&[]).await;
    let nurse = ehr.signed_in("lena.fischer").await;
    for (fault, id, there) in [("drop_before_commit", "before", StatusCode::NOT_FOUND), ("drop_after_commit", "after", StatusCode::OK)] {
        ehr.arm(json!({"method": "PUT", "path": "/fhir/Observation", "times": 1, "fault": fault})).await;
        let resource = observation(id);
        assert!(nurse.put_text(&resource, resource.to_string()).await.is_err(), "{fault}: no answer");
        assert_eq!(nurse.get(&format!("/Observation/{id}")).await.status(), there, "{fault}");
        assert!(nurse.put(&resource).await.status().is_success(), "{fault}: only once");
    }
}

#[tokio::test]
async fn a_refused_request_says_when_to_come_back() {
    let ehr = Ehr::start(&[]).await;
    let nurse = ehr.signed_in("lena.fischer").await;
    ehr.arm(json!({"path": "/fhir/Patient", "times": 1, "fault": {"status": {"status": 429, "retry_after": 7}}})).await;
    ehr.arm(json!({"path": "/fhir/Patient", "after": 1, "times": 1, "fault": {"status": {"status": 503}}})).await;
    let busy = nurse.get("/Patient?_count=1").await;
    assert_eq!((busy.status().as_u16(), header(&busy, "retry-after").as_str()), (429, "7"));
    assert_eq!(nurse.get("/Patient?_count=1").await.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(nurse.get("/Patient?_count=1").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn slow_answers_are_slow_and_whole() {
    let ehr = Ehr::start(&[]).await;
    let nurse = ehr.signed_in("lena.fischer").await;
    let whole = nurse.read("/metadata").await;

    ehr.arm(json!({"contains": "/metadata", "times": 1, "fault": {"latency": {"ms": 300}}})).await;
    let asked = Instant::now();
    assert_eq!(nurse.get("/metadata").await.status(), StatusCode::OK);
    assert!(asked.elapsed() >= Duration::from_millis(300));

    ehr.arm(json!({"contains": "/metadata", "times": 1, "fault": {"slow_drip": {"bytes": 20000, "ms": 30}}})).await;
    let asked = Instant::now();
    let (mut dripped, pieces) = (nurse.read("/metadata").await, whole.to_string().len() / 20_000);
    assert!(asked.elapsed() >= Duration::from_millis(30 * pieces as u64));
    dripped["date"] = whole["date"].clone();
    assert_eq!(dripped, whole);
}

#[tokio::test]
async fn offline_cuts_everything_but_the_admin_interface_also_what_is_under_way() {
    let ehr = Ehr::start(&[]).await;
    let nurse = ehr.signed_in("lena.fischer").await;
    ehr.arm(json!({"path": "/fhir/Patient", "times": 1, "fault": {"latency": {"ms": 60_000}}})).await;
    let under_way = nurse.request(Method::GET, "/Patient").send();
    let (cut, ()) = tokio::join!(under_way, async {
        while ehr.admin(Method::GET, "faults", json!({})).await[0]["hits"] != 1 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        ehr.admin(Method::POST, "offline", json!({})).await;
    });
    assert!(cut.is_err());
    assert!(nurse.request(Method::GET, "/Patient").send().await.is_err());
    assert!(ehr.http.get(format!("{}/jwks", ehr.auth)).send().await.is_err());
    ehr.admin(Method::POST, "online", json!({})).await;
    assert_eq!(nurse.get("/Patient?_count=1").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn requests_are_counted_by_template_and_the_admin_interface_is_closed_without_its_token() {
    let ehr = Ehr::start(&[]).await;
    let nurse = ehr.signed_in("lena.fischer").await;
    ehr.admin(Method::DELETE, "requests", json!({})).await;
    for id in ["a", "b"] {
        nurse.get(&format!("/Observation/{id}")).await;
    }
    nurse.get("/Observation?code=x&_count=1").await;
    let counted = ehr.admin(Method::GET, "requests", json!({})).await;
    assert_eq!(counted, json!({"GET /fhir/Observation": 1, "GET /fhir/Observation/{id}": 2}));
    assert_eq!(ehr.admin(Method::GET, "counts", json!({})).await["Patient"], 3);

    let url = ehr.fhir.replace("/fhir", "/_practice/counts");
    for token in ["", "guess"] {
        let refused = ehr.http.get(&url).header("x-practice-admin", token).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    }
    let rule = json!({"fault": "no_such_fault"}).to_string();
    let ready = ehr.http.post(ehr.fhir.replace("/fhir", "/_practice/faults")).body(rule);
    assert_eq!(ready.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
}
