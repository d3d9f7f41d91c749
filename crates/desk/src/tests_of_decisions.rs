//! Every command of the window leaves the decision it needs in the audit chain, or stands on a short list with its reason.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use std::collections::BTreeSet;

use access::{Gate, Permissions, ReadAudit, Target, User, admit};
use audit::{Action, Filter};
use kernel::{DraftId, PractitionerId, UserId};
use keys::Passphrase;

use crate::problem::Problem;
use crate::test_host::{PASSPHRASE, PATIENT, TEAM, TestHost, patient};
use crate::view::{AuditQuery, BreakGlassRequest, ClearQuarantineRequest, JudgeReview, ReviewQuery, SaveDraft};

/// Commands that show and change nothing of a patient's, and why they are free.
const FREE: &[(&str, &str)] = &[
    ("choose_ehr", "asks an address what it is; there is no vault yet"),
    ("sign_in", "the EHR decides; what it brings is kept at enrolment or unlock"),
    ("cancel_sign_in", "stops waiting for the browser"),
    ("sign_in_again", "the EHR decides; what it brings is kept by `take_over`, which is permitted `desk_memory`"),
    ("token_pin", "holds a PIN for the command that follows, which is decided"),
    ("lock", "whoever wants to lock may"),
    ("sync_now", "wakes sync, whose every page and entry is decided (`ingest`, `push`); answers as `sync_status`"),
    ("sync_status", "counts and times; no patient's name"),
    ("cancel_sync", "stops a round; the next one is decided anew"),
    ("break_glass_reasons", "a fixed list of codes"),
    ("audit_status", "positions in the chain and times"),
    ("key_status", "ages and counts of keys; the count of a rotation under way is decided (`rotate_keys`)"),
    ("pause_rotation", "stops what the core does by itself; everything opens meanwhile"),
    ("answer_security_key", "hands a PIN to a ceremony that waits, and which is decided itself"),
    ("cancel_security_key", "ends a ceremony; nothing comes of it"),
    ("about", "the program's name and version"),
    ("settings", "limits and switches of this workstation; asked for before there is a vault, too"),
];

/// Commands, and the decision each must leave.
const DECIDED: &[(&str, Action)] = &[
    ("stage", Action::DeskMemory),
    ("enrol", Action::OpenIndex),
    ("join", Action::Enrol),
    ("unlock", Action::OpenIndex),
    ("keep_memory", Action::DeskMemory),
    ("schedule_today", Action::ReadSchedule),
    ("search_patients", Action::Search),
    ("patients_recent", Action::Search),
    ("open_chart", Action::ReadChart),
    ("open_document", Action::ReadChart),
    ("step_up", Action::StepUp),
    ("break_glass", Action::BreakGlass),
    ("end_break_glass", Action::EndBreakGlass),
    ("pin_patient", Action::Pin),
    ("start_note", Action::WriteDraft),
    ("save_draft", Action::WriteDraft),
    ("discard_draft", Action::WriteDraft),
    ("sign_note", Action::SignNote),
    ("outbox", Action::ReadOutbox),
    ("unsigned_notes", Action::ReadOutbox),
    ("retry_rejected", Action::Push),
    ("audit_recent", Action::ReadAudit),
    ("audit_replay", Action::ReadAudit),
    ("audit_verify", Action::VerifyAudit),
    ("audit_state", Action::ReadAudit),
    ("clear_quarantine", Action::ClearQuarantine),
    ("own_emergencies", Action::DeskMemory),
    ("review_queue", Action::ReviewBreakGlass),
    ("judge_review", Action::ReviewBreakGlass),
    ("close_review", Action::ReviewBreakGlass),
    ("break_glass_statistics", Action::ReviewBreakGlass),
    ("clinicians", Action::ChangeRoster),
    ("disable_clinician", Action::ChangeRoster),
    ("enable_clinician", Action::ChangeRoster),
    ("remove_clinician", Action::ChangeRoster),
    ("rotate_keys", Action::RotateKeys),
    ("make_recovery_key", Action::Recovery),
    ("recovery_drill", Action::Recovery),
    ("erase_chart", Action::EraseChart),
    ("erase_workstation", Action::EraseWorkstation),
    ("security_keys", Action::DeskMemory),
    ("enrol_security_key", Action::ChangeSecurityKeys),
    ("remove_security_key", Action::ChangeSecurityKeys),
    // The last: nobody unlocks with the old one again.
    ("change_passphrase", Action::ChangePassphrase),
];

/// The commands that the window's build allows; no other exists.
fn commands() -> BTreeSet<&'static str> {
    let build = include_str!("../../../src-tauri/build.rs");
    let (_, rest) = build.split_once("COMMANDS: &[&str] = &[").unwrap();
    let (list, _) = rest.split_once("];").unwrap();
    list.split('"').skip(1).step_by(2).collect()
}

#[test]
fn every_command_is_decided_or_free_for_a_reason() {
    let listed = DECIDED.iter().map(|(name, _)| *name).chain(FREE.iter().map(|(name, _)| *name));
    assert_eq!(listed.clone().count(), listed.clone().collect::<BTreeSet<_>>().len(), "each once");
    assert_eq!(listed.collect::<BTreeSet<_>>(), commands(), "a new command says here which decision it takes");
}

#[test]
fn every_decision_is_in_the_chain() {
    // The physician may do all of it but read the chain; a refusal is a decision, and stands there as well.
    let test = TestHost::open();
    test.receive(&[PATIENT, TEAM]);
    for (name, action) in DECIDED {
        let before = if *name == "enrol" { 0 } else { taken_down(&test, *action) };
        ask(&test, name);
        let after = taken_down(&test, *action);
        assert!(after > before, "{name} left no {}", action.as_str());
    }
}

/// Neither door of the desk has a way around it: what they could read a vault with, they do not depend on.
#[test]
fn window_and_terminal_reach_charts_by_use_cases_alone() {
    for manifest in [include_str!("../../../src-tauri/Cargo.toml"), include_str!("../../cli/Cargo.toml")] {
        let (_, rest) = manifest.split_once("\n[dependencies]").unwrap();
        let dependencies = rest.split("\n[dev-dependencies]").next().unwrap();
        assert!(dependencies.contains("\ndesk.workspace"));
        for room in ["vault", "keys", "access", "audit", "remote", "rusqlite"] {
            assert!(
                !dependencies.lines().any(|line| line.starts_with(&format!("{room}.")) || line.starts_with(&format!("{room} "))),
                "{room}"
            );
        }
    }
}

/// Calls a command as the window would.
fn ask(test: &TestHost, name: &str) {
    let host = &test.host;
    let passphrase = || Passphrase::new(PASSPHRASE);
    let me = UserId::new("dr-1").unwrap();
    let rn = || UserId::new("rn-2").unwrap();
    let text = || SaveDraft { patient: "pat-1".into(), draft: DraftId::random().to_string(), text: "x".into(), caret: 0, revision: 1 };
    let glass = || {
        let (reason, text) = ("ETREAT".into(), "unconscious in the hall".into());
        crate::break_glass(host, BreakGlassRequest { patient: "pat-1".into(), passphrase: PASSPHRASE.into(), reason, text })
    };
    // What is refused, or not there, was decided all the same.
    match name {
        "stage" => crate::stage(host).map(drop),
        // What made this desk.
        "enrol" => Ok(()),
        "join" => {
            test.sign_in("rn-2", "nurse", &["patient.*"], &["vitals"]);
            crate::join(host, &Passphrase::new("seven grey herons at the weir"), None).unwrap();
            crate::unlock(host, &me, &passphrase()).map(drop)
        }
        "change_passphrase" => crate::change_passphrase(host, &passphrase(), &Passphrase::new("seven grey herons at the weir")),
        "unlock" => {
            host.lock();
            crate::unlock(host, &me, &passphrase()).map(drop)
        }
        "keep_memory" => crate::keep_memory(host, "{}"),
        "schedule_today" => crate::schedule_today(host).map(drop),
        "search_patients" => crate::search_patients(host, "okonk").map(drop),
        "patients_recent" => crate::patients_recent(host).map(drop),
        "open_chart" => crate::open_chart(host, &patient()).map(drop),
        "open_document" => crate::open_document(host, &patient(), "DocumentReference", "none").map(drop).or(Ok(())),
        "step_up" => crate::step_up(host, &passphrase()),
        "break_glass" => glass().map(drop),
        "end_break_glass" => glass().and_then(|_| crate::end_break_glass(host, &patient())),
        "pin_patient" => crate::pin_patient(host, &patient(), true),
        "start_note" => crate::start_note(host, &patient(), "11506-3").map(drop),
        "save_draft" => crate::save_draft(host, text()).map(|_| ()).or(Ok(())),
        "discard_draft" => crate::discard_draft(host, &patient(), DraftId::random()).or(Ok(())),
        "sign_note" => crate::sign_note(host, &patient(), DraftId::random(), 1, None).map(drop).or(Ok(())),
        "outbox" => crate::outbox(host).map(drop),
        "unsigned_notes" => crate::unsigned_notes(host).map(drop),
        "retry_rejected" => crate::retry_rejected(host, 1).or(Ok(())),
        "audit_recent" => crate::audit_recent(host, &AuditQuery::default()).map(drop).or(Ok(())),
        "audit_replay" => crate::audit_replay(host, &AuditQuery::default()).map(drop).or(Ok(())),
        "audit_verify" => crate::audit_verify(host).map(drop),
        "audit_state" => crate::audit_state(host, 1).map(drop).or(Ok(())),
        "clear_quarantine" => {
            crate::witness::quarantine_for_test(host);
            let [reason, note] = ["restored", "from a backup"].map(str::to_owned);
            test.wait(crate::clear_quarantine(host, ClearQuarantineRequest { reason, note })).map(drop).or(Ok(()))
        }
        "own_emergencies" => crate::own_emergencies(host).map(drop),
        "review_queue" => test.wait(crate::review_queue(host, ReviewQuery { closed: false, next: None })).map(drop).or(Ok(())),
        "judge_review" => {
            let [task, version, judgement, note] = ["task-1", "1", "appropriate", "seen"].map(str::to_owned);
            test.wait(crate::judge_review(host, JudgeReview { task, version, judgement, note })).map(drop).or(Ok(()))
        }
        "close_review" => test.wait(crate::close_review(host, "task-1", "1")).map(drop).or(Ok(())),
        "break_glass_statistics" => test.wait(crate::break_glass_statistics(host, 30)).map(drop).or(Ok(())),
        "clinicians" => crate::clinicians(host).map(drop).or(Ok(())),
        "disable_clinician" => crate::disable_clinician(host, &passphrase(), &rn()).or(Ok(())),
        "enable_clinician" => crate::enable_clinician(host, &passphrase(), &rn()).or(Ok(())),
        "remove_clinician" => crate::remove_clinician(host, &passphrase(), &rn(), false).or(Ok(())),
        "rotate_keys" => crate::rotate_keys(host, None),
        "make_recovery_key" => crate::make_recovery_key(host, &passphrase()).map(drop).or(Ok(())),
        "recovery_drill" => crate::recovery_drill(host, &keys::RecoveryKey::generate().unwrap().code()).map(drop).or(Ok(())),
        "erase_chart" => crate::erase_chart(host, &passphrase(), &patient()).or(Ok(())),
        "erase_workstation" => crate::erase_workstation(host, &passphrase(), false).or(Ok(())),
        "security_keys" => crate::security_keys(host).map(drop),
        "enrol_security_key" => {
            test.hands.plug(&std::sync::Arc::new(factor::testing::SoftKey::new(1)));
            crate::enrol_security_key(host, &passphrase(), "blue").map(drop)
        }
        "remove_security_key" => {
            let keys = crate::security_keys(host).unwrap();
            crate::remove_security_key(host, &passphrase(), &keys[0].id).map(drop)
        }
        other => panic!("{other} is never asked"),
    }
    .unwrap_or_else(|problem: Problem| panic!("{name}: {problem:?}"));
}

/// How many entries of an action the chain has that are not this reading's own, whatever came of what they tell.
fn taken_down(test: &TestHost, action: Action) -> usize {
    entries(test, action).len()
}

/// The chain's entries of an action, latest first, without this reading's own.
pub fn entries(test: &TestHost, action: Action) -> Vec<audit::Entry> {
    let read = test.host.work(|open, _, origin| {
        open.vault.transact(origin, |tx| {
            let officer = Permissions { ehr_read: vec!["audit.*".into()], ..Permissions::default() };
            let user = User::new(open.user.user.clone(), PractitionerId::new("dr-1").unwrap(), "privacy_officer".into(), &officer);
            let permit = admit::<ReadAudit, _>(&Gate::new().unwrap(), tx, &user, Target::workstation())?;
            Ok::<_, Problem>(tx.audit_entries(&permit, &Filter { actions: vec![action], ..Filter::default() }, 1000)?)
        })
    });
    let own = |entry: &audit::Entry| entry.actor.as_ref().is_some_and(|actor| actor.role == "privacy_officer");
    read.unwrap().into_iter().flatten().filter(|entry| !own(entry)).collect()
}
