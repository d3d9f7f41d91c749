//! What the client relies on in the FHIR server itself; README.md describes it in words.

use std::collections::BTreeSet;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Ehr, header, json, link, observation};

#[tokio::test]
async fn delta_searches_page_completely_and_in_order() {
    let ehr = Ehr::start(&[]).await;
    let nurse = ehr.signed_in("lena.fischer").await;
    let path = "/Observation?_lastUpdated=ge2020-01-01T00:00:00Z&_sort=_lastUpdated&_count=7&_total=accurate";
    let total = nurse.read(path).await["total"].as_u64().unwrap();
    let entries = nurse.all(path).await;
    let stamps: Vec<&str> = entries.iter().map(|e| e["resource"]["meta"]["lastUpdated"].as_str().unwrap()).collect();
    let ids: BTreeSet<&str> = entries.iter().map(|e| e["resource"]["id"].as_str().unwrap()).collect();
    assert!(total > 7, "more than one page");
    assert_eq!(ids.len() as u64, total);
    assert_eq!(entries.len() as u64, total);
    assert!(stamps.is_sorted());
}

#[tokio::test]
async fn everything_pages_through_exactly_one_chart() {
    let ehr = Ehr::start(&[]).await;
    let physician = ehr.signed_in("amara.okafor").await;
    let patients = physician.all("/Patient").await;
    let id = patients[0]["resource"]["id"].as_str().unwrap();
    let chart = physician.all(&format!("/Patient/{id}/$everything?_count=10")).await;
    // Practitioners and organizations come along as includes, once per page that refers to them.
    let matches: Vec<&Value> = chart.iter().filter(|e| e["search"]["mode"] == "match").collect();
    let names: BTreeSet<&str> = matches.iter().map(|e| e["fullUrl"].as_str().unwrap()).collect();
    assert_eq!(names.len(), matches.len(), "nothing of the chart twice");
    let of = |kind: &str| matches.iter().filter(|e| e["resource"]["resourceType"] == kind).count();
    assert_eq!(of("Patient"), 1);
    let searched = physician.read(&format!("/Observation?patient={id}&_total=accurate&_count=1")).await["total"].as_u64().unwrap();
    assert_eq!(of("Observation") as u64, searched);
    assert!(searched > 0);
}

#[tokio::test]
async fn versions_guard_updates() {
    let ehr = Ehr::start(&[]).await;
    let nurse = ehr.signed_in("lena.fischer").await;
    let created = nurse.put(&observation("o")).await;
    assert_eq!((created.status(), header(&created, "etag").as_str()), (StatusCode::CREATED, "W/\"1\""));
    let update =
        |version: &str| nurse.request(Method::PUT, "/Observation/o").header("if-match", version).body(observation("o").to_string());
    assert_eq!(update("W/\"7\"").send().await.unwrap().status(), StatusCode::PRECONDITION_FAILED);
    let updated = update("W/\"1\"").send().await.unwrap();
    assert_eq!((updated.status(), header(&updated, "etag").as_str()), (StatusCode::OK, "W/\"2\""));
    let unchanged = nurse.request(Method::GET, "/Observation/o").header("if-none-match", "W/\"2\"");
    assert_eq!(unchanged.send().await.unwrap().status(), StatusCode::NOT_MODIFIED);
    let absent = nurse.request(Method::PUT, "/Observation/absent").header("if-match", "W/\"1\"").body(observation("absent").to_string());
    assert_eq!(absent.send().await.unwrap().status(), StatusCode::PRECONDITION_FAILED);
}

#[tokio::test]
async fn conditional_creates_happen_once() {
    let ehr = Ehr::start(&[]).await;
    let nurse = ehr.signed_in("lena.fischer").await;
    let mut resource = observation("ignored");
    resource["identifier"] = json!([{"system": "urn:practice", "value": "once"}]);
    let create =
        || nurse.request(Method::POST, "/Observation").header("if-none-exist", "identifier=urn:practice|once").body(resource.to_string());
    assert_eq!(create().send().await.unwrap().status(), StatusCode::CREATED);
    assert_eq!(create().send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(nurse.read("/Observation?identifier=urn:practice|once&_total=accurate").await["total"], 1);
}

#[tokio::test]
async fn transactions_are_atomic_and_link_their_entries() {
    let ehr = Ehr::start(&[]).await;
    let nurse = ehr.signed_in("lena.fischer").await;
    let mut linked = observation("linked");
    linked["encounter"] = json!({"reference": "urn:uuid:e"});
    let encounter = json!({"resourceType": "Encounter", "status": "in-progress", "class": {"code": "AMB"}});
    let bundle = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
        {"fullUrl": "urn:uuid:e", "resource": encounter, "request": {"method": "POST", "url": "Encounter"}},
        {"resource": linked, "request": {"method": "PUT", "url": "Observation/linked"}}]});
    let answer = json(nurse.post("", &bundle).await).await;
    assert_eq!(answer["type"], "transaction-response");
    assert_eq!(answer["entry"][1]["response"]["etag"], "W/\"1\"");
    let stored = nurse.read("/Observation/linked").await["encounter"]["reference"].as_str().unwrap().to_owned();
    assert!(answer["entry"][0]["response"]["location"].as_str().unwrap().starts_with(&stored));

    let stale = json!({"resourceType": "Bundle", "type": "transaction", "entry": [
        {"resource": observation("new"), "request": {"method": "PUT", "url": "Observation/new"}},
        {"resource": observation("linked"), "request": {"method": "PUT", "url": "Observation/linked", "ifMatch": "W/\"9\""}}]});
    assert_eq!(nurse.post("", &stale).await.status(), StatusCode::BAD_REQUEST, "Helios says 400 where R4 would have 412");
    assert_eq!(nurse.get("/Observation/new").await.status(), StatusCode::NOT_FOUND, "rolled back");
}

#[tokio::test]
async fn histories_tell_of_deletes() {
    let ehr = Ehr::start(&[]).await;
    let nurse = ehr.signed_in("lena.fischer").await;
    let note = json!({"resourceType": "DocumentReference", "id": "n", "status": "current",
        "content": [{"attachment": {"contentType": "text/plain", "data": "eA=="}}]});
    nurse.put(&note).await;
    let since = nurse.read("/DocumentReference/n").await["meta"]["lastUpdated"].as_str().unwrap().to_owned();
    assert_eq!(nurse.request(Method::DELETE, "/DocumentReference/n").send().await.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!(nurse.get("/DocumentReference/n").await.status(), StatusCode::GONE);
    for path in ["/DocumentReference/_history", "/_history"] {
        let entries = nurse.all(&format!("{path}?_since={since}&_count=1")).await;
        let of: Vec<&Value> = entries.iter().filter(|e| e["fullUrl"].as_str().unwrap().ends_with("DocumentReference/n")).collect();
        assert_eq!(of[0]["request"]["method"], "DELETE", "{path}");
        assert_eq!(of[0]["response"]["etag"], "W/\"2\"", "{path}");
    }
}

#[tokio::test]
async fn answers_are_fhir_json_and_tenants_cannot_be_chosen() {
    let ehr = Ehr::start(&[]).await;
    let nurse = ehr.signed_in("lena.fischer").await;
    for path in ["/Patient?_count=1", "/metadata", "/Observation/none"] {
        assert!(header(&nurse.get(path).await, "content-type").starts_with("application/fhir+json"), "{path}");
    }
    let elsewhere = nurse.request(Method::GET, "/Patient?_total=accurate").header("x-tenant-id", "other").send().await.unwrap();
    assert_eq!(json(elsewhere).await["total"], 3);
    assert_eq!(nurse.get("/console/metrics/uptime").await.status(), StatusCode::NOT_FOUND);
    let first = nurse.read("/Patient?_count=1").await;
    assert!(link(&first, "next").unwrap().starts_with(&format!("{}/Patient?", ehr.fhir)));
}
