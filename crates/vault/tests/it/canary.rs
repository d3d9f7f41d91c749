//! Nothing of a patient lies readable in the vault's files.
use std::fs;

use access::{BreakGlass, DeskMemory, EmergencyGrant, Ingest, ReadChart, SignNote, Target, WriteDraft};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kernel::{DraftId, GrantId, Phi};
use sync::{Settlement, Tombstone};
use vault::{DoorLog, DraftText, Filing, NewRecord, OpenVault};

use crate::support::{
    ADA, Ward, arrival, care_team, failed_unlock, kind, patient, patient_record, physician, record_id, text, user_id, verify,
};

/// Words found nowhere else.
const CANARIES: &[&str] = &[
    "Quetzalcoatlus",     // family name, in the Patient resource and on the card
    "qzx-patient-7391",   // logical id of the patient
    "qzx-note-5512",      // logical id of a note
    "Wolfsmilchgewaechs", // text of a note
    "Zimtschneckenteig",  // text of a draft
    "Xylophonkonzert",    // written reason of a break-glass
    "qzx-refresh-token",  // somebody's token
    "qzx-cursor-8841",    // the sync checkpoint
    "84462-6-qzx",        // a code
    "qzx-intruder-2207",  // whom somebody at the door claimed to be
];

fn a_days_work() -> (Ward, OpenVault) {
    let (ward, mut vault) = Ward::new();
    let id = "qzx-patient-7391";
    let chart = || Target::chart(patient(id));
    let mut who = patient_record(id, "1", 0);
    who.incoming.body = text(r#"{"resourceType":"Patient","name":[{"family":"Quetzalcoatlus"}]}"#);
    who.filing.card = Some(b"Quetzalcoatlus, qzx-patient-7391".to_vec());
    let mut coded = arrival("Observation", "qzx-obs", id, r#"{"code":"84462-6-qzx"}"#);
    coded.filing.code = Some("http://loinc.org|84462-6-qzx".into());
    ward.file(&mut vault, &[who, care_team(id, ADA), coded]);
    ward.work(&mut vault, |tx| {
        let draft = ward.permit::<WriteDraft>(tx, ADA, chart())?;
        let content = Phi::new(DraftText { text: "Zimtschneckenteig".to_owned().into(), caret: 3 });
        tx.begin_draft(&draft, DraftId::random(), "11506-3", &content)?;
        let (kind, note) = (kind("DocumentReference"), record_id("qzx-note-5512"));
        let new = NewRecord { kind, id: note, patient: patient(id), body: text("Wolfsmilchgewaechs"), filing: Filing::default() };
        tx.enter(&ward.permit::<SignNote>(tx, ADA, chart())?, new)?;
        let grant = EmergencyGrant::new(GrantId::random(), user_id(ADA), patient(id), ("BTG", "Xylophonkonzert"), &ward.now(), ward.boot());
        let glass = ward.permit::<BreakGlass>(tx, ADA, chart())?;
        tx.begin_emergency(&glass, &grant.unwrap(), &Phi::new("Xylophonkonzert".to_owned()))?;
        tx.keep_own(&ward.permit::<DeskMemory>(tx, ADA, Target::workstation())?, "tokens", b"qzx-refresh-token")?;
        let ingest = ward.permit::<Ingest>(tx, ADA, Target::workstation())?;
        tx.keep_shared(&ingest, "checkpoint", &text("qzx-cursor-8841"))?;
        tx.bury(&ingest, &[Tombstone { kind: super::support::kind("Flag"), id: record_id("qzx-note-5512"), deleted_at: None }])?;
        Ok(())
    })
    .unwrap();
    let entry = ward.work(&mut vault, |tx| Ok(tx.outgoing(&ward.permit(tx, ADA, Target::workstation())?)?[0].entry)).unwrap();
    ward.work(&mut vault, |tx| {
        let mut theirs = arrival("DocumentReference", "qzx-note-5512", id, "Wolfsmilchgewaechs, theirs").incoming;
        theirs.patient = Some(patient(id));
        Ok(tx.settle(&ward.permit(tx, ADA, Target::workstation())?, entry, &Settlement::Conflict(Some(theirs)), &Filing::default())?)
    })
    .unwrap();
    ward.work(&mut vault, |tx| {
        let permit = ward.permit_for::<ReadChart>(tx, &physician(ADA), chart())?;
        assert_eq!(tx.chart(&permit)?.rows.len(), 4);
        Ok(tx.note_opened(&permit)?)
    })
    .unwrap();
    (ward, vault)
}

/// Every way a word may lie in a file: as it is, as UTF-16, as hexadecimal, as base64 at any alignment.
fn forms(word: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![word.as_bytes().to_vec(), wide(word), hex(word), hex(word).to_ascii_uppercase()];
    for shift in 0..3 {
        let encoded = STANDARD.encode([&vec![b' '; shift], word.as_bytes()].concat());
        // Whole groups of the word alone, away from what stands before and behind.
        forms.push(encoded.as_bytes()[4..encoded.len() - 4].to_vec());
    }
    forms
}

fn wide(word: &str) -> Vec<u8> {
    word.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn hex(word: &str) -> Vec<u8> {
    word.bytes().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes()
}

/// One character a byte: texts are searched much faster than bytes.
fn latin1(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn words_in(bytes: &[u8]) -> Vec<&'static str> {
    let text = latin1(bytes);
    CANARIES.iter().copied().filter(|word| forms(word).iter().any(|form| text.contains(&latin1(form)))).collect()
}

fn found(ward: &Ward) -> Vec<(String, Vec<&'static str>)> {
    let files = fs::read_dir(ward.files.folder()).unwrap().map(|entry| entry.unwrap());
    let words = files.map(|file| (file.file_name().into_string().unwrap(), words_in(&fs::read(file.path()).unwrap())));
    words.filter(|(_, words)| !words.is_empty()).collect()
}

#[test]
fn no_word_of_a_patient_lies_in_any_file() {
    let (ward, mut vault) = a_days_work();
    assert_eq!(verify(&ward, &mut vault), None);
    assert!(ward.files.folder().join("vault.db-wal").metadata().unwrap().len() > 0, "the log is looked through as well");
    assert_eq!(found(&ward), []);
    drop(vault.lock());
    let mut event = failed_unlock("wrong_passphrase");
    event.claimed = Some(user_id("qzx-intruder-2207"));
    DoorLog::new(ward.files.door(), ward.key_file().door()).append(&event).unwrap();
    assert_eq!(found(&ward), []);
    drop(ward.open(ADA).unwrap().lock());
    assert_eq!(found(&ward), []);
}

#[test]
fn a_planted_word_is_found_in_every_form() {
    let (ward, vault) = a_days_work();
    drop(vault.lock());
    let path = ward.files.database();
    let clean = fs::read(&path).unwrap();
    for word in CANARIES {
        let encoded = STANDARD.encode(format!("some {word} text")).into_bytes();
        for planted in [word.as_bytes().to_vec(), wide(word), hex(word), encoded] {
            let (before, behind) = clean.split_at(clean.len() / 2);
            fs::write(&path, [before, &planted, behind].concat()).unwrap();
            assert_eq!(found(&ward), [("vault.db".to_owned(), vec![*word])], "as {planted:?}");
        }
    }
}

#[test]
fn no_body_lies_unsealed_behind_the_databases_own_encryption() {
    let (ward, vault) = a_days_work();
    drop(vault.lock());
    // Everything that is a text or a blob in any table but the audit chain, whose entries name ids by design.
    let tables = crate::support::texts(
        &ward,
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'audit'",
    );
    assert_eq!(tables.len(), 24);
    for table in tables {
        let columns = crate::support::texts(&ward, &format!("SELECT name FROM pragma_table_info('{table}')"));
        for column in columns {
            for cell in crate::support::blobs(&ward, &format!("SELECT CAST({column} AS BLOB) FROM {table} WHERE {column} IS NOT NULL")) {
                assert!(words_in(&cell).is_empty(), "{:?} in {table}.{column}", words_in(&cell));
            }
        }
    }
}
