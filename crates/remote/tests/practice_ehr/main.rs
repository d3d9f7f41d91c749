//! The drivers against the practice EHR: a real FHIR server behind TLS and SMART, with faults on demand.
//! Skipped, saying so, unless `SATCHEL_PRACTICE_EHR` names its executable.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, clippy::disallowed_methods, missing_docs)]
mod ehr;
mod memory;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{FixedOffset, Utc};
use kernel::{PatientId, RecordId, ResourceType, SystemClock};
use remote::{Command, Drive, FhirClient, Handle, Http, HttpError, OldestTls, SignInError, SignedIn, Smart, StoreError};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use sync::testing::Key;
use sync::{EntryId, Link, Settings, Settlement, Status, WhyMissing};
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::ehr::PracticeEhr;
use crate::memory::Memory;

const DOCTOR: &str = "amara.okafor";

struct Running {
    handle: Handle,
    task: JoinHandle<Result<(), StoreError>>,
    cancel: CancellationToken,
    _guard: DropGuard,
}

fn settings(who: &SignedIn) -> Settings {
    let mut settings = Settings::new(who.identity.practitioner.clone(), FixedOffset::east_opt(0).unwrap());
    settings.interval_s = 3_600;
    settings
}

fn drive(settings: Settings, client: FhirClient, store: &Arc<Memory>) -> Running {
    let (drive, handle) = Drive::new(settings, client, store.clone(), Arc::new(SystemClock));
    let cancel = CancellationToken::new();
    let task = tokio::spawn(drive.run(cancel.clone()));
    Running { handle, task, _guard: cancel.clone().drop_guard(), cancel }
}

impl Running {
    async fn until(&self, reached: impl FnMut(&Status) -> bool) -> Status {
        self.handle.status().wait_for(reached).await.unwrap().clone()
    }

    /// Looks once more and waits until that look is over.
    async fn look(&self) -> Status {
        let asked = Utc::now();
        self.handle.tell(Command::SyncNow);
        self.until(|status| status.current_as_of.is_some_and(|at| at >= asked)).await
    }

    async fn stop(self) {
        self.cancel.cancel();
        self.task.await.unwrap().unwrap();
    }
}

async fn settlement(store: &Memory, running: &Running, entry: EntryId) -> Settlement {
    let mut status = running.handle.status();
    loop {
        if let Some(outcome) = store.settlement(entry) {
            return outcome;
        }
        status.changed().await.unwrap();
    }
}

fn note(id: &str, patient: &str, text: &str) -> String {
    format!(
        r#"{{"resourceType":"DocumentReference","id":"{id}","status":"current","subject":{{"reference":"Patient/{patient}"}},"description":"{text}","content":[{{"attachment":{{"contentType":"text/plain","data":"aGVsbG8="}}}}]}}"#
    )
}

fn some_patient(store: &Memory) -> PatientId {
    store.state().vault.members.keys().next().unwrap().clone()
}

/// A doctor at work with one of the practice's patients, everything fetched.
struct Synced {
    ehr: PracticeEhr,
    who: SignedIn,
    store: Arc<Memory>,
    running: Running,
    patient: PatientId,
}

async fn synced() -> Option<Synced> {
    let ehr = PracticeEhr::start(3, &[]).await?;
    let who = ehr.sign_in(DOCTOR).await;
    let store = Arc::new(Memory::default());
    let running = drive(settings(&who), ehr.client(&who), &store);
    running.until(|status| status.current_as_of.is_some()).await;
    let patient = some_patient(&store);
    Some(Synced { ehr, who, store, running, patient })
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_tells_who_it_is() {
    let Some(ehr) = PracticeEhr::start(3, &[]).await else { return };
    let who = ehr.sign_in(DOCTOR).await;
    assert_eq!(who.identity.name.as_deref(), Some("Amara Okafor, MD"));
    assert_eq!(who.identity.practitioner.as_ref().unwrap().as_str(), "amara-okafor");
    assert_eq!(who.identity.roles, ["physician".into()]);
    let permissions = who.identity.permissions.as_ref().unwrap();
    assert!(permissions.ehr_read.iter().any(|name| &**name == "patient.*"));
    assert!(permissions.ehr_write.iter().any(|name| &**name == "progress_notes"));
    assert!(who.identity.scope.as_ref().unwrap().split(' ').any(|scope| scope == "user/*.rs"));
    assert!(who.identity.expires_at > Utc::now());
    assert!(who.tokens.refresh.is_some());
    let secret = who.tokens.access.expose();
    assert!(!format!("{who:?}").contains(secret), "tokens are redacted");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ehr_whose_authority_is_not_known_is_not_spoken_to() {
    let Some(ehr) = PracticeEhr::start(3, &[]).await else { return };
    ehr.steer(reqwest::Method::DELETE, "requests", Value::Null).await;
    let trusting_the_platform_alone = Http::new(None, OldestTls::V1_3).unwrap();
    let error = Smart::discover(trusting_the_platform_alone, ehr.address()).await.err();
    assert_eq!(error, Some(SignInError::NotTrusted));
    let requests: BTreeMap<String, u64> = serde_json::from_value(ehr.steer(reqwest::Method::GET, "requests", Value::Null).await).unwrap();
    assert!(requests.is_empty(), "{requests:?}");
    assert_eq!(Http::new(Some(b"no certificate"), OldestTls::V1_3).err(), Some(HttpError::RootCertificates));
}

/// Every record the EHR counts is here, and equal to what another client reads.
async fn assert_same(ehr: &PracticeEhr, who: &SignedIn, store: &Memory) -> usize {
    let counts: BTreeMap<String, u64> = serde_json::from_value(ehr.steer(reqwest::Method::GET, "counts", Value::Null).await).unwrap();
    let mut held: BTreeMap<String, u64> = BTreeMap::new();
    for (kind, _) in store.state().vault.held.keys() {
        *held.entry(kind.to_string()).or_default() += 1;
    }
    let expected: BTreeMap<_, _> = counts.into_iter().filter(|(kind, count)| *count > 0 && kind != "AuditEvent").collect();
    assert_eq!(held, expected);

    #[derive(serde::Deserialize)]
    struct Bundle {
        #[serde(default)]
        link: Vec<BTreeMap<String, String>>,
        #[serde(default)]
        entry: Vec<Entry>,
    }
    #[derive(serde::Deserialize)]
    struct Entry {
        resource: Box<RawValue>,
    }
    #[derive(serde::Deserialize)]
    struct Id {
        id: String,
    }
    let mut compared = 0;
    for kind in expected.keys() {
        let mut next = Some(format!("{kind}?_count=500"));
        while let Some(path) = next {
            let bundle: Bundle = serde_json::from_str(&ehr.get(who, &path).await).unwrap();
            for entry in bundle.entry {
                let id: Id = serde_json::from_str(entry.resource.get()).unwrap();
                let key: Key = (ResourceType::new(kind).unwrap(), RecordId::new(id.id).unwrap());
                let state = store.state();
                assert_eq!(&**state.vault.held[&key].body.expose(), entry.resource.get(), "{key:?}");
                compared += 1;
            }
            next = bundle.link.into_iter().find(|link| link["relation"] == "next").map(|link| link["url"].clone());
        }
    }
    compared
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_arrives_and_changes_follow() {
    let load: Vec<PathBuf> =
        std::env::var_os("SATCHEL_PRACTICE_LOAD").map(|paths| std::env::split_paths(&paths).collect()).unwrap_or_default();
    let Some(ehr) = PracticeEhr::start(8, &load).await else { return };
    let who = ehr.sign_in(DOCTOR).await;
    let store = Arc::new(Memory::default());
    let begun = std::time::Instant::now();
    let running = drive(settings(&who), ehr.client(&who), &store);
    let status = running.until(|status| status.current_as_of.is_some()).await;
    let seconds = begun.elapsed().as_secs_f32();
    assert_eq!(status.link, Link::Online);
    assert_eq!(status.progress.charts_ready, status.progress.charts_total);
    assert!(status.missing.iter().all(|missing| missing.why == WhyMissing::Forbidden), "{:?}", status.missing);
    let who = ehr.sign_in(DOCTOR).await;
    let compared = assert_same(&ehr, &who, &store).await;
    let (charts, commits) = (status.progress.charts_total, store.state().commits);
    eprintln!("{compared} records equal; {charts} charts, {commits} commits, pulled in {seconds:.1} s");

    // What others write, change and delete follows, at a constant price.
    let patient = some_patient(&store);
    ehr.put(&who, "DocumentReference/new-1", note("new-1", patient.as_str(), "one")).await;
    ehr.put(&who, "DocumentReference/new-2", note("new-2", patient.as_str(), "two")).await;
    ehr.put(&who, "DocumentReference/new-1", note("new-1", patient.as_str(), "one again")).await;
    ehr.delete(&who, "DocumentReference/new-2").await;
    let desk = ehr.sign_in("joan.whitaker").await;
    ehr.put(&desk, "Patient/late-comer", r#"{"resourceType":"Patient","id":"late-comer","name":[{"family":"Latecomer"}]}"#.into()).await;
    running.look().await;
    ehr.steer(reqwest::Method::DELETE, "requests", Value::Null).await;
    running.look().await;
    let requests: BTreeMap<String, u64> = serde_json::from_value(ehr.steer(reqwest::Method::GET, "requests", Value::Null).await).unwrap();
    assert!(requests.values().sum::<u64>() <= 4, "{requests:?}");
    assert!(store.state().vault.members[&PatientId::new("late-comer").unwrap()].complete);
    assert_same(&ehr, &who, &store).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_cut_short_resumes_where_it_was() {
    let Some(ehr) = PracticeEhr::start(8, &[]).await else { return };
    let who = ehr.sign_in(DOCTOR).await;
    let store = Arc::new(Memory::default());
    let mut small = settings(&who);
    small.page_size = 20;

    let mut lives = 0;
    loop {
        store.state().commits_left = Some(25);
        let running = drive(small.clone(), ehr.client(&who), &store);
        let mut status = running.handle.status();
        let done =
            status.wait_for(|status| status.current_as_of.is_some() || matches!(status.link, Link::Halted { .. })).await.unwrap().clone();
        lives += 1;
        if done.current_as_of.is_some() {
            break;
        }
        assert_eq!(running.task.await.unwrap(), Err(StoreError::Locked));
    }
    let committed = store.state().commits;
    assert!(lives > 3, "{lives} lives, {committed} commits");
    assert_same(&ehr, &who, &store).await;

    // In one go it takes about as many: no life began at the beginning.
    let whole = Arc::new(Memory::default());
    drive(small, ehr.client(&who), &whole).until(|status| status.current_as_of.is_some()).await;
    let in_one_go = whole.state().commits;
    assert!(committed <= in_one_go + lives * 8, "{committed} in {lives} lives, {in_one_go} in one");
}

#[tokio::test(flavor = "multi_thread")]
async fn lost_answers_never_write_twice() {
    let Some(Synced { ehr, who, store, running, patient }) = synced().await else { return };

    for (id, fault) in [
        ("kept", json!("drop_after_commit")),
        ("lost", json!("drop_before_commit")),
        ("busy", json!({"status": {"status": 503, "retry_after": 1}})),
    ] {
        ehr.post("faults", json!({"method": "PUT", "path": format!("/fhir/DocumentReference/{id}"), "times": 1, "fault": fault})).await;
        let create = store.write("DocumentReference", id, Some(&patient), &note(id, patient.as_str(), "first"));
        running.handle.tell(Command::OutboxChanged);
        assert!(matches!(settlement(&store, &running, create).await, Settlement::Acknowledged { .. }), "{id}");

        ehr.post("faults", json!({"method": "PUT", "path": format!("/fhir/DocumentReference/{id}"), "times": 1, "fault": fault})).await;
        let update = store.write("DocumentReference", id, Some(&patient), &note(id, patient.as_str(), "second"));
        running.handle.tell(Command::OutboxChanged);
        assert!(matches!(settlement(&store, &running, update).await, Settlement::Acknowledged { .. }), "{id}");

        let history: Value = serde_json::from_str(&ehr.get(&who, &format!("DocumentReference/{id}/_history")).await).unwrap();
        let texts: Vec<_> =
            history["entry"].as_array().unwrap().iter().map(|entry| entry["resource"]["description"].as_str().unwrap()).collect();
        assert_eq!(texts, ["second", "first"], "{id}: exactly once each");
    }
    let found: Value = serde_json::from_str(&ehr.get(&who, &format!("DocumentReference?patient={patient}&_count=500")).await).unwrap();
    let ours = found["entry"].as_array().unwrap().iter().filter(|entry| entry["resource"]["description"] == "second").count();
    assert_eq!(ours, 3);
    assert!(store.state().vault.outbox.is_empty());
    assert!(store.state().sendings >= 8, "each attempt is noted first");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_edit_is_a_conflict_and_what_builds_on_it_waits() {
    let Some(Synced { ehr, who, store, running, patient }) = synced().await else { return };
    let write = |id: &str, text: &str| store.write("DocumentReference", id, Some(&patient), &note(id, patient.as_str(), text));

    // Three edits before anything is sent go out one after the other.
    let edits = [write("n", "1"), write("n", "2"), write("n", "3")];
    running.handle.tell(Command::OutboxChanged);
    for edit in edits {
        assert!(matches!(settlement(&store, &running, edit).await, Settlement::Acknowledged { .. }));
    }

    ehr.put(&who, "DocumentReference/n", note("n", patient.as_str(), "a stranger's")).await;
    let (ours, after, other) = (write("n", "4"), write("n", "5"), write("unrelated", "u"));
    running.handle.tell(Command::OutboxChanged);
    let Settlement::Conflict(Some(theirs)) = settlement(&store, &running, ours).await else { panic!("no conflict") };
    assert!(theirs.body.expose().contains("a stranger's"));
    assert!(matches!(settlement(&store, &running, other).await, Settlement::Acknowledged { .. }));
    assert!(store.settlement(after).is_none(), "it builds on what is in conflict");

    // What the EHR will not take is refused with a reason, and says so.
    let bad = store.write("DocumentReference", "bad", Some(&patient), r#"{"resourceType":"DocumentReference","id":"another"}"#);
    let forbidden = store.write("Practitioner", "quack", None, r#"{"resourceType":"Practitioner","id":"quack"}"#);
    running.handle.tell(Command::OutboxChanged);
    assert!(matches!(settlement(&store, &running, bad).await, Settlement::Rejected(sync::Rejection::Validation)));
    assert!(matches!(settlement(&store, &running, forbidden).await, Settlement::Rejected(sync::Rejection::Forbidden)));
    let status = running.until(|status| status.outbox.stuck == 3).await;
    assert_eq!(status.outbox.waiting, 1);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn away_and_back_and_signed_out_and_in() {
    let Some(ehr) = PracticeEhr::start(3, &[]).await else { return };
    let who = ehr.sign_in(DOCTOR).await;
    let store = Arc::new(Memory::default());
    let client = ehr.client(&who);
    let session = client.session().clone();
    let running = drive(settings(&who), client, &store);
    running.until(|status| status.current_as_of.is_some()).await;
    let patient = some_patient(&store);

    // Away: nothing is lost, and all of it goes when the EHR is back.
    ehr.post("offline", Value::Null).await;
    let entry = store.write("DocumentReference", "away", Some(&patient), &note("away", patient.as_str(), "written away"));
    running.handle.tell(Command::OutboxChanged);
    running.until(|status| matches!(status.link, Link::Offline { .. })).await;
    assert!(store.settlement(entry).is_none());
    ehr.post("online", Value::Null).await;
    running.handle.tell(Command::SyncNow);
    assert!(matches!(settlement(&store, &running, entry).await, Settlement::Acknowledged { .. }));

    // The token ends: a fresh one is got and kept without a word.
    ehr.post("tokens/expire", Value::Null).await;
    running.look().await;
    let kept = store.state().tokens.clone().unwrap();
    assert_ne!(kept.refresh, who.tokens.refresh, "rotated");
    assert_eq!(session.renewed().borrow().as_ref().unwrap().subject, who.identity.subject);

    // The session ends: a person must sign in; work goes on meanwhile.
    ehr.post("sessions/end", Value::Null).await;
    ehr.post("tokens/expire", Value::Null).await;
    let entry = store.write("DocumentReference", "out", Some(&patient), &note("out", patient.as_str(), "signed out"));
    running.handle.tell(Command::OutboxChanged);
    running.until(|status| matches!(status.link, Link::SignInNeeded { .. })).await;
    assert!(store.settlement(entry).is_none());
    session.replace(ehr.sign_in(DOCTOR).await.tokens);
    running.handle.tell(Command::SignedIn);
    assert!(matches!(settlement(&store, &running, entry).await, Settlement::Acknowledged { .. }));
    running.until(|status| status.link == Link::Online).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_stamped_before_others_and_seen_after_them_arrives() {
    let Some(Synced { ehr, who, store, running, patient }) = synced().await else { return };

    ehr.post("faults", json!({"method": "PUT", "path": "/fhir/DocumentReference/early", "times": 1, "fault": "hold"})).await;
    let early = ehr.put(&who, "DocumentReference/early", note("early", patient.as_str(), "stamped first"));
    let others = async {
        while ehr.steer(reqwest::Method::GET, "held", Value::Null).await.as_array().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        ehr.put(&who, "DocumentReference/later", note("later", patient.as_str(), "stamped second")).await;
        running.look().await;
        assert!(holds(&store, "later") && !holds(&store, "early"));
        ehr.post("held/release", Value::Null).await;
    };
    tokio::join!(early, others);
    running.look().await;
    assert!(holds(&store, "early"), "the overlap finds it");
    running.stop().await;
}

fn holds(store: &Memory, id: &str) -> bool {
    let key = (ResourceType::new("DocumentReference").unwrap(), RecordId::new(id).unwrap());
    store.state().vault.held.contains_key(&key)
}

#[tokio::test(flavor = "multi_thread")]
async fn audit_events_are_posted() {
    let Some(ehr) = PracticeEhr::start(3, &[]).await else { return };
    let who = ehr.sign_in(DOCTOR).await;
    let event = json!({
        "resourceType": "AuditEvent", "id": "e1", "recorded": "2026-01-02T03:04:05Z",
        "type": {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "110110"},
        "agent": [{"requestor": true, "who": {"reference": "Practitioner/amara-okafor"}}],
        "source": {"observer": {"display": "workstation"}}
    });
    let bundle = json!({"resourceType": "Bundle", "type": "batch",
        "entry": [{"resource": event, "request": {"method": "POST", "url": "AuditEvent"}}]});
    let client = ehr.client(&who);
    for _ in 0..2 {
        let statuses = client.post_audit(bundle.to_string()).await.unwrap();
        assert!(matches!(statuses[..], [200 | 201]), "{statuses:?}");
    }
    let counts = ehr.steer(reqwest::Method::GET, "counts", Value::Null).await;
    assert_eq!(counts["AuditEvent"], 1);
}
