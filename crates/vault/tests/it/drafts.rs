//! Unsigned work.
use access::{ReadChart, SignNote, Target, WriteDraft};
use kernel::{DraftId, Phi};
use vault::{Draft, DraftText, OpenVault, VaultError};
use zeroize::Zeroizing;

use crate::support::{ADA, BEN, No, Ward, at, care_team, patient, record_id, sql};

fn content(text: &str, caret: u32) -> Phi<DraftText> {
    Phi::new(DraftText { text: Zeroizing::new(text.to_owned()), caret })
}

fn begin(ward: &Ward, who: &str, vault: &mut OpenVault, of: &str, draft: DraftId) -> Result<(), No> {
    ward.work_of(who, vault, |tx| {
        Ok(tx.begin_draft(&ward.permit::<WriteDraft>(tx, who, Target::chart(patient(of)))?, draft, "11506-3", &content("begun", 5))?)
    })
}

fn save(ward: &Ward, who: &str, vault: &mut OpenVault, of: &str, draft: DraftId, base: u32, text: &str) -> Result<u32, No> {
    ward.work_of(who, vault, |tx| {
        Ok(tx.save_draft(&ward.permit::<WriteDraft>(tx, who, Target::chart(patient(of)))?, draft, base, &content(text, 1))?)
    })
}

fn drafts(ward: &Ward, who: &str, vault: &mut OpenVault, of: &str) -> Result<Vec<Draft>, No> {
    ward.work_of(who, vault, |tx| Ok(tx.drafts(&ward.permit::<ReadChart>(tx, who, Target::chart(patient(of)))?)?))
}

fn ward() -> (Ward, OpenVault) {
    let (ward, mut vault) = Ward::new();
    for of in ["pat-1", "pat-2"] {
        ward.admit_patient(&mut vault, of);
        let mut team = care_team(of, BEN);
        team.incoming.id = record_id(&format!("bens-team-{of}"));
        ward.file(&mut vault, &[team]);
    }
    (ward, vault)
}

const WRONG: Result<u32, No> = Err(No::Vault(VaultError::WrongPatient));
const CONFLICT: Result<u32, No> = Err(No::Vault(VaultError::DraftConflict));
const ABSENT: Result<u32, No> = Err(No::Vault(VaultError::NotFound));

#[test]
fn a_draft_comes_back_as_it_was_left() {
    let (ward, mut vault) = ward();
    let id = DraftId::random();
    begin(&ward, ADA, &mut vault, "pat-1", id).unwrap();
    ward.minutes_pass(2);
    assert_eq!(save(&ward, ADA, &mut vault, "pat-1", id, 1, "Größe 1,80 m – 🩺"), Ok(2));
    drop(vault);
    let mut vault = ward.open(ADA).unwrap();
    let [draft] = &drafts(&ward, ADA, &mut vault, "pat-1").unwrap()[..] else { panic!() };
    assert_eq!((draft.draft, draft.patient.as_str(), draft.note_type.as_str(), draft.revision), (id, "pat-1", "11506-3", 2));
    assert_eq!((draft.saved_at, draft.content.expose().text.as_str(), draft.content.expose().caret), (at(2), "Größe 1,80 m – 🩺", 1));
    assert!(drafts(&ward, ADA, &mut vault, "pat-2").unwrap().is_empty());
}

#[test]
fn of_two_windows_only_one_saves() {
    let (ward, mut vault) = ward();
    let id = DraftId::random();
    begin(&ward, ADA, &mut vault, "pat-1", id).unwrap();
    assert_eq!(save(&ward, ADA, &mut vault, "pat-1", id, 1, "this window"), Ok(2));
    assert_eq!(save(&ward, ADA, &mut vault, "pat-1", id, 1, "the other"), CONFLICT);
    assert_eq!(save(&ward, ADA, &mut vault, "pat-1", id, 3, "from nowhere"), CONFLICT);
    assert_eq!(drafts(&ward, ADA, &mut vault, "pat-1").unwrap()[0].content.expose().text.as_str(), "this window");
    assert_eq!(begin(&ward, ADA, &mut vault, "pat-1", id), Err(No::Vault(VaultError::DraftConflict)), "begun already");
    assert_eq!(drafts(&ward, ADA, &mut vault, "pat-1").unwrap()[0].revision, 2);
}

#[test]
fn a_draft_stays_in_its_chart() {
    let (ward, mut vault) = ward();
    let id = DraftId::random();
    begin(&ward, ADA, &mut vault, "pat-1", id).unwrap();
    assert_eq!(save(&ward, ADA, &mut vault, "pat-2", id, 1, "wrong chart"), WRONG);
    let discard =
        ward.work(&mut vault, |tx| Ok(tx.discard_draft(&ward.permit::<WriteDraft>(tx, ADA, Target::chart(patient("pat-2")))?, id)?));
    assert_eq!(discard.map(|()| 0), WRONG);
    let take =
        ward.work(&mut vault, |tx| Ok(tx.take_draft(&ward.permit::<SignNote>(tx, ADA, Target::chart(patient("pat-2")))?, id, 1)?.revision));
    assert_eq!(take, WRONG);
    assert_eq!(drafts(&ward, ADA, &mut vault, "pat-1").unwrap()[0].content.expose().text.as_str(), "begun");
}

#[test]
fn a_colleagues_drafts_are_neither_seen_nor_touched() {
    let (ward, mut vault) = ward();
    let id = DraftId::random();
    begin(&ward, ADA, &mut vault, "pat-1", id).unwrap();
    drop(vault.lock());
    let mut vault = ward.open(BEN).unwrap();
    assert!(drafts(&ward, BEN, &mut vault, "pat-1").unwrap().is_empty());
    assert_eq!(save(&ward, BEN, &mut vault, "pat-1", id, 1, "Ben's"), ABSENT);
    assert_eq!(begin(&ward, BEN, &mut vault, "pat-1", id), Err(No::Vault(VaultError::DraftConflict)));
    begin(&ward, BEN, &mut vault, "pat-1", DraftId::random()).unwrap();
    assert_eq!(drafts(&ward, BEN, &mut vault, "pat-1").unwrap().len(), 1);
    drop(vault.lock());
    let mut vault = ward.open(ADA).unwrap();
    assert_eq!(drafts(&ward, ADA, &mut vault, "pat-1").unwrap()[0].draft, id);
}

#[test]
fn a_draft_is_taken_for_signing_at_the_revision_that_was_read() {
    let (ward, mut vault) = ward();
    let id = DraftId::random();
    begin(&ward, ADA, &mut vault, "pat-1", id).unwrap();
    let take = |vault: &mut OpenVault, revision, fail: bool| {
        ward.work(vault, |tx| {
            let draft = tx.take_draft(&ward.permit::<SignNote>(tx, ADA, Target::chart(patient("pat-1")))?, id, revision)?;
            if fail { Err(No::Forbidden) } else { Ok(draft.content.expose().text.to_string()) }
        })
    };
    assert_eq!(take(&mut vault, 2, false), Err(No::Vault(VaultError::DraftConflict)));
    assert_eq!(take(&mut vault, 1, true), Err(No::Forbidden));
    assert_eq!(drafts(&ward, ADA, &mut vault, "pat-1").unwrap().len(), 1, "signing that fails leaves the draft");
    assert_eq!(take(&mut vault, 1, false).as_deref(), Ok("begun"));
    assert!(drafts(&ward, ADA, &mut vault, "pat-1").unwrap().is_empty());
    assert_eq!(take(&mut vault, 1, false), Err(No::Vault(VaultError::NotFound)));
}

#[test]
fn a_discarded_draft_is_gone() {
    let (ward, mut vault) = ward();
    let id = DraftId::random();
    begin(&ward, ADA, &mut vault, "pat-1", id).unwrap();
    let discard = |vault: &mut OpenVault| {
        ward.work(vault, |tx| Ok(tx.discard_draft(&ward.permit::<WriteDraft>(tx, ADA, Target::chart(patient("pat-1")))?, id)?))
    };
    assert_eq!(discard(&mut vault), Ok(()));
    assert_eq!(discard(&mut vault), Err(No::Vault(VaultError::NotFound)));
    assert!(drafts(&ward, ADA, &mut vault, "pat-1").unwrap().is_empty());
}

#[test]
fn a_draft_that_does_not_open_is_never_left_out_silently() {
    let (ward, mut vault) = ward();
    begin(&ward, ADA, &mut vault, "pat-1", DraftId::random()).unwrap();
    begin(&ward, ADA, &mut vault, "pat-2", DraftId::random()).unwrap();
    drop(vault.lock());
    // Put into another chart's place, or set back in its revisions.
    sql(&ward, "UPDATE draft SET patient = 3 - patient;");
    let mut vault = ward.open(ADA).unwrap();
    assert_eq!(drafts(&ward, ADA, &mut vault, "pat-1").err(), Some(No::Vault(VaultError::Seal)));
    drop(vault.lock());
    sql(&ward, "UPDATE draft SET patient = 3 - patient, revision = 2;");
    let mut vault = ward.open(ADA).unwrap();
    assert_eq!(drafts(&ward, ADA, &mut vault, "pat-1").err(), Some(No::Vault(VaultError::Seal)));
}
