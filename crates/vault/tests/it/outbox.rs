//! Work on its way to the EHR.
use access::{Ingest, Push, ReadChart, ReadOutbox, SignNote, Target};
use sync::{EntryId, EntryState, Incoming, Outgoing, Rejection, Settlement, Tombstone};
use vault::{Arrival, Filing, NewRecord, OpenVault, OutboxEntry, State, VaultError};

use crate::support::{ADA, BEN, No, Ward, arrival, at, incoming, kind, patient, record_id, text, user_id, version, versioned};

const NOTE: &str = "DocumentReference";

fn ward() -> (Ward, OpenVault) {
    let (ward, mut vault) = Ward::new();
    ward.admit_patient(&mut vault, "pat-1");
    ward.admit_patient(&mut vault, "pat-2");
    (ward, vault)
}

fn note(id: &str, of: &str, body: &str) -> NewRecord {
    NewRecord { kind: kind(NOTE), id: record_id(id), patient: patient(of), body: text(body), filing: Filing::default() }
}

fn enter(ward: &Ward, vault: &mut OpenVault, id: &str, body: &str) -> Result<(), No> {
    ward.work(vault, |tx| Ok(tx.enter(&ward.permit::<SignNote>(tx, ADA, Target::chart(patient("pat-1")))?, note(id, "pat-1", body))?))
}

fn outgoing(ward: &Ward, vault: &mut OpenVault) -> Vec<Outgoing> {
    ward.work(vault, |tx| Ok(tx.outgoing(&ward.permit::<Push>(tx, ADA, Target::workstation())?)?)).unwrap()
}

fn listed(ward: &Ward, vault: &mut OpenVault) -> Vec<OutboxEntry> {
    ward.work(vault, |tx| Ok(tx.outbox(&ward.permit::<ReadOutbox>(tx, ADA, Target::workstation())?)?)).unwrap()
}

fn sending(ward: &Ward, vault: &mut OpenVault, entry: EntryId) {
    ward.work(vault, |tx| Ok(tx.mark_sending(&ward.permit::<Push>(tx, ADA, Target::workstation())?, entry)?)).unwrap();
}

fn settle(ward: &Ward, vault: &mut OpenVault, entry: EntryId, outcome: &Settlement) {
    let of =
        ward.work(vault, |tx| Ok(tx.settle(&ward.permit::<Push>(tx, ADA, Target::workstation())?, entry, outcome, &Filing::default())?));
    assert!(of.unwrap().is_none_or(|of| of == patient("pat-1")));
}

fn retry(ward: &Ward, vault: &mut OpenVault, entry: EntryId) -> Result<(), No> {
    ward.work(vault, |tx| Ok(tx.retry(&ward.permit::<Push>(tx, ADA, Target::workstation())?, entry)?))
}

/// The badge in the chart, the badge in the list, and the counts.
fn badges(ward: &Ward, vault: &mut OpenVault, id: &str) -> (Option<State>, Option<State>, [u32; 4]) {
    let in_chart = ward.work(vault, |tx| {
        let permit = ward.permit::<ReadChart>(tx, ADA, Target::chart(patient("pat-1")))?;
        Ok((tx.record(&permit, &kind(NOTE), &record_id(id)).map(|row| row.state).ok(), tx.waiting(&user_id(ADA))?))
    });
    let (state, waiting) = in_chart.unwrap();
    let entry = listed(ward, vault).into_iter().find(|entry| entry.id == id);
    (state, entry.map(|entry| entry.state), waiting)
}

fn shown(ward: &Ward, vault: &mut OpenVault, id: &str) -> String {
    let row = ward.work(vault, |tx| {
        let permit = ward.permit::<ReadChart>(tx, ADA, Target::chart(patient("pat-1")))?;
        Ok(tx.record(&permit, &kind(NOTE), &record_id(id))?)
    });
    row.unwrap().body.expose().to_string()
}

fn ehr_side(ward: &Ward, vault: &mut OpenVault, id: &str) -> Option<Option<String>> {
    let side = ward.work(vault, |tx| {
        let permit = ward.permit::<ReadChart>(tx, ADA, Target::chart(patient("pat-1")))?;
        Ok(tx.ehr_side(&permit, &kind(NOTE), &record_id(id))?)
    });
    side.unwrap().map(|side| side.body.map(|body| body.expose().to_string()))
}

fn theirs(id: &str, body: &str, number: &str, minute: i64) -> Incoming {
    versioned(Arrival { incoming: incoming(NOTE, id, Some("pat-1"), body), filing: Filing::default() }, number, minute).incoming
}

fn acknowledged(id: &str, body: &str, number: &str, minute: i64) -> Settlement {
    Settlement::Acknowledged { version: version(number), record: theirs(id, body, number, minute) }
}

#[test]
fn an_entry_lives_until_the_ehr_acknowledged_it() {
    let (ward, mut vault) = ward();
    enter(&ward, &mut vault, "note-1", "text").unwrap();
    assert_eq!(badges(&ward, &mut vault, "note-1"), (Some(State::LocalOnly), Some(State::LocalOnly), [1, 0, 0, 0]));
    let [out] = &outgoing(&ward, &mut vault)[..] else { panic!() };
    assert_eq!((out.kind.as_str(), out.id.as_str(), out.patient.clone()), (NOTE, "note-1", Some(patient("pat-1"))));
    assert_eq!((&**out.body.expose(), out.base_version.clone(), out.state), ("text", None, EntryState::Waiting));

    for tries in 1..=3 {
        sending(&ward, &mut vault, out.entry);
        assert_eq!(badges(&ward, &mut vault, "note-1"), (Some(State::Sending), Some(State::Sending), [0, 1, 0, 0]));
        settle(&ward, &mut vault, out.entry, &Settlement::Postponed);
        assert_eq!(badges(&ward, &mut vault, "note-1"), (Some(State::LocalOnly), Some(State::LocalOnly), [1, 0, 0, 0]));
        assert_eq!(outgoing(&ward, &mut vault)[0].state, EntryState::Attempted, "the EHR may hold it");
        assert_eq!(listed(&ward, &mut vault)[0].attempts, tries);
    }
    sending(&ward, &mut vault, out.entry);
    settle(&ward, &mut vault, out.entry, &acknowledged("note-1", "text, as the EHR holds it", "1", 5));
    assert_eq!(badges(&ward, &mut vault, "note-1"), (Some(State::Synced), None, [0; 4]));
    assert_eq!(shown(&ward, &mut vault, "note-1"), "text, as the EHR holds it");
    // Settled once more, as after a crash: no effect.
    settle(&ward, &mut vault, out.entry, &Settlement::Rejected(Rejection::Other));
    sending(&ward, &mut vault, out.entry);
    assert_eq!(badges(&ward, &mut vault, "note-1"), (Some(State::Synced), None, [0; 4]));
    let counts = ward.work(&mut vault, |tx| Ok(tx.counts(&ward.permit::<Ingest>(tx, ADA, Target::workstation())?)?)).unwrap();
    assert_eq!(counts[&kind(NOTE)], 1);
    assert_eq!(enter(&ward, &mut vault, "note-1", "edited"), Err(No::Vault(VaultError::Fault)), "acknowledged: not edited here");
}

#[test]
fn a_crash_while_sending_is_known_as_such() {
    let (ward, mut vault) = ward();
    enter(&ward, &mut vault, "note-1", "text").unwrap();
    let entry = outgoing(&ward, &mut vault)[0].entry;
    sending(&ward, &mut vault, entry);
    drop(vault);
    let mut vault = ward.open(ADA).unwrap();
    assert_eq!(outgoing(&ward, &mut vault)[0].state, EntryState::Attempted);
}

#[test]
fn a_refused_entry_stays_with_its_reason_until_someone_tries_again() {
    let (ward, mut vault) = ward();
    enter(&ward, &mut vault, "note-1", "text").unwrap();
    let entry = outgoing(&ward, &mut vault)[0].entry;
    assert_eq!(retry(&ward, &mut vault, entry), Err(No::Vault(VaultError::NotFound)), "nothing refused");
    for reason in Rejection::ALL {
        sending(&ward, &mut vault, entry);
        settle(&ward, &mut vault, entry, &Settlement::Rejected(reason));
        assert_eq!(badges(&ward, &mut vault, "note-1"), (Some(State::Rejected), Some(State::Rejected), [0, 0, 1, 0]));
        assert_eq!(listed(&ward, &mut vault)[0].reason, Some(reason));
        assert_eq!(outgoing(&ward, &mut vault)[0].state, EntryState::Stuck);
        sending(&ward, &mut vault, entry);
        settle(&ward, &mut vault, entry, &Settlement::Postponed);
        assert_eq!(badges(&ward, &mut vault, "note-1").0, Some(State::Rejected), "a stuck entry is not sent");
        retry(&ward, &mut vault, entry).unwrap();
        assert_eq!(badges(&ward, &mut vault, "note-1"), (Some(State::LocalOnly), Some(State::LocalOnly), [1, 0, 0, 0]));
        assert_eq!(listed(&ward, &mut vault)[0].reason, None);
    }
    settle(&ward, &mut vault, entry, &acknowledged("note-1", "text", "1", 5));
    assert_eq!(badges(&ward, &mut vault, "note-1"), (Some(State::Synced), None, [0; 4]));
}

#[test]
fn a_conflict_keeps_both_sides() {
    let (ward, mut vault) = ward();
    enter(&ward, &mut vault, "note-1", "ours").unwrap();
    let entry = outgoing(&ward, &mut vault)[0].entry;
    sending(&ward, &mut vault, entry);
    settle(&ward, &mut vault, entry, &Settlement::Conflict(Some(theirs("note-1", "theirs", "7", 5))));
    assert_eq!(badges(&ward, &mut vault, "note-1"), (Some(State::Conflict), Some(State::Conflict), [0, 0, 0, 1]));
    assert_eq!(retry(&ward, &mut vault, entry), Err(No::Vault(VaultError::NotFound)), "a person must settle it");
    assert_eq!((shown(&ward, &mut vault, "note-1").as_str(), ehr_side(&ward, &mut vault, "note-1")), ("ours", Some(Some("theirs".into()))));
    let [out] = &outgoing(&ward, &mut vault)[..] else { panic!() };
    assert_eq!((&**out.body.expose(), out.state), ("ours", EntryState::Stuck));

    enter(&ward, &mut vault, "note-2", "ours").unwrap();
    let entry = outgoing(&ward, &mut vault)[1].entry;
    settle(&ward, &mut vault, entry, &Settlement::Conflict(None));
    assert_eq!((shown(&ward, &mut vault, "note-2").as_str(), ehr_side(&ward, &mut vault, "note-2")), ("ours", Some(None)));
}

#[test]
fn a_later_version_is_a_further_entry_and_builds_on_what_was_acknowledged() {
    let (ward, mut vault) = ward();
    enter(&ward, &mut vault, "note-1", "first").unwrap();
    let first = outgoing(&ward, &mut vault)[0].entry;
    sending(&ward, &mut vault, first);
    enter(&ward, &mut vault, "note-1", "second").unwrap();
    enter(&ward, &mut vault, "note-1", "third").unwrap();
    assert_eq!(shown(&ward, &mut vault, "note-1"), "third");
    assert_eq!(badges(&ward, &mut vault, "note-1").0, Some(State::LocalOnly), "what is on screen is not being sent");
    let texts = |outbox: Vec<Outgoing>| outbox.iter().map(|out| out.body.expose().to_string()).collect::<Vec<_>>();
    assert_eq!(texts(outgoing(&ward, &mut vault)), ["first", "second", "third"], "each as it was signed");

    // A stranger changed it at once: that is not what the next one builds on.
    let outcome = Settlement::Acknowledged { version: version("1"), record: theirs("note-1", "a stranger's", "2", 6) };
    settle(&ward, &mut vault, first, &outcome);
    let left = outgoing(&ward, &mut vault);
    assert_eq!((left[0].base_version.clone(), left[1].base_version.clone()), (Some(version("1")), None));
    assert_eq!(badges(&ward, &mut vault, "note-1"), (Some(State::LocalOnly), Some(State::LocalOnly), [2, 0, 0, 0]));
    assert_eq!(
        (shown(&ward, &mut vault, "note-1").as_str(), ehr_side(&ward, &mut vault, "note-1")),
        ("third", Some(Some("a stranger's".into())))
    );
    let counts = ward.work(&mut vault, |tx| Ok(tx.counts(&ward.permit::<Ingest>(tx, ADA, Target::workstation())?)?)).unwrap();
    assert_eq!(counts[&kind(NOTE)], 1, "acknowledged once, so the EHR counts it");

    settle(&ward, &mut vault, left[0].entry, &acknowledged("note-1", "second", "3", 7));
    settle(&ward, &mut vault, left[1].entry, &acknowledged("note-1", "third", "4", 8));
    assert_eq!(badges(&ward, &mut vault, "note-1"), (Some(State::Synced), None, [0; 4]));
    assert_eq!(ehr_side(&ward, &mut vault, "note-1"), None);
}

#[test]
fn a_refused_earlier_version_shows_before_the_later_ones() {
    let (ward, mut vault) = ward();
    enter(&ward, &mut vault, "note-1", "first").unwrap();
    enter(&ward, &mut vault, "note-1", "second").unwrap();
    let first = outgoing(&ward, &mut vault)[0].entry;
    settle(&ward, &mut vault, first, &Settlement::Rejected(Rejection::Validation));
    assert_eq!(badges(&ward, &mut vault, "note-1").0, Some(State::Rejected));
}

#[test]
fn what_came_in_while_it_was_being_sent_is_not_lost() {
    let (ward, mut vault) = ward();
    enter(&ward, &mut vault, "note-1", "ours").unwrap();
    let entry = outgoing(&ward, &mut vault)[0].entry;
    sending(&ward, &mut vault, entry);
    // The EHR took ours as version 1; a colleague made version 2 of it, which a pull brought before our answer was settled.
    let mut later = versioned(arrival(NOTE, "note-1", "pat-1", "a colleague's"), "2", 9);
    later.filing.date = 4711;
    ward.file(&mut vault, &[later]);
    assert_eq!(shown(&ward, &mut vault, "note-1"), "ours");
    settle(&ward, &mut vault, entry, &acknowledged("note-1", "ours", "1", 8));
    assert_eq!(shown(&ward, &mut vault, "note-1"), "a colleague's");
    assert_eq!(badges(&ward, &mut vault, "note-1").0, Some(State::Synced));
    assert_eq!(ehr_side(&ward, &mut vault, "note-1"), None);
}

#[test]
fn what_was_deleted_after_it_was_taken_is_gone_and_what_was_deleted_before_is_not() {
    let (ward, mut vault) = ward();
    for (id, deleted, left) in [("note-1", 9, 0), ("note-2", 7, 1)] {
        enter(&ward, &mut vault, id, "ours").unwrap();
        let entry = outgoing(&ward, &mut vault)[0].entry;
        sending(&ward, &mut vault, entry);
        let stone = Tombstone { kind: kind(NOTE), id: record_id(id), deleted_at: Some(at(deleted)) };
        ward.work(&mut vault, |tx| Ok(tx.bury(&ward.permit::<Ingest>(tx, ADA, Target::workstation())?, &[stone])?)).unwrap();
        settle(&ward, &mut vault, entry, &acknowledged(id, "ours", "1", 8));
        let counts = ward.work(&mut vault, |tx| Ok(tx.counts(&ward.permit::<Ingest>(tx, ADA, Target::workstation())?)?)).unwrap();
        assert_eq!(counts.get(&kind(NOTE)).copied().unwrap_or(0), left, "{id}");
    }
}

#[test]
fn nothing_goes_into_the_wrong_chart() {
    let (ward, mut vault) = ward();
    let enter = |vault: &mut OpenVault, permit_for: &str, of: &str| {
        ward.work(
            vault,
            |tx| Ok(tx.enter(&ward.permit::<SignNote>(tx, ADA, Target::chart(patient(permit_for)))?, note("note-1", of, "x"))?),
        )
    };
    assert_eq!(enter(&mut vault, "pat-1", "pat-2"), Err(No::Vault(VaultError::WrongPatient)));
    assert_eq!(enter(&mut vault, "pat-1", "pat-1"), Ok(()));
    assert_eq!(enter(&mut vault, "pat-2", "pat-2"), Err(No::Vault(VaultError::WrongPatient)), "the record is of the other chart");
    assert_eq!(outgoing(&ward, &mut vault).len(), 1);
}

#[test]
fn entries_keep_their_order_and_numbers_are_never_given_twice() {
    let (ward, mut vault) = ward();
    for n in 0..3 {
        enter(&ward, &mut vault, &format!("note-{n}"), "x").unwrap();
    }
    let last = outgoing(&ward, &mut vault)[2].entry;
    settle(&ward, &mut vault, last, &acknowledged("note-2", "x", "1", 5));
    enter(&ward, &mut vault, "note-3", "x").unwrap();
    let ids: Vec<_> = outgoing(&ward, &mut vault).iter().map(|out| (out.entry > last, out.id.to_string())).collect();
    assert_eq!(ids, [(false, "note-0".into()), (false, "note-1".into()), (true, "note-3".into())]);
}

#[test]
fn what_one_entered_is_not_sent_under_anothers_sign_in() {
    let (ward, mut vault) = ward();
    enter(&ward, &mut vault, "note-1", "Ada's").unwrap();
    let entry = outgoing(&ward, &mut vault)[0].entry;
    ward.work(&mut vault, |tx| {
        let push = ward.permit::<Push>(tx, ADA, Target::workstation())?;
        Ok(tx.settle(&push, entry, &Settlement::Rejected(Rejection::Forbidden), &Filing::default())?)
    })
    .unwrap();
    drop(vault.lock());
    let mut vault = ward.open(BEN).unwrap();
    let found = ward.work_of(BEN, &mut vault, |tx| {
        let push = ward.permit::<Push>(tx, BEN, Target::workstation())?;
        assert_eq!(tx.retry(&push, entry).unwrap_err(), VaultError::NotFound);
        Ok((tx.outgoing(&push)?.len(), tx.waiting(&user_id(BEN))?, tx.waiting(&user_id(ADA))?))
    });
    assert_eq!(found.unwrap(), (0, [0; 4], [0, 0, 1, 0]), "it stays Ada's");
    drop(vault.lock());
    let mut vault = ward.open(ADA).unwrap();
    retry(&ward, &mut vault, entry).unwrap();
    assert_eq!(outgoing(&ward, &mut vault).len(), 1);
}
