//! A new generation of keys: cut off anywhere, everything opens; finished, nothing older does.
use std::fs;
use std::path::Path;
use std::time::Duration;

use access::{ReadAudit, ReadChart, RotateKeys, Target};
use keys::UnlockError;
use vault::{AuditState, AuditStates, LockedVault, OpenVault, Resealed};

use crate::frozen::{fill, read_everything};
use crate::killed;
use crate::support::{ADA, Ward, arrival, care_team, device, entries, patient, patient_record, verify};

/// A vault with something of everything in it, and some charts more.
fn filled(folder: &Path, charts: usize, records: usize) -> Ward {
    let ward = Ward::at(&folder.join("site"));
    fill(&ward, ward.create().unwrap());
    let mut vault = ward.open(ADA).unwrap();
    for chart in 0..charts {
        let id = format!("more-{chart}");
        let observations = (0..records).map(|n| arrival("Observation", &format!("{id}-{n}"), &id, &format!("{{\"n\":{n}}}")));
        let page: Vec<_> = [patient_record(&id, "1", 0), care_team(&id, ADA)].into_iter().chain(observations).collect();
        ward.file(&mut vault, &page);
    }
    drop(vault.lock());
    ward
}

/// The program as it stood at this very moment, elsewhere: what a kill would have left.
pub fn picture(ward: &Ward, folder: &Path) -> Ward {
    let place = folder.join("site");
    fs::create_dir_all(&place).unwrap();
    for entry in fs::read_dir(ward.files.folder()).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), place.join(entry.file_name())).unwrap();
    }
    Ward::at(&place)
}

fn step(ward: &Ward, vault: &mut OpenVault) -> (bool, Resealed) {
    ward.work(vault, |tx| {
        let permit = ward.permit::<RotateKeys>(tx, ADA, Target::workstation())?;
        Ok((tx.reseal_next(&permit)?, tx.resealed(&permit)?))
    })
    .unwrap()
}

fn begin(ward: &Ward, vault: &mut OpenVault) {
    let (file, next) = vault.keys().begin_generation(&ward.key_file(), &device(), 1_770_000_000).unwrap();
    file.write(&ward.files.keys()).unwrap();
    vault.take_up(next);
}

fn end(ward: &Ward, vault: &mut OpenVault) {
    vault.keys().end_generation(&ward.key_file()).unwrap().write(&ward.files.keys()).unwrap();
    vault.step_over().unwrap();
}

/// Carries a rotation on from wherever it stands.
fn carry_on(ward: &Ward, vault: &mut OpenVault) {
    if !vault.keys().is_rotating() {
        begin(ward, vault);
    }
    while step(ward, vault).0 {}
    vault.rekey().unwrap();
    end(ward, vault);
}

fn more_charts_open(ward: &Ward, charts: usize, records: usize) {
    let mut vault = ward.open(ADA).unwrap();
    for chart in 0..charts {
        let target = Target::chart(patient(&format!("more-{chart}")));
        let chart = ward.work(&mut vault, |tx| Ok(tx.chart(&ward.permit::<ReadChart>(tx, ADA, target)?)?)).unwrap();
        assert_eq!((chart.rows.len(), chart.unreadable.len()), (records + 2, 0));
    }
    let cards = ward.work(&mut vault, |tx| Ok(tx.cards(&ward.permit(tx, ADA, Target::workstation())?)?)).unwrap();
    assert_eq!((cards.0.len(), cards.1), (charts + 1, 0));
}

/// Opens every state that the chain keeps, and counts them.
fn states_open(ward: &Ward) -> usize {
    let mut vault = ward.open(ADA).unwrap();
    let kept = entries(ward, ADA, &mut vault, 10_000).into_iter().filter(|entry| entry.subject.kept);
    let mut opened = 0;
    for entry in kept {
        let states =
            ward.work(&mut vault, |tx| Ok(tx.audit_states(&ward.permit::<ReadAudit>(tx, ADA, Target::workstation())?, entry.sequence)?));
        let AuditStates { before, after, .. } = states.unwrap();
        for state in [before, after] {
            assert!(!matches!(state, AuditState::Unreadable), "entry {}", entry.sequence);
            opened += usize::from(matches!(state, AuditState::Open { .. }));
        }
    }
    opened
}

#[test]
fn cut_off_after_any_step_everything_opens_and_the_rotation_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let ward = filled(folder.path(), 3, 5);
    let before = picture(&ward, &folder.path().join("before"));
    let mut vault = ward.open(ADA).unwrap();
    let mut pictures = Vec::new();
    let mut take = |what: &str| {
        let place = folder.path().join(format!("{}", pictures.len()));
        pictures.push((what.to_owned(), picture(&ward, &place)));
    };

    let (file, next) = vault.keys().begin_generation(&ward.key_file(), &device(), 1_770_000_000).unwrap();
    take("keys made, nothing written");
    file.write(&ward.files.keys()).unwrap();
    take("key file written, keys not taken up");
    vault.take_up(next);
    assert!(vault.step_over().is_err(), "nothing may be left behind");
    let mut shown = Vec::new();
    loop {
        let (more, progress) = step(&ward, &mut vault);
        take("charts resealed");
        shown.push(progress);
        if !more {
            break;
        }
    }
    assert!(shown.is_sorted_by_key(|progress| progress.done) && shown.last().unwrap().is_all(), "{shown:?}");
    assert_eq!(shown[0], Resealed { done: 1, of: 5 });
    vault.rekey().unwrap();
    take("database under the new key");
    let file = vault.keys().end_generation(&ward.key_file()).unwrap();
    file.write(&ward.files.keys()).unwrap();
    take("new generation alone in the key file");
    vault.step_over().unwrap();
    assert_eq!(verify(&ward, &mut vault), None);
    drop(vault.lock());

    let mut kept = 0;
    for (what, ward) in &pictures {
        read_everything(ward).unwrap_or_else(|no| panic!("{what}: {no:?}"));
        more_charts_open(ward, 3, 5);
        let mut vault = ward.open(ADA).unwrap();
        if vault.keys().generation() == 1 || vault.keys().is_rotating() {
            carry_on(ward, &mut vault);
        }
        drop(vault.lock());
        assert!(ward.keys_from(ADA, 2).is_ok(), "{what}: the first generation's secret is needed no more");
        kept += states_open(ward);
        more_charts_open(ward, 3, 5);
        let mut vault = ward.open(ADA).unwrap();
        assert_eq!(verify(ward, &mut vault), None, "{what}");
    }

    assert!(kept > pictures.len(), "the chain keeps states");

    // Once the former secret is deleted, an older copy of everything and the right passphrase open nothing.
    assert!(before.keys_from(ADA, 1).is_ok());
    assert_eq!(before.keys_from(ADA, 2).err(), Some(UnlockError::Damaged));
}

#[test]
fn new_work_during_a_rotation_is_under_the_new_keys_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let ward = filled(folder.path(), 2, 2);
    let mut vault = ward.open(ADA).unwrap();
    begin(&ward, &mut vault);
    ward.file(&mut vault, &[patient_record("new", "1", 0), arrival("Observation", "new-1", "new", "{}")]);
    assert!(step(&ward, &mut vault).0);
    // A record for a chart that waits yet, and one for a chart that has been moved.
    ward.file(&mut vault, &[arrival("Observation", "late-1", "pat-1", "{}"), arrival("Observation", "late-2", "more-1", "{}")]);
    carry_on(&ward, &mut vault);
    drop(vault.lock());
    let mut vault = ward.open(ADA).unwrap();
    assert!(!vault.keys().is_rotating());
    let chart = ward.work(&mut vault, |tx| Ok(tx.chart(&ward.permit::<ReadChart>(tx, ADA, Target::chart(patient("pat-1")))?)?)).unwrap();
    assert_eq!((chart.rows.len(), chart.unreadable.len()), (7, 0));
    assert_eq!(verify(&ward, &mut vault), None);
}

/// Rotates without end; its parent kills it.
#[test]
#[ignore = "the parent below runs it"]
fn child() {
    let Some((folder, _)) = killed::task() else { return };
    let ward = Ward::at(&folder);
    let mut vault = ward.open(ADA).unwrap();
    println!("opened");
    loop {
        carry_on(&ward, &mut vault);
        println!("rotated");
    }
}

#[test]
fn killed_at_any_moment_of_a_rotation_everything_opens() {
    let folder = tempfile::tempdir().unwrap();
    let ward = filled(folder.path(), 12, 40);
    let rounds = killed::rounds(12);
    let (mut rotated, mut cut_off) = (0, 0);
    for round in 0..rounds {
        let after = Duration::from_millis(round * 37 % 211);
        let said = killed::kill("rotation::child", ward.files.folder(), round, Some("opened"), after);
        rotated += said.iter().filter(|line| *line == "rotated").count();
        let mut vault = ward.open(ADA).unwrap_or_else(|error| panic!("round {round}: {error}"));
        cut_off += usize::from(vault.keys().is_rotating());
        let chart = Target::chart(patient("pat-1"));
        let chart = ward.work(&mut vault, |tx| Ok(tx.chart(&ward.permit::<ReadChart>(tx, ADA, chart)?)?)).unwrap();
        assert_eq!((chart.rows.len(), chart.unreadable.len()), (6, 0), "round {round}");
        let cards = ward.work(&mut vault, |tx| Ok(tx.cards(&ward.permit(tx, ADA, Target::workstation())?)?)).unwrap();
        assert_eq!((cards.0.len(), cards.1), (13, 0), "round {round}");
        assert_eq!(verify(&ward, &mut vault), None, "round {round}");
        drop(vault.lock());
        if ward.key_file().generation() > 90 {
            break;
        }
    }
    println!("{rounds} kills, {cut_off} amid a rotation, {rotated} rotations finished");
    assert!(cut_off > 0 && rotated > 0, "the kills did not meet a rotation");
    read_everything(&ward).unwrap();
    drop(LockedVault::find(ward.files.clone()).unwrap());
}
