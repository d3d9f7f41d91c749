//! The recovery key: what the EHR has not taken is read without passphrase and keyring, and nothing else is.
use access::{Recovery, SignNote, Target, WriteDraft};
use kernel::{DraftId, Phi};
use keys::RecoveryKey;
use vault::{DraftText, Filing, LockedVault, NewRecord, OpenVault, Recovered, Unsent, VaultError};

use crate::support::{ADA, Ward, device, kind, patient, record_id, text};

const DRAFT: &str = "6f2c0c36-5d0b-4c7e-9d5a-333333333333";

fn chart() -> Target {
    Target::chart(patient("pat-1"))
}

fn adopt(ward: &Ward, vault: &mut OpenVault) -> RecoveryKey {
    let key = RecoveryKey::generate().unwrap();
    let (file, seal) = vault.keys().adopt_recovery(&ward.key_file(), key.public()).unwrap();
    file.write(&ward.files.keys()).unwrap();
    vault.take_up_recovery(seal);
    ward.work(vault, |tx| Ok(tx.copy_unsent(&ward.keeper::<Recovery>(tx, ADA)?)?)).unwrap();
    key
}

fn enter(ward: &Ward, vault: &mut OpenVault, id: &str, body: &str) {
    ward.work(vault, |tx| {
        let (kind, id) = (kind("DocumentReference"), record_id(id));
        let new = NewRecord { kind, id, patient: patient("pat-1"), body: text(body), filing: Filing::default() };
        Ok(tx.enter(&ward.permit::<SignNote>(tx, ADA, chart())?, new)?)
    })
    .unwrap();
}

fn content(text: &str) -> Phi<DraftText> {
    Phi::new(DraftText { text: text.to_owned().into(), caret: 0 })
}

fn recover(ward: &Ward, key: &RecoveryKey) -> Result<Recovered, VaultError> {
    LockedVault::find(ward.files.clone())?.recover(&ward.key_file(), key)
}

fn said(work: &[Phi<Unsent>]) -> Vec<String> {
    let said = |work: &Phi<Unsent>| match work.expose() {
        Unsent::Record { id, body, author, .. } => format!("{author} signed {id}: {}", body.as_str()),
        Unsent::Draft { author, text, .. } => format!("{author} wrote: {}", text.as_str()),
    };
    work.iter().map(said).collect()
}

#[test]
fn unsent_work_is_read_with_the_recovery_key_alone() {
    let (ward, mut vault) = Ward::new();
    ward.admit_patient(&mut vault, "pat-1");
    enter(&ward, &mut vault, "note-1", "before the key was made");
    ward.work(&mut vault, |tx| {
        let write = ward.permit::<WriteDraft>(tx, ADA, chart())?;
        Ok(tx.begin_draft(&write, DraftId::parse(DRAFT).unwrap(), "11506-3", &content("begun"))?)
    })
    .unwrap();
    let key = adopt(&ward, &mut vault);
    enter(&ward, &mut vault, "note-2", "after");
    ward.work(&mut vault, |tx| {
        let write = ward.permit::<WriteDraft>(tx, ADA, chart())?;
        Ok(tx.save_draft(&write, DraftId::parse(DRAFT).unwrap(), 1, &content("half a sent"))?)
    })
    .unwrap();

    let originals = ward.work(&mut vault, |tx| Ok(tx.unsent_work(&ward.keeper::<Recovery>(tx, ADA)?)?)).unwrap();
    let drill = vault.drill(&ward.origin(ADA), &ward.key_file(), &key, &originals).unwrap();
    assert_eq!((drill.of, drill.recovered), (3, 3));
    let other = RecoveryKey::generate().unwrap();
    assert_eq!(vault.drill(&ward.origin(ADA), &ward.key_file(), &other, &originals).unwrap_err(), VaultError::Seal);
    drop(vault.lock());

    let found = recover(&ward, &key).unwrap();
    let expected = ["ada signed note-1: before the key was made", "ada signed note-2: after", "ada wrote: half a sent"];
    assert_eq!((said(&found.work), found.missing), (expected.map(str::to_owned).into(), 0));
    assert_eq!(recover(&ward, &other).unwrap_err(), VaultError::Seal);
}

#[test]
fn a_copy_goes_with_its_original_and_outlives_a_rotation() {
    let (ward, mut vault) = Ward::new();
    ward.admit_patient(&mut vault, "pat-1");
    let key = adopt(&ward, &mut vault);
    enter(&ward, &mut vault, "note-1", "an order");
    ward.work(&mut vault, |tx| {
        let write = ward.permit::<WriteDraft>(tx, ADA, chart())?;
        let draft = DraftId::parse(DRAFT).unwrap();
        tx.begin_draft(&write, draft, "11506-3", &content("x"))?;
        Ok(tx.discard_draft(&write, draft)?)
    })
    .unwrap();
    let (file, next) = vault.keys().begin_generation(&ward.key_file(), &device(), 1_770_000_000).unwrap();
    file.write(&ward.files.keys()).unwrap();
    vault.take_up(next);
    drop(vault.lock());
    let found = recover(&ward, &key).unwrap();
    assert_eq!((said(&found.work), found.missing), (vec!["ada signed note-1: an order".to_owned()], 0));
}
