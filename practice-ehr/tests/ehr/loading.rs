//! Records loaded from files: complete, linked, and digit for digit.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Ehr, json, observation};

const PRACTITIONERS: &str = r#"{"resourceType": "Bundle", "type": "batch", "entry": [
  {"fullUrl": "urn:uuid:dr", "resource": {"resourceType": "Practitioner", "id": "dr", "identifier": [{"system": "npi", "value": "9"}]}}]}"#;

const CHART: &str = r#"{"resourceType": "Bundle", "type": "transaction", "entry": [
  {"fullUrl": "urn:uuid:0b1c", "resource": {"resourceType": "Patient", "id": "stranger", "name": [{"family": "Ng", "given": ["Ida"]}]}},
  {"fullUrl": "urn:uuid:77aa", "resource": {"resourceType": "Observation", "status": "final", "code": {"text": "weight"},
    "subject": {"reference": "urn:uuid:0b1c"}, "performer": [{"reference": "Practitioner?identifier=npi|9"}],
    "valueQuantity": {"value": 71.10, "unit": "kg"}, "referenceRange": [{"low": {"value": 1.0e1}, "high": {"value": 100.000}}]}},
  {"fullUrl": "urn:uuid:ff", "resource": {"resourceType": "Encounter", "id": "orphan", "status": "finished", "class": {"code": "AMB"},
    "participant": [{"individual": {"reference": "Practitioner?identifier=npi|nobody"}}]}}]}"#;

#[tokio::test]
async fn bundles_and_lines_are_taken_in_linked_and_digit_for_digit() {
    let files = tempfile::tempdir().unwrap();
    std::fs::write(files.path().join("a-chart.json"), CHART).unwrap();
    std::fs::write(files.path().join("practitioners.json"), PRACTITIONERS).unwrap();
    std::fs::create_dir(files.path().join("more")).unwrap();
    let lines = "{\"resourceType\":\"Observation\",\"id\":\"line\",\"valueQuantity\":{\"value\":0.10}}\nnot json\n{\"resourceType\":\"Nonsense\",\"id\":\"x\"}\n";
    zstd::stream::copy_encode(lines.as_bytes(), std::fs::File::create(files.path().join("more/Observation.ndjson.zst")).unwrap(), 1)
        .unwrap();
    archive(&files.path().join("more/examples.tar.zst"), "package/one.json", &observation("archived").to_string());

    let ehr = Ehr::start(&["--patients", "0", "--load", files.path().to_str().unwrap()]).await;
    let physician = ehr.signed_in("amara.okafor").await;
    let text = physician.get("/Observation/77aa").await.text().await.unwrap();
    for digits in ["71.10", "1.0e1", "100.000"] {
        assert!(text.contains(digits), "{digits} in {text}");
    }
    let loaded: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(loaded["subject"]["reference"], "Patient/stranger");
    assert_eq!(loaded["performer"][0]["reference"], "Practitioner/dr");
    assert!(physician.get("/Observation/line").await.text().await.unwrap().contains("0.10"));
    assert_eq!(physician.get("/Observation/archived").await.status(), StatusCode::OK);
    assert_eq!(physician.read("/Observation?patient=stranger&_total=accurate").await["total"], 1, "indexed");
    assert_eq!(physician.read("/Observation?value-quantity=71.1&_total=accurate").await["total"], 1, "numbers, too");

    let team = physician.read("/CareTeam/practice-team-stranger").await;
    assert_eq!(team["subject"]["reference"], "Patient/stranger");
    assert_eq!(team["status"], "active");

    let report: Value = serde_json::from_slice(&std::fs::read(ehr.dir().join("data/load-report.json")).unwrap()).unwrap();
    let failures: BTreeMap<&str, &str> =
        report["failures"].as_array().unwrap().iter().map(|f| (f["what"].as_str().unwrap(), f["why"].as_str().unwrap())).collect();
    assert_eq!(failures["Encounter/orphan"], "refers to something that is not there");
    assert_eq!(failures["Observation.ndjson.zst:2"], "not JSON");
    assert_eq!(failures["Nonsense/x"], "not an R4 resource");
    assert_eq!(failures.len(), 3);
}

#[tokio::test]
async fn what_is_written_keeps_its_digits_too() {
    let ehr = Ehr::start(&[]).await;
    let nurse = ehr.signed_in("lena.fischer").await;
    let body = r#"{"resourceType":"Observation","id":"d","status":"final","code":{"text":"x"},"valueQuantity":{"value":1.10}}"#;
    nurse.put_text(&observation("d"), body.to_owned()).await.unwrap();
    let bundle = format!(
        r#"{{"resourceType":"Bundle","type":"transaction","entry":[{{"resource":{},"request":{{"method":"PUT","url":"Observation/t"}}}}]}}"#,
        body.replace("\"d\"", "\"t\"")
    );
    assert_eq!(nurse.request(Method::POST, "").body(bundle).send().await.unwrap().status(), StatusCode::OK);
    for path in ["/Observation/d", "/Observation?_id=d", "/Observation/d/_history/1", "/Observation/d/_history", "/Observation/t"] {
        assert!(nurse.get(path).await.text().await.unwrap().contains("\"value\":1.10"), "{path}");
    }
}

#[tokio::test]
async fn sources_added_later_come_in_once() {
    let file = tempfile::tempdir().unwrap();
    let path = file.path().join("late.ndjson");
    let amended = |id: &str| observation(id).to_string().replace("final", "amended");
    let lines = [observation("from-file").to_string(), amended("from-file"), amended("from-file"), amended("mine")];
    std::fs::write(&path, lines.join("\n")).unwrap();
    let ehr = Ehr::start(&[]).await;
    ehr.signed_in("lena.fischer").await.put(&observation("mine")).await;
    let ehr = ehr.kill_and_start_with(&["--load", path.to_str().unwrap()]).await;
    let ehr = ehr.kill_and_start_with(&[]).await;
    let nurse = ehr.signed_in("lena.fischer").await;
    assert_eq!(nurse.read("/Observation/mine").await["status"], "final", "what was there is not overwritten");
    let amended = nurse.read("/Observation/from-file").await;
    assert_eq!((&amended["meta"]["versionId"], &amended["status"]), (&json!("2"), &json!("amended")), "both versions of the file");
    assert_eq!(nurse.read("/Observation?status=amended&_total=accurate").await["total"], 1, "indexed as it is now");
    assert_eq!(nurse.read("/Patient?_total=accurate").await["total"], 3);
    let report: Value = serde_json::from_slice(&std::fs::read(ehr.dir().join("data/load-report.json")).unwrap()).unwrap();
    assert_eq!(report["failures"], json!([{"what": "Observation/mine", "why": "something else has its id"}]));
}

/// 21,000 resources that others published come back as they went in.
#[tokio::test]
async fn shared_data_is_served_as_published() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/synthea-pipes-share-ndjson");
    if !shared.is_dir() || std::env::var_os("PRACTICE_EHR_SHARED_DATA").is_none() {
        eprintln!("skipped: needs ../shared/data and PRACTICE_EHR_SHARED_DATA=1");
        return;
    }
    let ehr = Ehr::start(&["--patients", "0", "--load", shared.to_str().unwrap()]).await;
    let counts = ehr.admin(Method::GET, "counts", json!({})).await;
    let mut physician = ehr.signed_in("amara.okafor").await;
    for entry in std::fs::read_dir(&shared).unwrap() {
        let path = entry.unwrap().path();
        let kind = path.file_name().unwrap().to_str().unwrap().split('.').next().unwrap().to_owned();
        let mut published = BTreeMap::new();
        let text = zstd::decode_all(std::fs::File::open(&path).unwrap()).unwrap();
        for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let resource: Value = serde_json::from_slice(line).unwrap();
            published.insert(resource["id"].as_str().unwrap().to_owned(), without_meta(resource));
        }
        assert!(counts[&kind].as_u64().unwrap() >= published.len() as u64, "{kind}");
        physician = ehr.signed_in("amara.okafor").await;
        for entry in physician.all(&format!("/{kind}?_count=1000")).await {
            let id = entry["resource"]["id"].as_str().unwrap();
            if let Some(expected) = published.remove(id) {
                assert!(without_meta(entry["resource"].clone()) == expected, "{kind}/{id} differs");
            }
        }
        assert!(published.is_empty(), "{kind}: {} not served", published.len());
    }
    assert_eq!(json(physician.get("/metadata").await).await["fhirVersion"], "4.0.1");
}

fn without_meta(mut resource: Value) -> Value {
    resource.as_object_mut().unwrap().remove("meta");
    resource
}

fn archive(path: &Path, member: &str, content: &str) {
    let mut tar = tar::Builder::new(zstd::Encoder::new(std::fs::File::create(path).unwrap(), 1).unwrap());
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    header.set_cksum();
    tar.append_data(&mut header, member, content.as_bytes()).unwrap();
    tar.into_inner().unwrap().finish().unwrap().flush().unwrap();
}
