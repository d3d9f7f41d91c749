//! The use-cases together, as a shift runs through them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use kernel::{DraftId, ErrorCode, UserId};
use keys::{Passphrase, SecretStore as _, StoreError};

use crate::problem::Problem;
use crate::state::Desk;
use crate::test_host::{PASSPHRASE, PATIENT, STRANGER, TEAM, TestHost, patient, stranger};
use crate::view::{BreakGlassRequest, LockReason, SaveDraft, Stage};

fn code<T>(done: Result<T, Problem>) -> ErrorCode {
    match done {
        Ok(_) => panic!("should have been refused"),
        Err(problem) => problem.code(),
    }
}

fn save(test: &TestHost, draft: &str, patient: &str, text: &str, revision: u32) -> Result<u32, Problem> {
    let request = SaveDraft { patient: patient.into(), draft: draft.into(), text: text.into(), caret: 3, revision };
    crate::save_draft(&test.host, request).map(|saved| saved.revision)
}

fn glass(patient: &str, passphrase: &str, reason: &str, text: &str) -> BreakGlassRequest {
    BreakGlassRequest { patient: patient.into(), passphrase: passphrase.into(), reason: reason.into(), text: text.into() }
}

#[test]
fn first_run_to_open_to_locked_to_open() {
    let test = TestHost::new();
    assert!(matches!(crate::stage(&test.host).unwrap(), Stage::FirstRun { .. }));
    assert_eq!(code(crate::search_patients(&test.host, "x")), ErrorCode::Locked);
    test.enrol("physician", &["patient.*"], &["progress_notes"]);
    assert!(matches!(crate::stage(&test.host).unwrap(), Stage::Open { .. }));
    test.host.lock();
    assert!(matches!(crate::stage(&test.host).unwrap(), Stage::Locked { reason: Some(LockReason::Asked), .. }));
    assert_eq!(code(crate::open_chart(&test.host, &patient())), ErrorCode::Locked);
    let view = test.unlock();
    assert_eq!(view.user.role, "physician");
}

#[test]
fn a_second_vault_is_never_made() {
    let test = TestHost::open();
    assert_eq!(code(crate::enrol(&test.host, &Passphrase::new(PASSPHRASE))), ErrorCode::AlreadyEnrolled);
    let test = test.restart();
    test.sign_in("dr-2", "physician", &["patient.*"], &[]);
    assert_eq!(code(crate::enrol(&test.host, &Passphrase::new(PASSPHRASE))), ErrorCode::AlreadyEnrolled);
    test.unlock();
}

const COLLEAGUE: &str = "seven grey herons at the weir";

fn unlock_as(test: &TestHost, user: &str, passphrase: &str) -> Result<crate::view::DeskView, Problem> {
    crate::unlock(&test.host, &UserId::new(user).unwrap(), &Passphrase::new(passphrase))
}

#[test]
fn a_colleague_joins_and_both_unlock_without_a_network_each_to_their_own_desk() {
    let test = TestHost::open();
    test.receive(&[PATIENT, TEAM]);
    let draft = crate::start_note(&test.host, &patient(), "11506-3").unwrap();
    save(&test, &draft.draft, "pat-1", "Ada's words", draft.revision).unwrap();
    crate::keep_memory(&test.host, "first").unwrap();
    test.sign_in("rn-2", "nurse", &["patient.*"], &["vitals"]);
    crate::join(&test.host, &Passphrase::new(COLLEAGUE), None).unwrap();
    let Stage::Locked { users, .. } = crate::stage(&test.host).unwrap() else { panic!("joining locks") };
    assert_eq!(users.iter().map(|user| user.user.as_str()).collect::<Vec<_>>(), ["dr-1", "rn-2"]);

    let desk = unlock_as(&test, "rn-2", COLLEAGUE).unwrap();
    assert_eq!((desk.user.role.as_str(), desk.memory, desk.sync.waiting.drafts), ("nurse", None, 0));
    assert!(desk.lease_until.is_some(), "the sign-in that brought the nurse here counts");
    crate::keep_memory(&test.host, "second").unwrap();

    // The program ends; nobody signs in at the EHR again.
    let test = test.restart();
    assert_eq!(code(unlock_as(&test, "rn-2", PASSPHRASE)), ErrorCode::WrongPassphrase);
    assert_eq!(code(unlock_as(&test, "dr-1", COLLEAGUE)), ErrorCode::WrongPassphrase);
    let desk = unlock_as(&test, "rn-2", COLLEAGUE).unwrap();
    assert_eq!((desk.memory.as_deref(), desk.lease_until.is_some()), (Some("second"), true));
    test.host.lock();
    let desk = unlock_as(&test, "dr-1", PASSPHRASE).unwrap();
    assert_eq!((desk.memory.as_deref(), desk.sync.waiting.drafts), (Some("first"), 1));
    assert_eq!(crate::open_chart(&test.host, &patient()).unwrap().drafts[0].text, "Ada's words");
    assert!(crate::audit_verify(&test.host).unwrap().intact);
}

#[test]
fn nobody_joins_without_a_sign_in_twice_or_with_a_weak_passphrase() {
    let test = TestHost::open();
    let keys = || std::fs::read(test.folder().join("vault/keys.json")).unwrap();
    let before = keys();
    let join = |passphrase: &str| crate::join(&test.host, &Passphrase::new(passphrase), None);
    assert_eq!(code(join(COLLEAGUE)), ErrorCode::SignInNeeded);
    test.sign_in("dr-1", "physician", &["patient.*"], &[]);
    assert_eq!(code(join(COLLEAGUE)), ErrorCode::AlreadyEnrolled);
    test.sign_in("rn-2", "nurse", &["patient.*"], &[]);
    assert_eq!(code(join("short")), ErrorCode::WeakPassphrase);
    test.ring.fail(Some(StoreError::Locked));
    assert_eq!(code(join(COLLEAGUE)), ErrorCode::KeyringLocked);
    test.ring.fail(None);
    assert_eq!(keys(), before);
    assert!(matches!(crate::stage(&test.host).unwrap(), Stage::Open { .. }), "whoever is working goes on");
    join(COLLEAGUE).unwrap();
    assert_eq!(code(join(COLLEAGUE)), ErrorCode::SignInNeeded);
}

#[test]
fn after_unlock_sync_is_not_said_to_need_a_sign_in_or_never_to_have_been() {
    let test = TestHost::open();
    test.receive(&[PATIENT, TEAM]);
    test.host.lock();
    let sync = test.unlock().sync;
    assert_eq!(sync.connection, crate::view::Connection::Unknown, "not tried yet");
    assert!(sync.last_success.is_some());
}

#[test]
fn what_was_fetched_under_other_grants_is_fetched_anew() {
    let test = TestHost::open();
    test.receive(&[PATIENT, TEAM]);
    let store = |test: &TestHost| {
        let Desk::Open(open) = &*test.host.desk() else { panic!("locked") };
        crate::sync_work::SyncStore::new(&test.host, open.ends.child_token())
    };
    let checkpoint = |test: &TestHost| remote::Store::restore(&store(test)).unwrap().checkpoint;
    assert!(checkpoint(&test).is_some());
    test.host.lock();
    test.unlock();
    assert!(checkpoint(&test).is_some(), "goes on where it was");
    test.host.lock();
    test.sign_in("dr-1", "physician", &["patient.demographics", "patient.allergies"], &[]);
    test.unlock();
    assert!(checkpoint(&test).is_none());
}

#[test]
fn a_changed_passphrase_opens_and_the_old_one_no_longer_does() {
    let test = TestHost::open();
    crate::keep_memory(&test.host, "tabs").unwrap();
    let change = |old: &str, new: &str| crate::change_passphrase(&test.host, &Passphrase::new(old), &Passphrase::new(new));
    assert_eq!(code(change(COLLEAGUE, "a quite different one")), ErrorCode::WrongPassphrase);
    assert_eq!(code(change(PASSPHRASE, "short")), ErrorCode::WeakPassphrase);
    change(PASSPHRASE, COLLEAGUE).unwrap();
    let test = test.restart();
    assert_eq!(code(unlock_as(&test, "dr-1", PASSPHRASE)), ErrorCode::WrongPassphrase);
    assert_eq!(unlock_as(&test, "dr-1", COLLEAGUE).unwrap().memory.as_deref(), Some("tabs"));
    assert!(crate::audit_verify(&test.host).unwrap().intact);
}

#[test]
fn a_colleagues_sign_in_that_was_not_used_is_nobodys_to_use_later() {
    let test = TestHost::open();
    let join = || crate::join(&test.host, &Passphrase::new(COLLEAGUE), None);
    test.sign_in("rn-2", "nurse", &["patient.*"], &[]);
    crate::cancel_sign_in(&test.host);
    assert_eq!(code(join()), ErrorCode::SignInNeeded, "the colleague went away");
    test.sign_in("rn-2", "nurse", &["patient.*"], &[]);
    test.host.lock();
    test.unlock();
    assert_eq!(code(join()), ErrorCode::SignInNeeded, "a lock ends it");
    test.sign_in("rn-2", "nurse", &["patient.*"], &[]);
    test.clock.pass(16 * 60);
    assert_eq!(code(join()), ErrorCode::Locked, "the deadline comes first");
    test.unlock();
    assert_eq!(code(join()), ErrorCode::SignInNeeded);
}

#[test]
fn what_the_ehr_gave_one_clinician_is_not_called_whole_for_another() {
    let test = TestHost::open();
    let team = TEAM.replace("]}", r#",{"member":{"reference":"Practitioner/rn-2"}}]}"#);
    test.receive(&[PATIENT, &team]);
    assert!(crate::open_chart(&test.host, &patient()).unwrap().chart.as_of.is_some());
    test.sign_in("rn-2", "nurse", &["patient.*"], &[]);
    crate::join(&test.host, &Passphrase::new(COLLEAGUE), None).unwrap();
    let desk = unlock_as(&test, "rn-2", COLLEAGUE).unwrap();
    assert_eq!(desk.sync.last_success, None);
    assert_eq!(crate::open_chart(&test.host, &patient()).unwrap().chart.as_of, None);
}

#[test]
fn keyring_trouble_is_named_and_recreates_nothing() {
    let test = TestHost::open().restart();
    let before = std::fs::read(test.folder().join("vault/keys.json")).unwrap();
    let unlock = |test: &TestHost| crate::unlock(&test.host, &UserId::new("dr-1").unwrap(), &Passphrase::new(PASSPHRASE));
    for (trouble, expected) in [(StoreError::Absent, ErrorCode::KeyringAbsent), (StoreError::Locked, ErrorCode::KeyringLocked)] {
        test.ring.fail(Some(trouble));
        assert_eq!(code(unlock(&test)), expected);
    }
    test.ring.fail(None);
    unlock(&test).unwrap();
    test.host.lock();
    test.ring.entry(keys::SecretName::Device).delete().unwrap();
    assert_eq!(code(unlock(&test)), ErrorCode::KeyringEmptied);
    assert_eq!(std::fs::read(test.folder().join("vault/keys.json")).unwrap(), before);
}

#[test]
fn wrong_passphrases_wait_longer_and_longer_even_across_a_restart() {
    let mut test = TestHost::open();
    test.host.lock();
    let wrong = |test: &TestHost| crate::unlock(&test.host, &UserId::new("dr-1").unwrap(), &Passphrase::new("not this one at all"));
    for _ in 0..3 {
        assert_eq!(code(wrong(&test)), ErrorCode::WrongPassphrase);
    }
    let mut waited = Vec::new();
    for _ in 0..4 {
        test = test.restart();
        let problem = match wrong(&test) {
            Err(Problem::SoftLocked { seconds }) => seconds,
            other => panic!("expected to wait, got {:?}", other.map(|_| ()).map_err(Problem::code)),
        };
        waited.push(problem);
        test.clock.pass(u64::from(problem));
        assert_eq!(code(wrong(&test)), ErrorCode::WrongPassphrase);
    }
    assert!(waited.is_sorted() && waited.first() < waited.last(), "{waited:?}");
    test.clock.pass(1000);
    test.unlock();
    let verified = crate::audit_verify(&test.host).unwrap();
    assert!(verified.intact);
    let found = test.host.work(|open, _, origin| {
        open.vault.transact(origin, |tx| {
            let gate = access::Gate::new().unwrap();
            let officer = access::Permissions { ehr_read: vec!["audit.*".into()], ..access::Permissions::default() };
            let user = access::User::new(open_user(), kernel::PractitionerId::new("dr-1").unwrap(), "privacy_officer".into(), &officer);
            let permit = access::admit::<access::ReadAudit, _>(&gate, tx, &user, access::Target::workstation())?;
            Ok::<_, Problem>(tx.audit_entries(&permit, &audit::Filter::default(), 100)?)
        })
    });
    let failed = found.unwrap().into_iter().flatten().filter(|entry| entry.action == audit::Action::UnlockFailed).count();
    assert_eq!(failed, 11, "seven wrong passphrases and four refusals to try");
}

fn open_user() -> UserId {
    UserId::new("dr-1").unwrap()
}

#[test]
fn no_answer_after_the_deadline_and_a_warning_before() {
    let test = TestHost::open();
    test.receive(&[PATIENT, TEAM]);
    test.clock.pass(14 * 60 + 5);
    test.host.lock_if_due(Some(14 * 60 * 1000 + 5000));
    assert!(test.heard.0.lock().unwrap().iter().any(|said| said.starts_with("warning Some(")));
    test.clock.pass(56);
    assert_eq!(code(crate::open_chart(&test.host, &patient())), ErrorCode::Locked);
    assert!(test.heard.0.lock().unwrap().contains(&"locked Idle".to_owned()));
}

#[test]
fn a_draft_survives_lock_and_kill_with_text_and_caret() {
    let test = TestHost::open();
    test.receive(&[PATIENT, TEAM]);
    let draft = crate::start_note(&test.host, &patient(), "11506-3").unwrap();
    let saved = save(&test, &draft.draft, "pat-1", "Seen for follow-up – žluťoučký 患者", draft.revision).unwrap();
    crate::keep_memory(&test.host, "{\"tabs\":[\"pat-1\"]}").unwrap();
    let test = test.restart();
    let desk = test.unlock();
    assert_eq!(desk.memory.as_deref(), Some("{\"tabs\":[\"pat-1\"]}"));
    let opened = crate::open_chart(&test.host, &patient()).unwrap();
    assert_eq!(opened.drafts.len(), 1);
    assert_eq!(
        (opened.drafts[0].text.as_str(), opened.drafts[0].caret, opened.drafts[0].revision),
        ("Seen for follow-up – žluťoučký 患者", 3, saved)
    );
}

#[test]
fn a_signed_note_is_local_only_until_acknowledged() {
    let test = TestHost::open();
    test.receive(&[PATIENT, TEAM]);
    let draft = crate::start_note(&test.host, &patient(), "11506-3").unwrap();
    let id = DraftId::parse(&draft.draft).unwrap();
    assert_eq!(code(crate::sign_note(&test.host, &patient(), id, draft.revision, None)), ErrorCode::EmptyNote);
    let saved = save(&test, &draft.draft, "pat-1", "Stable.", draft.revision).unwrap();
    assert_eq!(code(crate::sign_note(&test.host, &patient(), id, saved - 1, None)), ErrorCode::DraftConflict);
    let signed = crate::sign_note(&test.host, &patient(), id, saved, None).unwrap();
    assert!(test.heard.0.lock().unwrap().contains(&"sync 1".to_owned()), "the screen hears at once that something waits");
    let opened = crate::open_chart(&test.host, &patient()).unwrap();
    assert!(opened.drafts.is_empty());
    let row = opened.chart.documents.iter().find(|row| row.source.id == signed.id).unwrap();
    assert_eq!(row.source.state, chart::view::RecordState::LocalOnly);
    let note = crate::open_document(&test.host, &patient(), "DocumentReference", &signed.id).unwrap();
    assert_eq!(note.text.as_deref(), Some("Stable."));
    assert_eq!(crate::outbox(&test.host).unwrap().len(), 1);
}

#[test]
fn nothing_goes_into_the_wrong_chart() {
    let test = TestHost::open();
    let other_team = TEAM.replace("team-1", "team-2").replace("pat-1", "pat-2");
    test.receive(&[PATIENT, TEAM, STRANGER, &other_team]);
    let draft = crate::start_note(&test.host, &patient(), "11506-3").unwrap();
    assert_eq!(code(save(&test, &draft.draft, "pat-2", "for whom?", draft.revision)), ErrorCode::WrongPatient);
    let id = DraftId::parse(&draft.draft).unwrap();
    assert_eq!(code(crate::sign_note(&test.host, &stranger(), id, draft.revision, None)), ErrorCode::WrongPatient);
    assert_eq!(code(crate::discard_draft(&test.host, &stranger(), id)), ErrorCode::WrongPatient);
    assert_eq!(save(&test, &draft.draft, "pat-1", "for her", draft.revision).unwrap(), draft.revision + 1);
}

#[test]
fn strangers_open_by_break_glass_for_an_hour() {
    let test = TestHost::open();
    test.receive(&[PATIENT, TEAM, STRANGER]);
    assert_eq!(code(crate::open_chart(&test.host, &stranger())), ErrorCode::BreakGlassRequired);
    let ask = |request| crate::break_glass(&test.host, request);
    assert_eq!(code(ask(glass("pat-2", "not this one at all", "ETREAT", "unconscious in the hall"))), ErrorCode::WrongPassphrase);
    assert_eq!(code(ask(glass("pat-2", PASSPHRASE, "WHIM", "unconscious in the hall"))), ErrorCode::BreakGlassReason);
    assert_eq!(code(ask(glass("pat-2", PASSPHRASE, "ETREAT", "x"))), ErrorCode::BreakGlassReason);
    assert_eq!(code(crate::open_chart(&test.host, &stranger())), ErrorCode::BreakGlassRequired);
    let granted = ask(glass("pat-2", PASSPHRASE, "ETREAT", "unconscious in the hall")).unwrap();
    assert_eq!(granted.seconds_left, 3600);
    let opened = crate::open_chart(&test.host, &stranger()).unwrap();
    assert_eq!(opened.break_glass.unwrap().reason, "ETREAT");
    assert_eq!(code(crate::chart_records(&test.host, &stranger())), ErrorCode::Forbidden, "shown, not exported");
    for _ in 0..5 {
        test.clock.pass(12 * 60);
        test.host.activity();
    }
    assert_eq!(code(crate::open_chart(&test.host, &stranger())), ErrorCode::BreakGlassRequired);
}

#[test]
fn restricted_labels_ask_for_break_glass() {
    let test = TestHost::open();
    let label = r#""meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]},"#;
    let restricted = PATIENT.replace(r#""id":"pat-1","#, &format!(r#""id":"pat-1",{label}"#));
    test.receive(&[&restricted, TEAM]);
    assert_eq!(code(crate::open_chart(&test.host, &patient())), ErrorCode::BreakGlassRequired);
    assert!(crate::search_patients(&test.host, "okonkwo").unwrap().rows[0].restricted);

    let test = TestHost::open();
    let condition =
        format!(r#"{{"resourceType":"Condition","id":"c-1",{label}"subject":{{"reference":"Patient/pat-1"}},"code":{{"text":"Secret"}}}}"#);
    test.receive(&[PATIENT, TEAM, &condition]);
    let opened = crate::open_chart(&test.host, &patient()).unwrap();
    assert_eq!((opened.chart.withheld, opened.chart.problems.len()), (1, 0));
    crate::break_glass(&test.host, glass("pat-1", PASSPHRASE, "ETREAT", "unconscious in the hall")).unwrap();
    let opened = crate::open_chart(&test.host, &patient()).unwrap();
    assert_eq!((opened.chart.withheld, opened.chart.problems.len()), (0, 1));
}

#[test]
fn an_expired_lease_leaves_break_glass_alone() {
    let test = TestHost::open();
    test.receive(&[PATIENT, TEAM]);
    test.host.lock();
    test.clock.pass(25 * 3600);
    let desk = test.unlock();
    assert_eq!(desk.lease_until, None);
    assert_eq!(code(crate::open_chart(&test.host, &patient())), ErrorCode::BreakGlassRequired);
    crate::break_glass(&test.host, glass("pat-1", PASSPHRASE, "ETREAT", "unconscious in the hall")).unwrap();
    crate::open_chart(&test.host, &patient()).unwrap();
    test.host.lock();
    test.sign_in("dr-1", "physician", &["patient.*"], &["progress_notes"]);
    assert!(test.unlock().lease_until.is_some());
    crate::start_note(&test.host, &patient(), "11506-3").unwrap();
}

#[test]
fn permissions_that_end_while_the_desk_is_open_leave_break_glass_alone() {
    let test = TestHost::open();
    test.receive(&[PATIENT, TEAM]);
    test.host.lock();
    let until = test.host.now().wall + chrono::TimeDelta::minutes(10);
    let granted = access::Permissions {
        ehr_read: vec!["patient.*".into()],
        ehr_write: vec!["progress_notes".into()],
        until: Some(until),
        ..access::Permissions::default()
    };
    test.sign_in_with("dr-1", "physician", granted);
    assert_eq!(test.unlock().lease_until.as_deref(), Some("2026-03-02T08:10:00Z"), "not a day");
    crate::open_chart(&test.host, &patient()).unwrap();
    test.clock.pass(10 * 60);
    assert_eq!(code(crate::open_chart(&test.host, &patient())), ErrorCode::BreakGlassRequired);
    crate::break_glass(&test.host, glass("pat-1", PASSPHRASE, "ETREAT", "unconscious in the hall")).unwrap();
    crate::open_chart(&test.host, &patient()).unwrap();
    let test = test.restart();
    assert_eq!(test.unlock().lease_until, None, "nor after a restart");
}

#[test]
fn scopes_bound_what_a_chart_shows_even_of_what_is_held_here() {
    let test = TestHost::new();
    let granted = |scope: &str| access::Permissions {
        ehr_read: vec!["patient.*".into()],
        ehr_write: vec!["progress_notes".into()],
        scope: Some(scope.into()),
        ..access::Permissions::default()
    };
    test.sign_in("dr-1", "physician", &[], &[]);
    test.sign_in_with("dr-1", "physician", granted("openid user/*.rs user/DocumentReference.cru"));
    crate::enrol(&test.host, &Passphrase::new(PASSPHRASE)).unwrap();
    let problem = r#"{"resourceType":"Condition","id":"c-1","subject":{"reference":"Patient/pat-1"},"code":{"text":"Asthma"}}"#;
    test.receive(&[PATIENT, TEAM, problem]);
    assert_eq!(crate::open_chart(&test.host, &patient()).unwrap().chart.problems.len(), 1);
    crate::start_note(&test.host, &patient(), "11506-3").unwrap();
    test.host.lock();
    test.sign_in_with("dr-1", "physician", granted("openid user/Patient.rs user/AllergyIntolerance.rs"));
    test.unlock();
    assert_eq!(crate::open_chart(&test.host, &patient()).unwrap().chart.problems.len(), 0);
    assert_eq!(code(crate::start_note(&test.host, &patient(), "11506-3")), ErrorCode::Forbidden);
}

#[test]
fn billing_sees_no_notes_and_writes_none() {
    let test = TestHost::new();
    test.enrol("billing", &["patient.demographics", "patient.claims"], &["claims"]);
    let note = r#"{"resourceType":"DocumentReference","id":"d-1","status":"current","subject":{"reference":"Patient/pat-1"},"content":[{"attachment":{"contentType":"text/plain","data":"aGVsbG8="}}]}"#;
    test.receive(&[PATIENT, TEAM, note]);
    let opened = crate::open_chart(&test.host, &patient()).unwrap();
    assert!(opened.chart.documents.is_empty());
    assert_eq!(code(crate::open_document(&test.host, &patient(), "DocumentReference", "d-1")), ErrorCode::NotFound);
    assert_eq!(code(crate::start_note(&test.host, &patient(), "11506-3")), ErrorCode::Forbidden);
    assert_eq!(code(crate::audit_recent(&test.host, &crate::view::AuditQuery::default())), ErrorCode::Forbidden);
}

#[test]
fn a_patients_hours_are_replayed_with_their_states_and_the_chain_exported_in_every_form() {
    use crate::{AuditForm, AuditReplay, ReplayOf};
    let test = TestHost::new();
    test.enrol("physician", &["patient.*", "audit.*"], &["progress_notes"]);
    test.receive(&[PATIENT, TEAM]);
    let begun = test.host.now().wall;
    let draft = crate::start_note(&test.host, &patient(), "11506-3").unwrap();
    test.clock.pass(120);
    save(&test, &draft.draft, "pat-1", "the first words", draft.revision).unwrap();
    test.clock.pass(120);
    crate::open_chart(&test.host, &patient()).unwrap();
    let replay = |of, from, until| {
        let rows = crate::replay_audit(&test.host, &AuditReplay { of, from, until, limit: 100 }).unwrap();
        assert!(rows.windows(2).all(|pair| pair[0].sequence < pair[1].sequence), "in the order it was done");
        rows
    };
    let minutes = |n| Some(begun + chrono::TimeDelta::minutes(n));
    let actions = |rows: &[crate::view::AuditRow]| rows.iter().map(|row| row.action.clone()).collect::<Vec<_>>();
    let hours = replay(ReplayOf::Patient(patient()), minutes(0), minutes(3));
    assert_eq!(actions(&hours), ["write_draft", "write_draft"]);
    assert_eq!(actions(&replay(ReplayOf::Patient(patient()), minutes(3), None)), ["read_chart"]);
    let user = |id: &str| ReplayOf::User(UserId::new(id).unwrap());
    assert!(replay(user("dr-1"), minutes(0), None).len() > 3 && replay(user("dr-2"), None, None).is_empty());

    let states = crate::audit_state(&test.host, hours[1].sequence.into()).unwrap();
    assert_eq!((states.before.standing, states.after.standing), ("open", "open"));
    assert!(states.after.text.unwrap().contains("the first words"));
    assert_eq!(code(crate::audit_state(&test.host, 1_000_000)), ErrorCode::NotFound);
    let looked = replay(ReplayOf::Patient(patient()), minutes(4), None).pop().unwrap();
    assert_eq!((looked.action.as_str(), looked.detail), ("read_audit", Some(format!("states of entry {}", hours[1].sequence))));

    for form in [AuditForm::Ndjson, AuditForm::Balp, AuditForm::Csv] {
        let leave = crate::begin_audit_export(&test.host, None).unwrap();
        let page = crate::export_audit(&test.host, &leave, form, 1).unwrap();
        let lines = page.records.lines().count();
        assert_eq!((lines, page.last), (page.links as usize + usize::from(form == AuditForm::Csv), u64::from(page.links)), "{form:?}");
        let rest = crate::export_audit(&test.host, &leave, form, page.last + 1).unwrap();
        assert_eq!((rest.records.lines().count(), rest.links), (1, 1), "the record of the export itself, and no second header");
        let device = ["\"device\":{\"id\":", "urn:satchel:workstation", "Linux"];
        assert!(device.iter().any(|word| rest.records.contains(word)), "{}", rest.records);
    }
    assert!(crate::audit_verify(&test.host).unwrap().intact);
}

#[test]
fn whoever_may_not_read_the_chain_sees_no_states() {
    let test = TestHost::open();
    assert_eq!(code(crate::audit_state(&test.host, 1)), ErrorCode::Forbidden);
    let leave = crate::begin_audit_export(&test.host, None).unwrap();
    assert_eq!(code(crate::export_audit(&test.host, &leave, crate::AuditForm::Csv, 1).map(drop)), ErrorCode::Forbidden);
}

#[test]
fn search_finds_what_a_page_brought_and_schedule_shows_today() {
    let test = TestHost::open();
    let appointment = r#"{"resourceType":"Appointment","id":"a-1","status":"booked","start":"2026-03-02T09:20:00Z","end":"2026-03-02T09:40:00Z","participant":[{"actor":{"reference":"Patient/pat-1"},"status":"accepted"},{"actor":{"reference":"Practitioner/dr-1"},"status":"accepted"}]}"#;
    test.receive(&[PATIENT, STRANGER, appointment]);
    let found = crate::search_patients(&test.host, "okonk").unwrap();
    assert_eq!((found.total, found.searched, found.rows[0].patient.as_str()), (1, 2, "pat-1"));
    assert_eq!(crate::search_patients(&test.host, "asa lindq").unwrap().total, 1);
    let schedule = crate::schedule_today(&test.host).unwrap();
    assert_eq!(schedule.rows.len(), 1);
    assert!(schedule.rows[0].mine);
    let test = test.restart();
    test.unlock();
    assert_eq!(crate::search_patients(&test.host, "okonk").unwrap().total, 1, "the index is built anew from the vault");
    crate::open_chart(&test.host, &patient()).unwrap();
}
