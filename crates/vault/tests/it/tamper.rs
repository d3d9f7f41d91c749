//! Whoever has the database's key, or only its files, cannot change what happened unseen.
use std::fs;

use audit::{FaultKind, Outcome};
use vault::OpenVault;

use crate::support::{ADA, Ward, entries, sql, verify};

fn used() -> (Ward, OpenVault) {
    let (ward, mut vault) = Ward::new();
    for of in ["pat-1", "pat-2", "pat-3"] {
        ward.admit_patient(&mut vault, of);
    }
    for _ in 0..8 {
        entries(&ward, ADA, &mut vault, 1);
    }
    (ward, vault)
}

#[test]
fn an_untouched_chain_verifies_over_many_openings() {
    let (ward, mut vault) = used();
    for _ in 0..5 {
        assert_eq!(verify(&ward, &mut vault), None);
        drop(vault.lock());
        vault = ward.open(ADA).unwrap();
    }
}

#[test]
fn edits_by_sql_are_found() {
    let edits: &[(&str, u64, FaultKind)] = &[
        ("UPDATE audit SET body = replace(body, 'ada', 'ben') WHERE sequence = 3", 3, FaultKind::Changed),
        ("UPDATE audit SET body = body || ' ' WHERE sequence = 3", 3, FaultKind::Changed),
        ("UPDATE audit SET digest = zeroblob(32) WHERE sequence = 5", 5, FaultKind::Changed),
        ("UPDATE audit SET mac = zeroblob(32) WHERE sequence = 5", 5, FaultKind::Changed),
        ("DELETE FROM audit WHERE sequence = 4", 4, FaultKind::Removed),
        ("DELETE FROM audit WHERE sequence < 4", 1, FaultKind::Removed),
        ("DELETE FROM audit WHERE sequence = 4; UPDATE audit SET sequence = sequence - 1 WHERE sequence > 4", 4, FaultKind::Reordered),
        (
            "UPDATE audit SET sequence = -1 WHERE sequence = 4; UPDATE audit SET sequence = 4 WHERE sequence = 5;
             UPDATE audit SET sequence = 5 WHERE sequence = -1",
            4,
            FaultKind::Reordered,
        ),
        ("INSERT INTO audit SELECT 0, body, digest, mac FROM audit WHERE sequence = 2", 1, FaultKind::Reordered),
        ("INSERT INTO audit SELECT -5, body, digest, mac FROM audit WHERE sequence = 2", 1, FaultKind::Reordered),
    ];
    for (edit, sequence, kind) in edits {
        let (ward, vault) = used();
        drop(vault.lock());
        // SQLite compares the body as text only where it is cast to text.
        sql(
            &ward,
            &edit
                .replace("replace(body, 'ada', 'ben')", "CAST(replace(CAST(body AS TEXT), 'ada', 'ben') AS BLOB)")
                .replace("body || ' '", "CAST(body || ' ' AS BLOB)"),
        );
        let mut vault = ward.open(ADA).unwrap();
        for _ in 0..2 {
            let fault = verify(&ward, &mut vault).unwrap_or_else(|| panic!("not found: {edit}"));
            assert_eq!((fault.sequence, fault.kind), (*sequence, *kind), "{edit}");
        }
    }
}

#[test]
fn a_chain_cut_short_shows_against_the_checkpoint_and_keeps_showing() {
    let (ward, vault) = used();
    drop(vault.lock());
    sql(&ward, "DELETE FROM audit WHERE sequence > 6");
    for round in 0..4 {
        let mut vault = ward.open(ADA).unwrap();
        for _ in 0..5 {
            let fault = verify(&ward, &mut vault).unwrap();
            assert_eq!((fault.sequence, fault.kind), (7, FaultKind::Truncated), "opening {round}");
        }
        let found = entries(&ward, ADA, &mut vault, 100).into_iter().filter(|entry| entry.outcome == Outcome::Failed);
        let found: Vec<_> = found.map(|entry| (entry.sequence, entry.action.as_str(), entry.subject.detail)).collect();
        assert_eq!(found, [(7, "verify_audit", Some("checkpoint truncated at 7".to_owned()))], "recorded once");
        drop(vault.lock());
    }
}

#[test]
fn an_older_database_put_back_shows() {
    let (ward, vault) = used();
    drop(vault.lock());
    let old = fs::read(ward.files.database()).unwrap();
    let mut vault = ward.open(ADA).unwrap();
    let at = entries(&ward, ADA, &mut vault, 1)[0].sequence;
    drop(vault.lock());
    fs::write(ward.files.database(), old).unwrap();
    let mut vault = ward.open(ADA).unwrap();
    let fault = verify(&ward, &mut vault).unwrap();
    assert_eq!((fault.sequence, fault.kind), (at - 2, FaultKind::Truncated));
    // The chain outgrows the lost end: the fault stays.
    for _ in 0..5 {
        entries(&ward, ADA, &mut vault, 1);
    }
    drop(vault.lock());
    let mut vault = ward.open(ADA).unwrap();
    assert_eq!(verify(&ward, &mut vault), Some(fault));
}

#[test]
fn a_checkpoint_that_is_gone_or_forged_shows_and_keeps_showing() {
    let (other, vault) = used();
    drop(vault.lock());
    let foreign = fs::read(other.files.audit_head()).unwrap();
    let damages: &[(&str, Option<&[u8]>)] = &[
        ("gone", None),
        ("empty", Some(b"")),
        ("text", Some(b"{}\n")),
        ("of another vault", Some(&foreign)),
        ("long", Some(&[b'x'; 5000])),
    ];
    for (what, bytes) in damages {
        let (ward, vault) = used();
        drop(vault.lock());
        match bytes {
            Some(bytes) => fs::write(ward.files.audit_head(), bytes).unwrap(),
            None => fs::remove_file(ward.files.audit_head()).unwrap(),
        }
        for _ in 0..2 {
            let mut vault = ward.open(ADA).unwrap();
            assert_eq!(verify(&ward, &mut vault).map(|fault| fault.kind), Some(FaultKind::Checkpoint), "{what}");
        }
    }
    // While it is open, too.
    let (ward, mut vault) = used();
    assert_eq!(verify(&ward, &mut vault), None);
    fs::remove_file(ward.files.audit_head()).unwrap();
    assert_eq!(verify(&ward, &mut vault).map(|fault| fault.kind), Some(FaultKind::Checkpoint));
}

#[test]
fn one_torn_slot_of_the_checkpoint_is_no_fault() {
    for slot in [0, 256] {
        let (ward, mut vault) = used();
        entries(&ward, ADA, &mut vault, 1);
        drop(vault.lock());
        let mut head = fs::read(ward.files.audit_head()).unwrap();
        assert_eq!(head.len(), 512);
        head[slot + 20..slot + 60].fill(b'?');
        fs::write(ward.files.audit_head(), head).unwrap();
        let mut vault = ward.open(ADA).unwrap();
        assert_eq!(verify(&ward, &mut vault), None, "slot at {slot}");
    }
}

#[test]
fn a_database_taken_away_shows_in_the_one_made_in_its_place() {
    let (ward, vault) = used();
    drop(vault.lock());
    fs::remove_file(ward.files.database()).unwrap();
    let mut vault = vault::LockedVault::create(ward.files.clone(), ward.keys(ADA), &ward.origin(ADA)).unwrap();
    assert_eq!(verify(&ward, &mut vault).map(|fault| fault.kind), Some(FaultKind::Truncated));
}

#[test]
fn a_chain_behind_its_checkpoint_by_a_crash_is_whole() {
    let (ward, mut vault) = used();
    let head = fs::read(ward.files.audit_head()).unwrap();
    entries(&ward, ADA, &mut vault, 1);
    drop(vault.lock());
    fs::write(ward.files.audit_head(), head).unwrap();
    let mut vault = ward.open(ADA).unwrap();
    assert_eq!(verify(&ward, &mut vault), None);
}
