//! Epochs, kept states and the server's word, as the vault drives them.
use access::{BreakGlass, ClearQuarantine, EmergencyGrant, ReadAudit, SendAudit, SignNote, Target, WriteDraft};
use audit::{Action, Checked, EpochMark, FaultKind, Outcome, PublicKey, SignedCheckpoint, Standing};
use kernel::{DraftId, GrantId, Phi};
use vault::{AuditState, AuditStates, DraftText, Filing, NewRecord, OpenVault};

use crate::support::{ADA, No, Ward, blobs, countersign, entries, kind, patient, record_id, sql, text, user, user_id, verify};

fn chart() -> Target {
    Target::chart(patient("pat-1"))
}

fn draft(text: &str) -> Phi<DraftText> {
    Phi::new(DraftText { text: text.to_owned().into(), caret: 0 })
}

fn signed(ward: &Ward, vault: &mut OpenVault) -> (PublicKey, Option<SignedCheckpoint>) {
    ward.work(vault, |tx| Ok(tx.last_signed_checkpoint(&ward.permit::<SendAudit>(tx, ADA, Target::workstation())?)?)).unwrap()
}

fn states(ward: &Ward, vault: &mut OpenVault, sequence: u64) -> AuditStates {
    ward.work(vault, |tx| Ok(tx.audit_states(&ward.permit::<ReadAudit>(tx, ADA, Target::workstation())?, sequence)?)).unwrap()
}

/// As `kind: text`, or what it is instead.
fn said(state: &AuditState) -> String {
    match state {
        AuditState::Absent => "absent".into(),
        AuditState::NotKept => "not kept".into(),
        AuditState::Unreadable => "unreadable".into(),
        AuditState::Open { kind, body } => format!("{kind}: {}", body.expose().as_str()),
    }
}

fn marks(ward: &Ward, vault: &mut OpenVault) -> Vec<(u64, EpochMark)> {
    let mut found: Vec<_> =
        entries(ward, ADA, vault, 10_000).into_iter().filter_map(|entry| Some((entry.sequence, entry.subject.epoch?))).collect();
    found.reverse();
    found
}

#[test]
fn an_epoch_ends_at_unlock_at_lock_after_an_hour_and_after_a_thousand_entries() {
    let (ward, mut vault) = Ward::new();
    let (anchor, none) = signed(&ward, &mut vault);
    assert_eq!(none, None);
    assert!(matches!(marks(&ward, &mut vault)[..], [(2, EpochMark::Begin(key))] if key == anchor));
    drop(vault.lock());
    let mut vault = ward.open(ADA).unwrap();
    assert_eq!(marks(&ward, &mut vault).len(), 2, "the unlock");
    ward.minutes_pass(59);
    entries(&ward, ADA, &mut vault, 1);
    assert_eq!(marks(&ward, &mut vault).len(), 2);
    ward.minutes_pass(1);
    entries(&ward, ADA, &mut vault, 1);
    assert_eq!(marks(&ward, &mut vault).len(), 3, "the hour");
    ward.work(&mut vault, |tx| Ok(audit::record(tx, Action::Lock, Outcome::Allowed, audit::Subject::default()).map(drop)?)).unwrap();
    let lock = entries(&ward, ADA, &mut vault, 2).pop().unwrap();
    assert_eq!(lock.action, Action::Countersign, "the lock");
    let many = |n: usize, vault: &mut OpenVault| {
        ward.work(vault, |tx| {
            for _ in 0..n {
                audit::record(tx, Action::Search, Outcome::Allowed, audit::Subject::default())?;
            }
            Ok(())
        })
        .unwrap();
    };
    many(999, &mut vault);
    assert_eq!(marks(&ward, &mut vault).len(), 5, "999 and the reading above make a thousand");
    let (same, Some(end)) = signed(&ward, &mut vault) else { panic!() };
    assert_eq!((same, end.epoch), (anchor, 4));
    assert_eq!(verify(&ward, &mut vault), None);
}

#[test]
fn work_that_fails_ends_no_epoch() {
    let (ward, mut vault) = Ward::new();
    ward.minutes_pass(120);
    let failed = ward.work(&mut vault, |tx| {
        audit::record(tx, Action::Search, Outcome::Allowed, audit::Subject::default())?;
        Err::<(), _>(No::Forbidden)
    });
    assert_eq!(failed, Err(No::Forbidden));
    assert_eq!(verify(&ward, &mut vault), None);
    assert_eq!(marks(&ward, &mut vault).len(), 2, "but the next work does");
}

#[test]
fn the_former_private_key_is_nowhere() {
    let (ward, vault) = Ward::new();
    drop(vault.lock());
    let former = blobs(&ward, "SELECT private_key FROM audit_epoch").pop().unwrap();
    drop(ward.open(ADA).unwrap().lock());
    assert_eq!(verify(&ward, &mut ward.open(ADA).unwrap()), None);
    let present = blobs(&ward, "SELECT private_key FROM audit_epoch");
    assert!(present.len() == 1 && present[0] != former);
}

#[test]
fn a_lost_epoch_key_keeps_nothing_closed_and_every_verification_says_so() {
    for damage in [
        "DELETE FROM audit_epoch",
        "UPDATE audit_epoch SET private_key = zeroblob(80)",
        "UPDATE audit_epoch SET began = 1",
        "UPDATE audit_epoch SET began = 999999",
        "UPDATE audit_epoch SET anchor = zeroblob(32)",
    ] {
        let (ward, mut vault) = Ward::new();
        entries(&ward, ADA, &mut vault, 1);
        drop(vault.lock());
        sql(&ward, damage);
        for _ in 0..2 {
            let mut vault = ward.open(ADA).unwrap();
            assert_eq!(verify(&ward, &mut vault).map(|fault| fault.kind), Some(FaultKind::Signature), "{damage}");
        }
    }
}

#[test]
fn what_clinicians_change_can_be_looked_at_later_and_the_look_is_recorded() {
    let (ward, mut vault) = Ward::new();
    ward.admit_patient(&mut vault, "pat-1");
    let id = DraftId::random();
    let write = |vault: &mut OpenVault, base: u32, words: &str| {
        ward.work(vault, |tx| Ok(tx.save_draft(&ward.permit::<WriteDraft>(tx, ADA, chart())?, id, base, &draft(words))?)).unwrap();
        entries(&ward, ADA, vault, 2)[1].sequence
    };
    ward.work(&mut vault, |tx| Ok(tx.begin_draft(&ward.permit::<WriteDraft>(tx, ADA, chart())?, id, "11506-3", &draft("one"))?)).unwrap();
    let begun = entries(&ward, ADA, &mut vault, 2)[1].sequence;
    let soon = write(&mut vault, 1, "two");
    ward.minutes_pass(1);
    let later = write(&mut vault, 2, "three");
    ward.work(&mut vault, |tx| {
        let permit = ward.permit::<SignNote>(tx, ADA, chart())?;
        tx.take_draft(&permit, id, 3)?;
        let (kind, id) = (kind("DocumentReference"), record_id("note-1"));
        Ok(tx.enter(&permit, NewRecord { kind, id, patient: patient("pat-1"), body: text("signed"), filing: Filing::default() })?)
    })
    .unwrap();
    let sign = entries(&ward, ADA, &mut vault, 2)[1].sequence;
    ward.work(&mut vault, |tx| {
        let why = ("BTG", "unconscious");
        let grant = EmergencyGrant::new(GrantId::random(), user_id(ADA), patient("pat-1"), why, &ward.now(), ward.boot()).unwrap();
        Ok(tx.begin_emergency(&ward.permit::<BreakGlass>(tx, ADA, chart())?, &grant, &Phi::new(why.1.to_owned()))?)
    })
    .unwrap();
    let glass = entries(&ward, ADA, &mut vault, 2)[1].sequence;

    let of = |vault: &mut OpenVault, sequence| {
        let AuditStates { before, after, .. } = states(&ward, vault, sequence);
        (said(&before), said(&after))
    };
    let words = |text: &str| format!(r#"draft: {{"text":"{text}","caret":0}}"#);
    assert_eq!(of(&mut vault, begun), ("absent".into(), words("one")));
    assert_eq!(of(&mut vault, soon), ("not kept".into(), "not kept".into()), "within a minute");
    assert_eq!(of(&mut vault, later), (words("two"), words("three")));
    assert_eq!(of(&mut vault, sign), (words("three"), "DocumentReference: signed".into()));
    let (none, granted) = of(&mut vault, glass);
    assert!(none == "absent" && granted.starts_with("emergency: ") && granted.contains("unconscious"));
    let look = entries(&ward, ADA, &mut vault, 2).pop().unwrap();
    assert_eq!((look.action, look.subject.patient), (Action::ReadAudit, Some(patient("pat-1"))));
    assert_eq!(look.subject.detail, Some(format!("states of entry {glass}")));
    assert_eq!(verify(&ward, &mut vault), None);

    let nurse = user(ADA, "nurse", &["patient.*"], &["progress_notes"]);
    let refused = ward.work(&mut vault, |tx| Ok(ward.permit_for::<ReadAudit>(tx, &nurse, Target::workstation())?.audit_sequence()));
    assert_eq!(refused, Err(No::Forbidden), "without audit rights there is no permit to look with");
}

#[test]
fn an_erased_key_leaves_the_chain_whole_and_the_states_unreadable() {
    let (ward, mut vault) = Ward::new();
    ward.admit_patient(&mut vault, "pat-1");
    ward.work(&mut vault, |tx| {
        Ok(tx.begin_draft(&ward.permit::<WriteDraft>(tx, ADA, chart())?, DraftId::random(), "11506-3", &draft("one"))?)
    })
    .unwrap();
    let begun = entries(&ward, ADA, &mut vault, 2)[1].sequence;
    drop(vault.lock());
    sql(&ward, "UPDATE patient SET key = (SELECT key FROM patient WHERE row = 0) WHERE row = 1");
    let mut vault = ward.open(ADA).unwrap();
    assert_eq!(said(&states(&ward, &mut vault, begun).after), "unreadable");
    assert_eq!(verify(&ward, &mut vault), None);
}

#[test]
fn the_servers_word_is_entered_and_a_chain_that_does_not_follow_is_quarantined() {
    let (ward, mut vault) = Ward::new();
    let enter = |vault: &mut OpenVault, seen: &Checked| {
        ward.work(vault, |tx| {
            let permit = ward.permit::<SendAudit>(tx, ADA, Target::workstation())?;
            let standing = tx.enter_countersignature(&permit, seen, Standing::Follows)?;
            Ok((standing, tx.quarantine()?.is_some(), tx.countersigned()?.map(|seen| (seen.sequence, seen.digest))))
        })
        .unwrap()
    };
    let (_, None) = signed(&ward, &mut vault) else { panic!() };
    drop(vault.lock());
    let mut vault = ward.open(ADA).unwrap();
    let (_, Some(end)) = signed(&ward, &mut vault) else { panic!() };
    let word = Some((end.sequence, end.digest));
    assert_eq!(enter(&mut vault, &countersign(end.sequence, end.digest)), (Standing::Follows, false, word));
    let entered = entries(&ward, ADA, &mut vault, 2).pop().unwrap();
    assert_eq!((entered.action, entered.subject.countersigned.map(|seen| seen.sequence)), (Action::Countersign, Some(end.sequence)));

    let ahead = countersign(10_000, end.digest);
    assert_eq!(enter(&mut vault, &ahead), (Standing::Behind, true, word), "and the last word that fitted stays");
    let other = countersign(end.sequence, audit::Digest([1; 32]));
    assert_eq!(enter(&mut vault, &other), (Standing::Forked, true, word));
    assert_eq!(enter(&mut vault, &countersign(end.sequence, end.digest)), (Standing::Follows, true, word), "it does not lift itself");
    assert_eq!(verify(&ward, &mut vault), None);
}

#[test]
fn a_stretch_is_the_chain_up_to_a_mark_and_a_quarantine_ends_by_the_servers_word_alone() {
    let (ward, mut vault) = Ward::new();
    let stretch = |vault: &mut OpenVault, after| {
        ward.work(vault, |tx| Ok(tx.stretch(&ward.permit::<SendAudit>(tx, ADA, Target::workstation())?, after)?)).unwrap()
    };
    let first = stretch(&mut vault, None);
    assert_eq!(first.after.sequence + 1, 2, "behind the enrolment stands the chain's first mark");
    assert_eq!(first.links.len(), 1);
    drop(vault.lock());
    let mut vault = ward.open(ADA).unwrap();
    let whole = stretch(&mut vault, None);
    let end = signed(&ward, &mut vault).1.unwrap();
    assert_eq!(whole.after, first.after);
    assert_eq!(whole.after.sequence + whole.links.len() as u64, end.sequence + 1, "it ends with the mark that names the signed end");
    assert_eq!(stretch(&mut vault, Some(end.sequence + 1)).links, Vec::<String>::new(), "and then there is none until the next");
    assert_eq!(stretch(&mut vault, Some(end.sequence)).links.len(), 1);

    let forked = countersign(end.sequence, audit::Digest([1; 32]));
    let entered = ward.work(&mut vault, |tx| {
        let permit = ward.permit::<SendAudit>(tx, ADA, Target::workstation())?;
        Ok(tx.enter_countersignature(&permit, &forked, Standing::Follows)?)
    });
    assert_eq!(entered, Ok(Standing::Forked));
    let keeper = user(ADA, "administrator", &[], &["devices"]);
    let lift = |vault: &mut OpenVault, seen: &audit::Checked| {
        ward.work(vault, |tx| Ok(tx.lift_quarantine(&ward.permit_for::<ClearQuarantine>(tx, &keeper, Target::workstation())?, seen)?))
    };
    assert!(lift(&mut vault, &forked).is_err(), "a word on another chain lifts nothing");
    assert!(ward.work(&mut vault, |tx| Ok(tx.quarantine()?)).unwrap().is_some());
    let present =
        ward.work(&mut vault, |tx| Ok(tx.present_stretch(&ward.permit_for::<ClearQuarantine>(tx, &keeper, Target::workstation())?)?));
    assert_eq!(present.unwrap().links.len(), 1);
    lift(&mut vault, &countersign(end.sequence, end.digest)).unwrap();
    assert_eq!(ward.work(&mut vault, |tx| Ok(tx.quarantine()?)), Ok(None));
    let nurse = user(ADA, "nurse", &["patient.*"], &["progress_notes"]);
    let refused = ward.work(&mut vault, |tx| Ok(ward.permit_for::<ClearQuarantine>(tx, &nurse, Target::workstation())?.audit_sequence()));
    assert_eq!(refused, Err(No::Forbidden));
    assert_eq!(verify(&ward, &mut vault), None);
}
