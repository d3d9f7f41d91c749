//! A vault made by every released migration opens and reads for ever.
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use access::{BreakGlass, DeskMemory, EmergencyGrant, Ingest, Pin, Push, ReadChart, ReadSchedule, SignNote, Target, WriteDraft};
use kernel::{DraftId, GrantId, Phi};
use sync::{EntryState, Member, Settlement, Tier, Tombstone};
use vault::{DoorLog, DraftText, Filing, NewRecord, OpenVault, State};

use crate::support::{
    ADA, No, Ward, arrival, at, care_team, entries, failed_unlock, kind, patient, patient_record, physician, record_id, text, user_id,
    verify, version, versioned,
};

const DRAFT: &str = "6f2c0c36-5d0b-4c7e-9d5a-222222222222";
const NUMBERS: &str =
    r#"{"resourceType":"Observation","id":"obs-1","valueQuantity":{"value":1.50,"unit":"mmol/L"},"extension":[{"url":"x"}]}"#;
const FILES: [&str; 4] = ["keys.json", "vault.db", "audit.head", "door.log"];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn chart() -> Target {
    Target::chart(patient("pat-1"))
}

#[test]
fn every_older_vault_opens_and_reads() {
    let mut versions: Vec<_> = fs::read_dir(fixtures()).unwrap().map(|entry| entry.unwrap().path()).collect();
    versions.sort();
    let migrations = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations")).unwrap().count();
    assert_eq!(versions.len(), migrations, "a fixture for every migration");
    for fixture in versions {
        let folder = tempfile::tempdir().unwrap();
        let ward = Ward::at(&folder.path().join("site"));
        ward.files.make_folder().unwrap();
        for name in FILES {
            fs::copy(fixture.join(name), ward.files.folder().join(name)).unwrap();
        }
        read_everything(&ward).unwrap_or_else(|no| panic!("{}: {no:?}", fixture.display()));
    }
}

pub fn read_everything(ward: &Ward) -> Result<(), No> {
    let mut vault = ward.open(ADA)?;
    assert_eq!(verify(ward, &mut vault), None);
    ward.work(&mut vault, |tx| {
        let read = ward.permit::<ReadChart>(tx, ADA, chart())?;
        assert!(read.emergency(), "the grant is in force");
        assert_eq!(tx.emergency(&read, &physician(ADA))?.unwrap().seconds_left, 3600);
        let rows = tx.chart(&read)?;
        assert_eq!((rows.rows.len(), rows.unreadable.len(), rows.withheld), (6, 0, 0));
        assert_eq!(tx.record(&read, &kind("Observation"), &record_id("obs-1"))?.body.expose().as_str(), NUMBERS);
        let note = tx.record(&read, &kind("DocumentReference"), &record_id("note-1"))?;
        assert_eq!((note.state, note.body.expose().as_str()), (State::Conflict, "ours"));
        let side = tx.ehr_side(&read, &kind("DocumentReference"), &record_id("note-1"))?.unwrap();
        assert_eq!((side.body.unwrap().expose().as_str(), side.version), ("theirs", Some(version("7"))));
        let [draft] = &tx.drafts(&read)?[..] else { panic!() };
        assert_eq!((draft.draft, draft.revision, draft.content.expose().text.as_str()), (DraftId::parse(DRAFT).unwrap(), 2, "second"));
        let standing = tx.note_opened(&read)?;
        assert_eq!((standing.complete, standing.as_of, standing.pinned), (true, Some(at(0)), true));
        let outbox = tx.outgoing(&ward.permit::<Push>(tx, ADA, Target::workstation())?)?;
        let outbox: Vec<_> = outbox.iter().map(|out| (out.id.as_str(), &**out.body.expose(), out.state)).collect();
        assert_eq!(outbox, [("note-1", "ours", EntryState::Stuck), ("note-2", "waiting", EntryState::Waiting)]);
        let schedule = ward.permit::<ReadSchedule>(tx, ADA, Target::workstation())?;
        assert_eq!(tx.appointments(&schedule, 100, 200)?.rows.len(), 1);
        assert_eq!(tx.directory(&schedule)?.rows.len(), 1);
        let ingest = ward.permit::<Ingest>(tx, ADA, Target::workstation())?;
        assert_eq!(tx.members(&ingest)?, [Member { patient: patient("pat-1"), tier: Tier::Today, complete: true }]);
        assert_eq!(tx.shared(&ingest, "checkpoint")?, Some(text("cursor")));
        assert_eq!(tx.file(&ingest, &[versioned(arrival("Flag", "flag-1", "pat-1", "{}"), "1", 10)])?.unchanged, 1, "buried");
        let own = tx.own(&ward.permit::<DeskMemory>(tx, ADA, Target::workstation())?, "memory")?;
        assert_eq!(own.as_deref().map(Vec::as_slice), Some(&b"tabs"[..]));
        let (cards, unreadable) = tx.cards(&ward.permit(tx, ADA, Target::workstation())?)?;
        let card = cards.iter().find(|card| card.patient.as_str() == "pat-1").unwrap();
        assert_eq!((card.entry.as_ref().unwrap().expose().as_slice(), unreadable), (&b"card of pat-1"[..], 0));
        Ok(())
    })?;
    let door = entries(ward, ADA, &mut vault, 1000).into_iter().filter_map(|entry| entry.subject.detail);
    assert_eq!(door.filter(|detail| detail.ends_with("wrong_passphrase")).count(), 1);
    Ok(())
}

/// Makes the fixture of the present migration: once, with the release that brings it.
/// `SATCHEL_FIXTURE=0003 cargo test -p vault --test it -- --ignored frozen::make`
#[test]
#[ignore = "writes a fixture"]
fn make() {
    let Ok(name) = env::var("SATCHEL_FIXTURE") else { return };
    let fixture = fixtures().join(name);
    fs::create_dir_all(fixtures()).unwrap();
    fs::create_dir(&fixture).expect("a fixture is never made over another");
    let (ward, vault) = Ward::new();
    fill(&ward, vault);
    for name in FILES {
        fs::copy(ward.files.folder().join(name), fixture.join(name)).unwrap();
    }
}

/// Leaves something of everything in a new vault, as [`read_everything`] expects it, and locks it.
pub fn fill(ward: &Ward, mut vault: OpenVault) {
    let mut appointment = arrival("Appointment", "app-1", "pat-1", "{}");
    appointment.filing.date = 150;
    let mut doctor = arrival("Practitioner", "prac-ada", "pat-1", "{}");
    doctor.incoming.patient = None;
    let mut observation = arrival("Observation", "obs-1", "pat-1", NUMBERS);
    observation.filing.code = Some("http://loinc.org|2345-7".into());
    ward.file(&mut vault, &[patient_record("pat-1", "1", 0), care_team("pat-1", ADA), observation, appointment, doctor]);
    ward.work(&mut vault, |tx| {
        let write = ward.permit::<WriteDraft>(tx, ADA, chart())?;
        let content = |text: &str| Phi::new(DraftText { text: text.to_owned().into(), caret: 1 });
        tx.begin_draft(&write, DraftId::parse(DRAFT).unwrap(), "11506-3", &content("first"))?;
        tx.save_draft(&write, DraftId::parse(DRAFT).unwrap(), 1, &content("second"))?;
        for (id, body) in [("note-1", "ours"), ("note-2", "waiting")] {
            let (kind, id) = (kind("DocumentReference"), record_id(id));
            let new = NewRecord { kind, id, patient: patient("pat-1"), body: text(body), filing: Filing::default() };
            tx.enter(&ward.permit::<SignNote>(tx, ADA, chart())?, new)?;
        }
        let push = ward.permit::<Push>(tx, ADA, Target::workstation())?;
        let entry = tx.outgoing(&push)?[0].entry;
        let theirs = versioned(arrival("DocumentReference", "note-1", "pat-1", "theirs"), "7", 7).incoming;
        tx.settle(&push, entry, &Settlement::Conflict(Some(theirs)), &Filing::default())?;
        let ingest = ward.permit::<Ingest>(tx, ADA, Target::workstation())?;
        tx.keep_members(&ingest, &[Member { patient: patient("pat-1"), tier: Tier::Today, complete: true }])?;
        tx.keep_shared(&ingest, "checkpoint", &text("cursor"))?;
        tx.bury(&ingest, &[Tombstone { kind: kind("Flag"), id: record_id("flag-1"), deleted_at: Some(at(20)) }])?;
        tx.keep_own(&ward.permit::<DeskMemory>(tx, ADA, Target::workstation())?, "memory", b"tabs")?;
        tx.pin(&ward.permit::<Pin>(tx, ADA, chart())?, true)?;
        let (who, why) = (user_id(ADA), ("ETREAT", "unconscious, no relatives"));
        let grant = EmergencyGrant::new(GrantId::random(), who, patient("pat-1"), why, &ward.now(), ward.boot()).unwrap();
        Ok(tx.begin_emergency(&ward.permit::<BreakGlass>(tx, ADA, chart())?, &grant, &Phi::new(why.1.to_owned()))?)
    })
    .unwrap();
    drop(vault.lock());
    DoorLog::new(ward.files.door(), ward.key_file().door()).append(&failed_unlock("wrong_passphrase")).unwrap();
}
