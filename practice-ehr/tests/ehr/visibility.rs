//! Writes that become visible late, dated early: what a naive cursor loses.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Ehr, SignedIn, json, observation};

#[tokio::test]
async fn a_held_write_appears_behind_rows_already_handed_out() {
    let ehr = Ehr::start(&[]).await;
    let nurse = ehr.signed_in("lena.fischer").await;
    let resource = observation("late");
    ehr.arm(json!({"method": "PUT", "path_is": "/fhir/Observation/late", "times": 1, "fault": "hold"})).await;
    let (answer, handed_out) = tokio::join!(nurse.put_text(&resource, resource.to_string()), async {
        held(&ehr, 1).await;
        assert_eq!(nurse.get("/Observation/late").await.status(), StatusCode::NOT_FOUND);
        assert_eq!(nurse.put(&observation("early")).await.status(), StatusCode::CREATED);
        let handed_out = last_updated(&nurse.read("/Observation/early").await);
        ehr.admin(Method::POST, "held/release", json!({})).await;
        handed_out
    });
    let answer = answer.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    let written = last_updated(&json(answer).await);
    assert!(written < handed_out, "{written} is dated before {handed_out}");

    // Resource, search, sort order, type history and system history all tell the same.
    assert_eq!(last_updated(&nurse.read("/Observation/late").await), written);
    assert_eq!(found(&nurse, &format!("/Observation?_lastUpdated=ge{handed_out}&_sort=_lastUpdated")).await, ["early"]);
    assert_eq!(found(&nurse, &format!("/Observation?_lastUpdated=ge{written}&_sort=_lastUpdated")).await, ["late", "early"]);
    for history in ["/Observation/_history", "/_history"] {
        assert_eq!(found(&nurse, &format!("{history}?_since={handed_out}")).await, ["early"], "{history}");
        assert_eq!(found(&nurse, &format!("{history}?_since={written}")).await, ["early", "late"], "{history}");
    }
}

#[tokio::test]
async fn a_held_bundle_and_a_held_delete_are_dated_early_too() {
    let ehr = Ehr::start(&[]).await;
    let nurse = ehr.signed_in("lena.fischer").await;
    let note = json!({"resourceType": "DocumentReference", "id": "note", "status": "current",
        "content": [{"attachment": {"contentType": "text/plain", "data": "eA=="}}]});
    assert_eq!(nurse.put(&note).await.status(), StatusCode::CREATED);
    ehr.arm(json!({"method": "POST", "path_is": "/fhir", "times": 1, "fault": "hold"})).await;
    ehr.arm(json!({"method": "DELETE", "times": 1, "fault": "hold"})).await;
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
        {"fullUrl": "urn:uuid:1", "resource": observation("in-bundle"), "request": {"method": "PUT", "url": "Observation/in-bundle"}}]});
    let delete = nurse.request(Method::DELETE, "/DocumentReference/note").send();
    let (answer, deleted, handed_out) = tokio::join!(nurse.post("", &bundle), delete, async {
        held(&ehr, 2).await;
        nurse.put(&observation("early")).await;
        let handed_out = last_updated(&nurse.read("/Observation/early").await);
        ehr.admin(Method::POST, "held/release", json!({})).await;
        handed_out
    });
    assert_eq!(deleted.unwrap().status(), StatusCode::NO_CONTENT);
    let answer = json(answer).await;
    let written = last_updated(&nurse.read("/Observation/in-bundle").await);
    assert!(written < handed_out);
    assert_eq!(answer["entry"][0]["response"]["lastModified"], written);
    assert_eq!(nurse.get("/DocumentReference/note").await.status(), StatusCode::GONE);
    let later = nurse.read(&format!("/DocumentReference/_history?_since={handed_out}")).await;
    assert_eq!(later["entry"].as_array().map_or(0, Vec::len), 0, "the delete lies before what was handed out");
}

#[tokio::test]
async fn a_held_write_outlives_its_client_but_not_the_server() {
    let ehr = Ehr::start(&[]).await;
    let nurse = ehr.signed_in("lena.fischer").await;
    ehr.arm(json!({"method": "PUT", "fault": "hold"})).await;
    for id in ["kept", "lost"] {
        let resource = observation(id);
        let impatient = nurse.put_text(&resource, resource.to_string());
        assert!(tokio::time::timeout(Duration::from_millis(200), impatient).await.is_err());
        held(&ehr, 1).await;
        if id == "kept" {
            ehr.admin(Method::POST, "held/release", json!({})).await;
        } else {
            ehr.admin(Method::POST, "restart", json!({})).await;
        }
    }
    assert_eq!(nurse.get("/Observation/kept").await.status(), StatusCode::OK);
    assert_eq!(nurse.get("/Observation/lost").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(ehr.admin(Method::GET, "held", json!({})).await, json!([]));
}

async fn held(ehr: &Ehr, count: usize) {
    while ehr.admin(Method::GET, "held", json!({})).await.as_array().unwrap().len() < count {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Ids in order, without the clinic's own records.
async fn found(nurse: &SignedIn<'_>, path: &str) -> Vec<String> {
    let entries = nurse.all(path).await;
    let ids = entries.iter().map(|entry| entry["resource"]["id"].as_str().unwrap_or_default().to_owned());
    ids.filter(|id| ["early", "late"].contains(&id.as_str())).collect()
}

fn last_updated(resource: &Value) -> String {
    resource["meta"]["lastUpdated"].as_str().unwrap().to_owned()
}
