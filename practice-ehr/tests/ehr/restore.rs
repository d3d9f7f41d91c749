//! Restarts, kills, and an EHR that comes back from an older backup.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::{Ehr, header, observation};

#[tokio::test]
async fn a_restored_ehr_has_forgotten_what_came_later_but_not_its_audit_trail() {
    let ehr = Ehr::start(&[]).await;
    let nurse = ehr.signed_in("lena.fischer").await;
    nurse.put(&observation("kept")).await;
    ehr.admin(Method::POST, "snapshots/monday", json!({})).await;
    assert_eq!(header(&nurse.put(&observation("kept")).await, "etag"), "W/\"2\"");
    nurse.put(&observation("later")).await;
    let event = crate::audit::event("after-the-snapshot");
    assert_eq!(nurse.post("/AuditEvent", &event).await.status(), StatusCode::CREATED);

    ehr.admin(Method::POST, "snapshots/monday/restore", json!({})).await;
    assert_eq!(header(&nurse.get("/Observation/kept").await, "etag"), "W/\"1\"");
    assert_eq!(nurse.get("/Observation/later").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(nurse.read("/Observation?_id=later,kept&_total=accurate").await["total"], 1, "the search index went back, too");
    assert_eq!(header(&nurse.put(&observation("kept")).await, "etag"), "W/\"2\"", "and it can be written again");
    let officer = ehr.signed_in("miriam.adler").await;
    assert_eq!(officer.get("/AuditEvent/after-the-snapshot").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_restart_cuts_what_is_under_way_and_keeps_what_was_answered() {
    let ehr = Ehr::start(&[]).await;
    let nurse = ehr.signed_in("lena.fischer").await;
    nurse.put(&observation("answered")).await;
    ehr.arm(json!({"path": "/fhir/Patient", "times": 1, "fault": {"latency": {"ms": 60_000}}})).await;
    let (cut, ()) = tokio::join!(nurse.request(Method::GET, "/Patient").send(), async {
        while ehr.admin(Method::GET, "faults", json!({})).await[0]["hits"] != 1 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        ehr.admin(Method::POST, "restart", json!({"down_ms": 50})).await;
    });
    assert!(cut.is_err());
    assert_eq!(nurse.get("/Observation/answered").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_killed_ehr_starts_again_with_everything_it_acknowledged() {
    let ehr = Ehr::start(&[]).await;
    let base = ehr.fhir.clone();
    let nurse = ehr.signed_in("lena.fischer").await;
    for number in 0..20 {
        assert_eq!(nurse.put(&observation(&format!("o{number}"))).await.status(), StatusCode::CREATED);
    }
    nurse.post("/AuditEvent", &crate::audit::event("before-the-kill")).await;
    let ehr = ehr.kill_and_start().await;
    assert_eq!(ehr.fhir, base);
    let nurse = ehr.signed_in("lena.fischer").await;
    for number in 0..20 {
        assert_eq!(nurse.get(&format!("/Observation/o{number}")).await.status(), StatusCode::OK);
    }
    let officer = ehr.signed_in("miriam.adler").await;
    assert_eq!(officer.get("/AuditEvent/before-the-kill").await.status(), StatusCode::OK);
}
