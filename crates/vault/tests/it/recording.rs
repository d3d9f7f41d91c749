//! What a transaction leaves in the chain, whatever becomes of it.
use std::panic::{AssertUnwindSafe, catch_unwind};

use access::{BreakGlass, ReadChart, SignNote, Target, WriteDraft};
use audit::{Action, Outcome, Subject, record};
use kernel::{DraftId, Phi};
use vault::{DraftText, Filing, NewRecord, OpenVault, VaultError};

use crate::support::{ADA, BEN, No, Ward, entries, kind, patient, record_id, sql, text, user_id, verify};

/// Actions and outcomes since the last `entries`, oldest first.
fn since(ward: &Ward, vault: &mut OpenVault, sequence: u64) -> Vec<(&'static str, Outcome)> {
    let mut found: Vec<_> = entries(ward, ADA, vault, 100).into_iter().filter(|entry| entry.sequence > sequence).collect();
    found.reverse();
    found.pop();
    found.iter().map(|entry| (entry.action.as_str(), entry.outcome)).collect()
}

fn end(ward: &Ward, vault: &mut OpenVault) -> u64 {
    entries(ward, ADA, vault, 1)[0].sequence
}

fn draft(text: &str) -> Phi<DraftText> {
    Phi::new(DraftText { text: zeroize::Zeroizing::new(text.to_owned()), caret: 0 })
}

#[test]
fn making_and_opening_are_entries() {
    let (ward, vault) = Ward::new();
    drop(vault.lock());
    let mut vault = ward.open(BEN).unwrap();
    let entries = entries(&ward, BEN, &mut vault, 10);
    let who = |entry: &audit::Entry| entry.actor.as_ref().map_or_else(String::new, |actor| actor.user.to_string());
    let seen: Vec<_> = entries.iter().rev().map(|entry| (entry.sequence, entry.action.as_str(), who(entry))).collect();
    let expected = [(1, "enrol", ADA), (2, "countersign", ""), (3, "unlock", BEN), (4, "read_audit", BEN)];
    assert_eq!(seen, expected.map(|(sequence, action, who)| (sequence, action, who.to_owned())));
    assert_eq!((entries[0].workstation.as_str(), entries[0].client.as_str(), entries[0].boot_id.as_str()), ("ward-3", "test", "boot-1"));
}

#[test]
fn work_that_fails_leaves_its_entries_as_failed_and_nothing_else() {
    let (ward, mut vault) = Ward::new();
    ward.admit_patient(&mut vault, "pat-1");
    let before = end(&ward, &mut vault);
    let id = DraftId::random();
    let failed = ward.work(&mut vault, |tx| {
        tx.begin_draft(&ward.permit::<WriteDraft>(tx, ADA, Target::chart(patient("pat-1")))?, id, "11506-3", &draft("lost"))?;
        let chart = ward.permit::<ReadChart>(tx, ADA, Target::chart(patient("pat-1")))?;
        assert_eq!(tx.drafts(&chart)?.len(), 1);
        Err::<(), _>(No::Vault(VaultError::WrongPatient))
    });
    assert_eq!(failed, Err(No::Vault(VaultError::WrongPatient)));
    assert_eq!(since(&ward, &mut vault, before), [("write_draft", Outcome::Failed), ("read_chart", Outcome::Failed)]);
    let written = entries(&ward, ADA, &mut vault, 4).pop().unwrap();
    assert_eq!((written.action, written.subject.after), (Action::WriteDraft, None), "no state came of it");
    let drafts = ward.work(&mut vault, |tx| Ok(tx.drafts(&ward.permit::<ReadChart>(tx, ADA, Target::chart(patient("pat-1")))?)?.len()));
    assert_eq!(drafts, Ok(0));
    assert_eq!(verify(&ward, &mut vault), None);
}

#[test]
fn a_refusal_stays_though_its_work_came_to_nothing() {
    let (ward, mut vault) = Ward::new();
    ward.admit_patient(&mut vault, "pat-1");
    ward.file(&mut vault, &[crate::support::patient_record("pat-2", "1", 0)]);
    let before = end(&ward, &mut vault);
    for (of, no) in [("pat-2", No::BreakGlass), ("nobody", No::Unknown)] {
        let refused = ward.work(&mut vault, |tx| Ok(tx.chart(&ward.permit::<ReadChart>(tx, ADA, Target::chart(patient(of)))?)?.withheld));
        assert_eq!(refused, Err(no));
    }
    assert_eq!(since(&ward, &mut vault, before), [("read_chart", Outcome::Refused), ("read_chart", Outcome::Refused)]);
    let entries = entries(&ward, ADA, &mut vault, 4);
    assert_eq!(entries[2].subject.patient, Some(patient("nobody")));
}

#[test]
fn a_refusal_within_work_that_succeeds_stays_too() {
    let (ward, mut vault) = Ward::new();
    let before = end(&ward, &mut vault);
    let done = ward.work(&mut vault, |tx| {
        assert!(ward.permit::<ReadChart>(tx, ADA, Target::chart(patient("nobody"))).is_err());
        Ok(())
    });
    assert_eq!(done, Ok(()));
    assert_eq!(since(&ward, &mut vault, before), [("read_chart", Outcome::Refused)]);
}

#[test]
fn work_that_panics_is_undone_and_recorded_and_the_vault_goes_on() {
    let (ward, mut vault) = Ward::new();
    ward.admit_patient(&mut vault, "pat-1");
    let before = end(&ward, &mut vault);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        ward.work(&mut vault, |tx| {
            let permit = ward.permit::<WriteDraft>(tx, ADA, Target::chart(patient("pat-1")))?;
            tx.begin_draft(&permit, DraftId::random(), "11506-3", &draft("lost"))?;
            if tx.waiting(&user_id(ADA))? == [0; 4] {
                panic!("on purpose");
            }
            Ok(())
        })
    }));
    assert_eq!(panicked.unwrap_err().downcast_ref(), Some(&"on purpose"));
    assert_eq!(since(&ward, &mut vault, before), [("write_draft", Outcome::Failed)]);
    let drafts = ward.work(&mut vault, |tx| Ok(tx.drafts(&ward.permit::<ReadChart>(tx, ADA, Target::chart(patient("pat-1")))?)?.len()));
    assert_eq!(drafts, Ok(0));
}

#[test]
fn writes_carry_digests_of_the_sealed_states_in_one_entry() {
    let (ward, mut vault) = Ward::new();
    ward.admit_patient(&mut vault, "pat-1");
    let id = DraftId::random();
    let chart = || Target::chart(patient("pat-1"));
    let states = |vault: &mut OpenVault| {
        let entry = &entries(&ward, ADA, vault, 2)[1];
        (entry.action.as_str(), entry.subject.before, entry.subject.after)
    };
    let before = end(&ward, &mut vault);
    ward.work(&mut vault, |tx| Ok(tx.begin_draft(&ward.permit::<WriteDraft>(tx, ADA, chart())?, id, "11506-3", &draft("one"))?)).unwrap();
    let ("write_draft", None, Some(first)) = states(&mut vault) else { panic!() };
    ward.work(&mut vault, |tx| Ok(tx.save_draft(&ward.permit::<WriteDraft>(tx, ADA, chart())?, id, 1, &draft("two"))?)).unwrap();
    let ("write_draft", before_second, Some(second)) = states(&mut vault) else { panic!() };
    assert_eq!(before_second, Some(first), "each names the state the one before left");
    ward.work(&mut vault, |tx| {
        let permit = ward.permit::<SignNote>(tx, ADA, chart())?;
        tx.take_draft(&permit, id, 2)?;
        let (kind, id) = (kind("DocumentReference"), record_id("note-1"));
        Ok(tx.enter(&permit, NewRecord { kind, id, patient: patient("pat-1"), body: text("signed"), filing: Filing::default() })?)
    })
    .unwrap();
    let ("sign_note", Some(draft_before), Some(signed)) = states(&mut vault) else { panic!() };
    assert_eq!(draft_before, second);
    assert_eq!(end(&ward, &mut vault) - before, 1 + 1 + 1 + 4, "one entry a piece of work, four readings between");
    assert_eq!(verify(&ward, &mut vault), None);
    drop(vault.lock());
    // The digest is of what lies in the database.
    let bodies = crate::support::blobs(&ward, "SELECT body FROM record WHERE state = 1");
    assert_eq!(bodies.iter().map(|body| audit::Digest::of(body)).collect::<Vec<_>>(), [signed]);
}

#[test]
fn an_entry_that_is_not_the_latest_gets_a_second_one_for_its_states() {
    let (ward, mut vault) = Ward::new();
    ward.admit_patient(&mut vault, "pat-1");
    let before = end(&ward, &mut vault);
    ward.work(&mut vault, |tx| {
        let write = ward.permit::<WriteDraft>(tx, ADA, Target::chart(patient("pat-1")))?;
        record(tx, Action::Search, Outcome::Allowed, Subject::default())?;
        Ok(tx.begin_draft(&write, DraftId::random(), "11506-3", &draft("one"))?)
    })
    .unwrap();
    assert_eq!(
        since(&ward, &mut vault, before).iter().map(|(action, _)| *action).collect::<Vec<_>>(),
        ["write_draft", "search", "write_draft"]
    );
    let latest = &entries(&ward, ADA, &mut vault, 3)[2];
    assert_eq!((latest.action, latest.subject.patient.clone()), (Action::WriteDraft, Some(patient("pat-1"))));
    assert!(latest.subject.after.is_some());
    assert_eq!(verify(&ward, &mut vault), None);
}

#[test]
fn entries_are_those_of_the_person_decided_on() {
    let (ward, mut vault) = Ward::new();
    ward.admit_patient(&mut vault, "pat-1");
    // The origin names Ben, the keys are Ada's.
    let read =
        ward.work_of(BEN, &mut vault, |tx| Ok(tx.chart(&ward.permit::<ReadChart>(tx, ADA, Target::chart(patient("pat-1")))?)?.rows.len()));
    assert_eq!(read, Ok(2));
    let named = entries(&ward, ADA, &mut vault, 2).pop().unwrap();
    assert_eq!(named.actor.unwrap().user.as_str(), ADA);
}

#[test]
fn a_patients_entries_are_found_and_an_unreadable_one_is_not_left_out() {
    let (ward, mut vault) = Ward::new();
    for of in ["pat-1", "pat-2"] {
        ward.admit_patient(&mut vault, of);
        ward.work(&mut vault, |tx| Ok(ward.permit::<BreakGlass>(tx, ADA, Target::chart(patient(of)))?.audit_sequence())).unwrap();
    }
    let of_one = |vault: &mut OpenVault| {
        ward.work(vault, |tx| {
            let permit = ward.permit::<access::ReadAudit>(tx, ADA, Target::workstation())?;
            let of_patient = audit::Filter { patient: Some(patient("pat-1")), ..audit::Filter::default() };
            Ok(tx.audit_entries(&permit, &of_patient, 10)?)
        })
        .unwrap()
    };
    let found = of_one(&mut vault);
    assert_eq!(found.iter().map(|entry| entry.as_ref().unwrap().action).collect::<Vec<_>>(), [Action::BreakGlass]);
    drop(vault.lock());
    sql(&ward, "UPDATE audit SET body = x'7b' WHERE sequence = 1;");
    let mut vault = ward.open(ADA).unwrap();
    assert_eq!(of_one(&mut vault).iter().map(Option::is_some).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn the_chain_is_exported_in_pages() {
    let (ward, mut vault) = Ward::new();
    ward.admit_patient(&mut vault, "pat-1");
    let page = |vault: &mut OpenVault, from, limit| {
        let links =
            ward.work(vault, |tx| Ok(tx.audit_links(&ward.permit::<access::ExportAudit>(tx, ADA, Target::workstation())?, from, limit)?));
        links.unwrap().into_iter().map(|link| link.sequence).collect::<Vec<_>>()
    };
    assert_eq!(page(&mut vault, 1, 2), [1, 2]);
    assert_eq!(page(&mut vault, 3, 2), [3, 4]);
    assert!(page(&mut vault, u64::MAX, 2).is_empty());
}
