//! Making, opening, locking; and what is there when it cannot be opened.
use std::fs::{self, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};

use access::{OpenIndex, ReadChart, Target};
use vault::{Files, LockedVault, VaultError};

use crate::support::{ADA, BEN, No, Ward, arrival, kind, patient, record_id};

fn whole(ward: &Ward) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(ward.files.folder())
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn what_was_filed_is_there_after_lock_and_open() {
    let (ward, mut vault) = Ward::new();
    ward.admit_patient(&mut vault, "pat-1");
    let body = r#"{"resourceType":"Observation","valueQuantity":{"value":1.50}}"#;
    ward.file(&mut vault, &[arrival("Observation", "obs-1", "pat-1", body)]);
    drop(vault.lock());

    for who in [ADA, BEN, ADA] {
        let mut vault = ward.open(who).unwrap();
        let cards = ward.work_of(who, &mut vault, |tx| Ok(tx.cards(&ward.permit::<OpenIndex>(tx, who, Target::workstation())?)?)).unwrap();
        assert_eq!((cards.0.len(), cards.1), (1, 0), "{who}");
        drop(vault.lock());
    }
    let mut vault = ward.open(ADA).unwrap();
    let row = ward.work(&mut vault, |tx| {
        let permit = ward.permit::<ReadChart>(tx, ADA, Target::chart(patient("pat-1")))?;
        Ok(tx.record(&permit, &kind("Observation"), &record_id("obs-1"))?)
    });
    assert_eq!(row.unwrap().body.expose().as_str(), body, "digit for digit");
}

#[test]
fn one_vault_a_folder_and_one_holder_a_vault() {
    let (ward, vault) = Ward::new();
    assert_eq!(LockedVault::find(ward.files.clone()).unwrap_err(), VaultError::InUse);
    let locked = vault.lock();
    assert_eq!(LockedVault::find(ward.files.clone()).unwrap_err(), VaultError::InUse, "a locked vault is still held");
    assert_eq!(ward.open(ADA).err(), Some(VaultError::InUse));
    drop(locked);
    assert_eq!(LockedVault::create(ward.files.clone(), ward.keys(ADA), &ward.origin(ADA)).err(), Some(VaultError::Exists));
    assert!(ward.open(ADA).is_ok());

    let folder = tempfile::tempdir().unwrap();
    assert_eq!(LockedVault::find(Files::new(folder.path())).unwrap_err(), VaultError::Missing);
    assert_eq!(LockedVault::find(Files::new(folder.path().join("not/yet"))).unwrap_err(), VaultError::Missing);
}

#[test]
fn another_vaults_keys_open_nothing_and_change_nothing() {
    let (ward, vault) = Ward::new();
    drop(vault.lock());
    let (other, vault) = Ward::new();
    drop(vault.lock());
    let before = whole(&ward);
    let locked = LockedVault::find(ward.files.clone()).unwrap();
    let (locked, error) = locked.open(other.keys(ADA), &ward.origin(ADA)).err().unwrap();
    assert_eq!(error, VaultError::Unreadable);
    assert!(whole(&ward) == before);
    // It came back locked, and the right keys open it.
    assert!(locked.open(ward.keys(ADA), &ward.origin(ADA)).is_ok());
}

#[test]
fn another_vaults_keys_leave_a_log_that_a_crash_left() {
    let (ward, mut vault) = Ward::new();
    ward.admit_patient(&mut vault, "pat-1");
    // As after a crash: the database and its log, copied while the vault is open.
    let crashed = Ward::at(&ward.files.folder().with_file_name("crashed"));
    crashed.files.make_folder().unwrap();
    for (name, bytes) in whole(&ward) {
        fs::write(crashed.files.folder().join(name), bytes).unwrap();
    }
    assert!(crashed.files.folder().join("vault.db-wal").metadata().unwrap().len() > 0);
    let (other, _vault) = Ward::new();
    let locked = LockedVault::find(crashed.files.clone()).unwrap();
    let (locked, error) = locked.open(other.keys(ADA), &ward.origin(ADA)).err().unwrap();
    assert_eq!(error, VaultError::Unreadable);
    drop(locked);
    let mut vault = crashed.open(ADA).unwrap();
    let chart = crashed.work(&mut vault, |tx| Ok(tx.chart(&crashed.permit::<ReadChart>(tx, ADA, Target::chart(patient("pat-1")))?)?));
    assert_eq!(chart.unwrap().rows.len(), 2);
}

#[test]
fn a_damaged_database_is_reported_and_never_made_anew() {
    let (ward, mut vault) = Ward::new();
    ward.admit_patient(&mut vault, "pat-1");
    drop(vault.lock());
    let path = ward.files.database();
    let good = fs::read(&path).unwrap();
    let foreign = {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("plain.db");
        rusqlite::Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1);").unwrap();
        fs::read(path).unwrap()
    };
    let mut flipped = good.clone();
    flipped[2000] ^= 1;
    let damages: &[(&str, &[u8])] = &[
        ("empty", b""),
        ("one byte", b"x"),
        ("half a page", &good[..2048]),
        ("one page", &good[..4096]),
        ("a page and a half", &good[..6000]),
        ("half the file", &good[..good.len() / 2]),
        ("text", &b"no database, but long enough to be read as one. ".repeat(200)),
        ("a plain SQLite file", &foreign),
        ("a flipped bit", &flipped),
    ];
    for (what, bytes) in damages {
        fs::write(&path, bytes).unwrap();
        assert_eq!(ward.open(ADA).err(), Some(VaultError::Unreadable), "{what}");
        assert!(fs::read(&path).unwrap() == *bytes, "{what}: changed");
        assert_eq!(LockedVault::create(ward.files.clone(), ward.keys(ADA), &ward.origin(ADA)).err(), Some(VaultError::Exists), "{what}");
    }
    fs::remove_file(&path).unwrap();
    assert_eq!(ward.open(ADA).err(), Some(VaultError::Missing));
    assert!(!path.exists());
    // A log without its database is what is left of a vault.
    fs::write(path.with_file_name("vault.db-wal"), b"left").unwrap();
    assert_eq!(LockedVault::create(ward.files.clone(), ward.keys(ADA), &ward.origin(ADA)).err(), Some(VaultError::Exists));
    fs::remove_file(path.with_file_name("vault.db-wal")).unwrap();
    fs::write(&path, good).unwrap();
    assert!(ward.open(ADA).is_ok());
}

#[test]
fn every_page_is_authenticated() {
    let (ward, mut vault) = Ward::new();
    ward.admit_patient(&mut vault, "pat-1");
    drop(vault.lock());
    let path = ward.files.database();
    let pages = path.metadata().unwrap().len() / 4096;
    for page in 0..pages {
        let good = fs::read(&path).unwrap();
        let mut file = OpenOptions::new().write(true).open(&path).unwrap();
        file.seek(SeekFrom::Start(page * 4096 + 1234)).unwrap();
        file.write_all(&[good[usize::try_from(page * 4096 + 1234).unwrap()] ^ 0x10]).unwrap();
        // A page that no query needs may go unread; what is read is never silently wrong.
        let seen = ward.open(ADA).map_err(No::from).and_then(|mut vault| {
            ward.work(&mut vault, |tx| Ok(tx.chart(&ward.permit::<ReadChart>(tx, ADA, Target::chart(patient("pat-1")))?)?))
        });
        match seen {
            Ok(chart) => assert_eq!((chart.rows.len(), chart.unreadable.len()), (2, 0), "page {page}"),
            Err(error) => assert_eq!(error, No::Vault(VaultError::Unreadable), "page {page}"),
        }
        fs::write(&path, good).unwrap();
    }
}

#[test]
fn a_later_versions_vault_is_left_alone() {
    let (ward, vault) = Ward::new();
    drop(vault.lock());
    crate::support::sql(&ward, "PRAGMA user_version = 99;");
    let before = fs::read(ward.files.database()).unwrap();
    assert_eq!(ward.open(ADA).err(), Some(VaultError::Newer));
    assert!(fs::read(ward.files.database()).unwrap() == before);
}

#[cfg(unix)]
#[test]
fn only_its_owner_reads_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;

    let folder = tempfile::tempdir().unwrap();
    let ward = Ward::at(&folder.path().join("site"));
    fs::create_dir(ward.files.folder()).unwrap();
    fs::set_permissions(ward.files.folder(), fs::Permissions::from_mode(0o755)).unwrap();
    let mut vault = ward.create().unwrap();
    ward.admit_patient(&mut vault, "pat-1");
    vault::DoorLog::new(ward.files.door(), ward.key_file().door()).append(&crate::support::failed_unlock("wrong_passphrase")).unwrap();
    assert_eq!(mode(ward.files.folder()), 0o700);
    let names: Vec<_> = whole(&ward).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["audit.head", "door.log", "keys.json", "lock", "vault.db", "vault.db-wal"]);
    for name in names {
        assert_eq!(mode(&ward.files.folder().join(&name)), 0o600, "{name}");
    }
}
