//! The audit repository.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Ehr, header, json};

pub fn event(id: &str) -> Value {
    json!({
        "resourceType": "AuditEvent", "id": id, "recorded": "2026-03-04T10:00:00.000Z",
        "type": {"system": "http://terminology.hl7.org/CodeSystem/audit-event-type", "code": "rest"},
        "agent": [{"requestor": true, "who": {"reference": "Practitioner/lena-fischer"}}],
        "source": {"observer": {"display": "workstation 7"}},
    })
}

#[tokio::test]
async fn an_event_is_stored_once_and_never_changed() {
    let ehr = Ehr::start(&[]).await;
    let nurse = ehr.signed_in("lena.fischer").await;
    let first = nurse.post("/AuditEvent", &event("e1")).await;
    assert_eq!(first.status(), StatusCode::CREATED);
    assert!(header(&first, "location").starts_with(&format!("{}/AuditEvent/e1", ehr.fhir)));
    assert_eq!(nurse.post("/AuditEvent", &event("e1")).await.status(), StatusCode::OK, "the same again");
    let mut other = event("e1");
    other["recorded"] = "2026-03-04T11:00:00Z".into();
    assert_eq!(nurse.post("/AuditEvent", &other).await.status(), StatusCode::CONFLICT);
    let mut incomplete = event("e2");
    incomplete["agent"] = json!([]);
    assert_eq!(nurse.post("/AuditEvent", &incomplete).await.status(), StatusCode::UNPROCESSABLE_ENTITY);

    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        let refused = nurse.request(method.clone(), "/AuditEvent/e1").body(event("e1").to_string()).send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED, "{method}");
    }
    assert_eq!(nurse.get("/AuditEvent/e1").await.status(), StatusCode::FORBIDDEN, "who reports may not read");
    let officer = ehr.signed_in("miriam.adler").await;
    let mut stored = officer.read("/AuditEvent/e1").await;
    assert!(stored.as_object_mut().unwrap().remove("meta").is_some());
    assert_eq!(stored, event("e1"));
    assert_eq!(ehr.admin(Method::GET, "counts", json!({})).await["AuditEvent"], 1);
}

#[tokio::test]
async fn bundles_of_events_come_in_as_batch_or_all_at_once() {
    let ehr = Ehr::start(&[]).await;
    let nurse = ehr.signed_in("lena.fischer").await;
    let entry = |event: Value| json!({"resource": event, "request": {"method": "POST", "url": "AuditEvent"}});
    let mut incomplete = event("bad");
    incomplete["source"] = Value::Null;
    let bundle = |kind: &str, entries: Vec<Value>| json!({"resourceType": "Bundle", "type": kind, "entry": entries});

    let batch = json(nurse.post("", &bundle("batch", vec![entry(event("a")), entry(incomplete.clone()), entry(event("a"))])).await).await;
    let statuses: Vec<&str> = batch["entry"].as_array().unwrap().iter().map(|e| e["response"]["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["201 Created", "422 Unprocessable Entity", "200 OK"]);

    let refused = nurse.post("", &bundle("transaction", vec![entry(event("b")), entry(incomplete)])).await;
    assert_eq!(refused.status(), StatusCode::BAD_REQUEST);
    let officer = ehr.signed_in("miriam.adler").await;
    assert_eq!(officer.get("/AuditEvent/b").await.status(), StatusCode::NOT_FOUND, "nothing of it");

    let note = json!({"resource": {"resourceType": "Task"}, "request": {"method": "POST", "url": "Task"}});
    assert_eq!(nurse.post("", &bundle("batch", vec![entry(event("c")), note])).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_privacy_officer_searches_page_by_page() {
    let ehr = Ehr::start(&[]).await;
    let nurse = ehr.signed_in("lena.fischer").await;
    for number in 0..5 {
        let mut event = event(&format!("e{number}"));
        event["recorded"] = format!("2026-03-0{}T10:00:00Z", number + 1).into();
        assert_eq!(nurse.post("/AuditEvent", &event).await.status(), StatusCode::CREATED);
    }
    let officer = ehr.signed_in("miriam.adler").await;
    let ids = |entries: Vec<Value>| -> Vec<String> { entries.iter().map(|e| e["resource"]["id"].as_str().unwrap().into()).collect() };
    assert_eq!(officer.read("/AuditEvent?_count=2").await["total"], 5);
    assert_eq!(ids(officer.all("/AuditEvent?_count=2").await), ["e0", "e1", "e2", "e3", "e4"]);
    assert_eq!(ids(officer.all("/AuditEvent?date=ge2026-03-02&date=lt2026-03-04&_count=1").await), ["e1", "e2"]);
    assert_eq!(ids(officer.all("/AuditEvent?date=2026-03-05").await), ["e4"]);
    assert_eq!(ids(officer.all("/AuditEvent?_id=e3,nobody").await), ["e3"]);
    assert_eq!(officer.get("/AuditEvent?agent=x").await.status(), StatusCode::BAD_REQUEST, "no parameter is ignored");
}
