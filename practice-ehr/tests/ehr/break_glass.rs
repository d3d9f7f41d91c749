//! Numbers for emergency access, and the reports that spend them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{SecondsFormat, TimeDelta, Utc};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Ehr, SignedIn, json as body};

const GRANTS: &str = "/$break-glass-grants";

async fn grants(who: &SignedIn<'_>, device: &str, count: u32) -> Vec<(String, String)> {
    let answer = who.post(GRANTS, &asks(device, count)).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let answer = body(answer).await;
    let part = |grant: &Value, name: &str| {
        let part = grant["part"].as_array().unwrap().iter().find(|part| part["name"] == name).unwrap();
        part["valueString"].as_str().unwrap().to_owned()
    };
    let grants = answer["parameter"].as_array().unwrap().iter().filter(|parameter| parameter["name"] == "grant");
    grants.map(|grant| (part(grant, "number"), part(grant, "signed"))).collect()
}

fn asks(device: &str, count: u32) -> Value {
    json!({"resourceType": "Parameters", "parameter": [
        {"name": "device", "valueString": device}, {"name": "count", "valuePositiveInt": count}]})
}

fn input(code: &str, value: Value) -> Value {
    let mut input = json!({"type": {"coding": [{"system": "urn:satchel:break-glass", "code": code}]}});
    input.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
    input
}

fn report(id: &str, who: &str, grant: Option<&(String, String)>) -> Value {
    let began = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut inputs = vec![input("began", json!({"valueDateTime": began}))];
    if let Some((number, signed)) = grant {
        inputs.push(input("number", json!({"valueString": number})));
        inputs.push(input("signed", json!({"valueString": signed})));
    }
    json!({
        "resourceType": "Task", "id": id, "status": "requested", "intent": "order",
        "code": {"coding": [{"system": "urn:satchel:task", "code": "break-glass-review"}]},
        "for": {"reference": "Patient/p1"}, "requester": {"reference": format!("Practitioner/{who}")}, "input": inputs,
    })
}

async fn worth(who: &SignedIn<'_>, task: &Value) -> String {
    let answer = who.put(task).await;
    assert!(answer.status().is_success(), "{}", answer.status());
    let id = task["id"].as_str().unwrap();
    let stored = who.read(&format!("/Task/{id}")).await;
    stored["businessStatus"]["coding"][0]["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn numbers_are_each_clinicians_own_and_an_answer_that_was_lost_costs_none() {
    let ehr = Ehr::start(&[]).await;
    let (nurse, physician) = (ehr.signed_in("lena.fischer").await, ehr.signed_in("amara.okafor").await);
    let first = grants(&nurse, "ward-3", 10).await;
    assert_eq!(first.len(), 10);
    let numbers = |grants: &[(String, String)]| grants.iter().map(|(number, _)| number.clone()).collect::<Vec<_>>();
    assert_eq!(numbers(&grants(&nurse, "ward-3", 10).await), numbers(&first), "asked again, the same");
    assert_eq!(grants(&nurse, "ward-3", 500).await.len(), 20, "no hoard");
    let others = grants(&physician, "ward-3", 2).await;
    assert!(others.iter().all(|other| !first.contains(other)));
    let claims = first[0].1.split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    assert_eq!(
        (&claims["sub"], &claims["device"], &claims["number"]),
        (&"lena-fischer".into(), &"ward-3".into(), &first[0].0.as_str().into())
    );
    assert!(claims["exp"].as_i64() > Some((Utc::now() + TimeDelta::days(6)).timestamp()));

    let billing = ehr.signed_in("priya.shah").await;
    assert_eq!(billing.post(GRANTS, &asks("ward-3", 1)).await.status(), StatusCode::FORBIDDEN, "who reads no charts breaks no glass");
    assert_eq!(nurse.post(GRANTS, &json!({})).await.status(), StatusCode::BAD_REQUEST);
    assert_eq!(nurse.get(GRANTS).await.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(ehr.open(Method::POST, GRANTS).send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_report_says_what_its_number_is_worth() {
    let ehr = Ehr::start(&[]).await;
    let (nurse, physician) = (ehr.signed_in("lena.fischer").await, ehr.signed_in("amara.okafor").await);
    let given = grants(&nurse, "ward-3", 5).await;
    assert_eq!(worth(&nurse, &report("t1", "lena-fischer", Some(&given[0]))).await, "good");
    assert_eq!(worth(&nurse, &report("t2", "lena-fischer", None)).await, "unnumbered");
    assert_eq!(worth(&nurse, &report("t3", "lena-fischer", Some(&given[0]))).await, "used-twice");
    assert_eq!(worth(&physician, &report("t4", "amara-okafor", Some(&given[1]))).await, "of-another");
    let invented = ("999999".to_owned(), given[2].1.clone());
    assert_eq!(worth(&nurse, &report("t5", "lena-fischer", Some(&invented))).await, "not-issued");
    let forged = (given[2].0.clone(), given[3].1.clone());
    assert_eq!(worth(&nurse, &report("t6", "lena-fischer", Some(&forged))).await, "not-issued", "the signature is of another number");
    let mut late = report("t7", "lena-fischer", Some(&given[2]));
    late["input"][0]["valueDateTime"] = (Utc::now() + TimeDelta::days(8)).to_rfc3339().into();
    assert_eq!(worth(&nurse, &late).await, "out-of-time");
    let mut boastful = report("t8", "lena-fischer", None);
    boastful["businessStatus"] = json!({"coding": [{"code": "good"}]});
    assert_eq!(worth(&nurse, &boastful).await, "unnumbered", "whatever it says itself");
    let left = grants(&nurse, "ward-3", 1).await;
    assert!(!left.iter().any(|grant| grant.0 == given[0].0), "what is spent is not handed out again");
}

#[tokio::test]
async fn clinicians_report_and_reviewers_judge_and_neither_does_the_others_part() {
    let ehr = Ehr::start(&[]).await;
    let nurse = ehr.signed_in("lena.fischer").await;
    let task = report("t1", "lena-fischer", None);
    assert_eq!(nurse.put(&report("t0", "amara-okafor", None)).await.status(), StatusCode::FORBIDDEN, "in another's name");
    let mut judged = task.clone();
    judged["status"] = "completed".into();
    assert_eq!(nurse.put(&judged).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(nurse.put(&task).await.status(), StatusCode::CREATED);

    // The clinician adds when it ended, and nothing else.
    let mut stored = nurse.read("/Task/t1").await;
    assert_eq!(nurse.put(&stored).await.status(), StatusCode::OK, "the same again");
    stored["input"].as_array_mut().unwrap().push(input("ended", json!({"valueDateTime": "2026-03-04T10:00:00Z"})));
    assert_eq!(nurse.put(&stored).await.status(), StatusCode::OK);
    for (name, value) in [("status", json!("completed")), ("input", json!([])), ("businessStatus", json!({"coding": [{"code": "good"}]}))] {
        let mut changed = nurse.read("/Task/t1").await;
        changed[name] = value;
        assert_eq!(nurse.put(&changed).await.status(), StatusCode::FORBIDDEN, "{name}");
    }
    let mut renamed = stored.clone();
    renamed["code"] = json!({"text": "errand"});
    assert_eq!(nurse.put(&renamed).await.status(), StatusCode::CONFLICT);

    // No way around.
    let entry = |method: &str, url: &str| json!({"resourceType": "Bundle", "type": "transaction", "entry": [{"resource": renamed, "request": {"method": method, "url": url}}]});
    assert_eq!(nurse.post("", &entry("PUT", "Task/t1")).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(nurse.post("/Task", &task).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let patch = nurse.request(Method::PATCH, "/Task/t1").header("content-type", "application/json-patch+json").body("[]");
    assert_eq!(patch.send().await.unwrap().status(), StatusCode::UNPROCESSABLE_ENTITY);

    // The officer judges, on the version seen, and leaves the report as it is.
    let officer = ehr.signed_in("miriam.adler").await;
    let seen = officer.read("/Task?code=urn:satchel:task|break-glass-review&_sort=-authored-on").await;
    assert_eq!(seen["entry"].as_array().unwrap().len(), 1);
    let mut verdict = seen["entry"][0]["resource"].clone();
    verdict["status"] = "completed".into();
    verdict["note"] = json!([{"text": "as it should be"}]);
    let mut altered = verdict.clone();
    altered["for"] = json!({"reference": "Patient/p2"});
    assert_eq!(officer.put(&altered).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(officer.put(&verdict).await.status(), StatusCode::OK);
    assert_eq!(nurse.read("/Task/t1").await["status"], "completed");
}

#[tokio::test]
async fn what_ended_without_a_word_is_named_and_what_came_back_unused_is_not() {
    let ehr = Ehr::start(&[]).await;
    let nurse = ehr.signed_in("lena.fischer").await;
    let given = grants(&nurse, "ward-3", 3).await;
    nurse.put(&report("t1", "lena-fischer", Some(&given[0]))).await;
    let mut back = asks("ward-3", 1);
    back["parameter"].as_array_mut().unwrap().push(json!({"name": "unused", "valueString": given[1].0}));
    assert_eq!(nurse.post(GRANTS, &back).await.status(), StatusCode::OK);
    let officer = ehr.signed_in("miriam.adler").await;
    let unreported = |answer: Value| answer["parameter"].as_array().map_or(0, Vec::len);
    assert_eq!(unreported(officer.read("/$break-glass-unreported").await), 0, "nothing has ended yet");
    assert_eq!(nurse.get("/$break-glass-unreported").await.status(), StatusCode::FORBIDDEN);

    // A week and a day later, as far as the numbers know.
    let db = rusqlite::Connection::open(ehr.dir().join("data/practice.db")).unwrap();
    db.execute("UPDATE break_glass_number SET expires = expires - 8 * 86400", []).unwrap();
    let named = officer.read("/$break-glass-unreported").await;
    assert_eq!(unreported(named.clone()), 1);
    assert_eq!(named["parameter"][0]["part"][0]["valueString"], given[2].0.as_str());
    assert!(grants(&nurse, "ward-3", 2).await.iter().all(|grant| !given.contains(grant)));
}
