//! Thousands of random changes to the chain, to what lies beside it and to its files: each is found. As many untouched chains: no alarm.
//!
//! `SATCHEL_MUTATIONS=10000` runs so many changes and a tenth as many clean chains; `SATCHEL_SEED` starts elsewhere.
use std::collections::BTreeMap;
use std::env;
use std::fs;

use access::{SendAudit, SignNote, Target, WriteDraft};
use audit::Checked;
use kernel::{DraftId, Phi};
use vault::{DraftText, Filing, NewRecord, OpenVault};

use crate::support::{ADA, BEN, Ward, countersign, entries, keyed, kind, patient, record_id, sql, text, texts, verify};

/// Sebastiano Vigna's splitmix64: chance that can be repeated.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of `0..below`.
    fn below(&mut self, below: usize) -> usize {
        usize::try_from(self.next() % below as u64).unwrap()
    }

    /// One of `from..=to`.
    fn within(&mut self, from: usize, to: usize) -> usize {
        from + self.below(to + 1 - from)
    }
}

fn asked(name: &str, otherwise: u64) -> u64 {
    env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

const FILES: [&str; 4] = ["vault.db", "vault.db-wal", "audit.head", "door.log"];

/// The files of a vault at some moment.
type Copy = BTreeMap<&'static str, Vec<u8>>;

fn copy(ward: &Ward) -> Copy {
    FILES.into_iter().filter_map(|name| Some((name, fs::read(ward.files.folder().join(name)).ok()?))).collect()
}

fn put(ward: &Ward, copy: &Copy) {
    for name in FILES {
        let path = ward.files.folder().join(name);
        match copy.get(name) {
            Some(bytes) => fs::write(path, bytes).unwrap(),
            None => drop(fs::remove_file(path)),
        }
    }
}

/// One piece of work that leaves something in the chain.
fn work(ward: &Ward, vault: &mut OpenVault, chance: &mut Chance, serial: usize) {
    let chart = || Target::chart(patient("pat-1"));
    let content = |n: usize| Phi::new(DraftText { text: format!("words {n}").into(), caret: 0 });
    match chance.below(6) {
        0 => drop(entries(ward, ADA, vault, 1)),
        1 => ward.minutes_pass(i64::try_from(chance.below(90)).unwrap()),
        2 | 3 => ward
            .work(vault, |tx| {
                let draft = DraftId::random();
                tx.begin_draft(&ward.permit::<WriteDraft>(tx, ADA, chart())?, draft, "11506-3", &content(serial))?;
                let permit = ward.permit::<WriteDraft>(tx, ADA, chart())?;
                if serial.is_multiple_of(2) {
                    Ok(tx.discard_draft(&permit, draft)?)
                } else {
                    Ok(tx.save_draft(&permit, draft, 1, &content(serial)).map(drop)?)
                }
            })
            .unwrap(),
        4 => ward
            .work(vault, |tx| {
                let (kind, id) = (kind("DocumentReference"), record_id(&format!("note-{serial}")));
                let new = NewRecord { kind, id, patient: patient("pat-1"), body: text("signed"), filing: Filing::default() };
                Ok(tx.enter(&ward.permit::<SignNote>(tx, ADA, chart())?, new)?)
            })
            .unwrap(),
        _ => drop(ward.work(vault, |tx| Ok(ward.permit::<WriteDraft>(tx, BEN, chart())?.audit_sequence()))),
    }
}

/// A vault in memory where there is such a place: thousands of them would wait for the disk otherwise.
fn new_ward() -> (tempfile::TempDir, Ward, OpenVault) {
    let memory = std::path::Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    let ward = Ward::at(&folder.path().join("site"));
    let vault = ward.create().unwrap();
    (folder, ward, vault)
}

/// A locked vault with a chain of some epochs and some kept states; its files now, and some moment before.
struct Base {
    _folder: tempfile::TempDir,
    ward: Ward,
    now: Copy,
    older: Copy,
    /// The epoch's row of that moment: SQL that puts it back.
    older_epoch: String,
    /// What the server remembers: the last head it countersigned.
    seen: Checked,
    length: usize,
}

fn base(chance: &mut Chance) -> Base {
    let (folder, ward, mut vault) = new_ward();
    ward.admit_patient(&mut vault, "pat-1");
    let mut moment = None;
    for round in 0..3 {
        for step in 0..chance.within(3, 8) {
            work(&ward, &mut vault, chance, round * 100 + step);
        }
        // At least one of each, whatever chance brought.
        let draft = Phi::new(DraftText { text: "kept".to_owned().into(), caret: 0 });
        let begin = |tx: &vault::Tx<'_>| {
            let permit = ward.permit::<WriteDraft>(tx, ADA, Target::chart(patient("pat-1")))?;
            Ok(tx.begin_draft(&permit, DraftId::random(), "11506-3", &draft)?)
        };
        ward.work(&mut vault, begin).unwrap();
        drop(vault.lock());
        if round == 1 {
            let row =
                "SELECT 'UPDATE audit_epoch SET began = ' || began || ', private_key = x''' || hex(private_key) || '''' FROM audit_epoch";
            moment = Some((copy(&ward), texts(&ward, row).pop().unwrap()));
        }
        vault = ward.open(ADA).unwrap();
    }
    let head = |tx: &vault::Tx<'_>| {
        let (_, end) = tx.last_signed_checkpoint(&ward.permit::<SendAudit>(tx, ADA, Target::workstation())?)?;
        Ok(end.unwrap())
    };
    let end = ward.work(&mut vault, head).unwrap();
    let seen = countersign(end.sequence, end.digest);
    drop(vault.lock());
    let length = texts(&ward, "SELECT CAST(count(*) AS TEXT) FROM audit").pop().unwrap().parse().unwrap();
    let (older, older_epoch) = moment.unwrap();
    Base { now: copy(&ward), _folder: folder, ward, older, older_epoch, seen, length }
}

/// What a change must lead to.
enum Must {
    BeFound,
    /// Nothing is wrong with the chain.
    PassHere,
    /// Nothing here can tell it from what was: only what the server has countersigned can, and does.
    BeSeenByTheServer,
}

/// Flips a bit of a blob of some row.
fn flip(ward: &Ward, table: &str, column: &str, key: &str, nth: usize, chance: &mut Chance) {
    let db = keyed(ward);
    let query = format!("SELECT {key}, CAST({column} AS BLOB) FROM {table} ORDER BY {key} LIMIT 1 OFFSET {nth}");
    let (place, mut bytes): (i64, Vec<u8>) = db.query_row(&query, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let at = chance.below(bytes.len());
    bytes[at] ^= 1 << chance.below(8);
    db.execute(&format!("UPDATE {table} SET {column} = ?2 WHERE {key} = ?1"), rusqlite::params![place, bytes]).unwrap();
}

/// A row behind the end whose digest fits, under a MAC of no key or of another's.
fn forge(ward: &Ward, other: &Ward, chance: &mut Chance) {
    use audit::Mac as _;
    struct Other(keys::OpenKeys);
    impl audit::Mac for Other {
        fn mac(&self, bytes: &[u8]) -> audit::Digest {
            audit::Digest(self.0.mac(bytes))
        }
    }
    let db = keyed(ward);
    let query = "SELECT sequence, body, digest FROM audit ORDER BY sequence DESC LIMIT 1";
    let (sequence, body, digest): (i64, Vec<u8>, [u8; 32]) =
        db.query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    let mut entry: audit::Entry = serde_json::from_slice(&body).unwrap();
    entry.sequence += 1;
    let head = audit::Head { sequence: entry.sequence - 1, digest: audit::Digest(digest) };
    let key = Other(other.keys(ADA));
    let mut link = audit::link(&head, &entry, &key).unwrap();
    if chance.below(2) == 0 {
        link.mac = audit::Digest([0; 32]);
    }
    assert_ne!(link.mac.0, ward.keys(ADA).mac(&key.mac(b"x").0));
    db.execute(
        "INSERT INTO audit (sequence, body, digest, mac) VALUES (?1, ?2, ?3, ?4)",
        rusqlite::params![sequence + 1, link.body, link.digest.0, link.mac.0],
    )
    .unwrap();
}

/// Rows of another vault's chain in the place of ours from `from` on.
fn splice(ward: &Ward, other: &Ward, from: usize) {
    let (ours, theirs) = (keyed(ward), keyed(other));
    ours.execute("DELETE FROM audit WHERE sequence >= ?1", [i64::try_from(from).unwrap()]).unwrap();
    let mut statement = theirs.prepare("SELECT sequence, body, digest, mac FROM audit WHERE sequence >= ?1").unwrap();
    let mut rows = statement.query([i64::try_from(from).unwrap()]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let values: (i64, Vec<u8>, Vec<u8>, Vec<u8>) = (row.get_unwrap(0), row.get_unwrap(1), row.get_unwrap(2), row.get_unwrap(3));
        ours.execute("INSERT INTO audit (sequence, body, digest, mac) VALUES (?1, ?2, ?3, ?4)", values).unwrap();
    }
}

/// Changes something; its name, and what must come of it.
fn mutate(base: &Base, other: &Ward, chance: &mut Chance) -> (&'static str, Must) {
    let Base { ward, now, older, older_epoch, length, .. } = base;
    let any = chance.within(1, *length);
    let head = |bytes: &[u8]| fs::write(ward.files.audit_head(), bytes).unwrap();
    let states: usize = texts(ward, "SELECT CAST(count(*) AS TEXT) FROM audit_state").pop().unwrap().parse().unwrap();
    let nth = chance.below(states);
    let place = format!("(SELECT place FROM audit_state ORDER BY place LIMIT 1 OFFSET {nth})");
    let name = match chance.below(22) {
        0 | 1 => (flip(ward, "audit", "body", "sequence", any - 1, chance), "an entry edited").1,
        2 => (flip(ward, "audit", "digest", "sequence", any - 1, chance), "a digest edited").1,
        3 => (flip(ward, "audit", "mac", "sequence", any - 1, chance), "a MAC edited").1,
        4 => (sql(ward, &format!("DELETE FROM audit WHERE sequence = {any}")), "an entry deleted").1,
        5 => {
            let close = format!(
                "UPDATE audit SET sequence = -sequence WHERE sequence > {any}; UPDATE audit SET sequence = -sequence - 1 WHERE sequence < 0"
            );
            (sql(ward, &format!("DELETE FROM audit WHERE sequence = {any}; {close}")), "an entry deleted, the rest moved up").1
        }
        6 => (forge(ward, other, chance), "an entry forged without the key").1,
        7 => {
            let open = format!(
                "UPDATE audit SET sequence = -sequence WHERE sequence >= {any}; UPDATE audit SET sequence = -sequence + 1 WHERE sequence < 0"
            );
            let copied = format!(
                "INSERT INTO audit SELECT {any}, body, digest, mac FROM audit WHERE sequence = {}",
                if any == 1 { 2 } else { any - 1 }
            );
            (sql(ward, &format!("{open}; {copied}")), "an entry repeated").1
        }
        8 | 9 => {
            let far = (any + chance.within(1, length - 1) - 1) % length + 1;
            let swap = format!(
                "UPDATE audit SET sequence = -1 WHERE sequence = {any}; UPDATE audit SET sequence = {any} WHERE sequence = {far}; UPDATE audit SET sequence = {far} WHERE sequence = -1"
            );
            (sql(ward, &swap), "two entries swapped").1
        }
        10 | 11 => (sql(ward, &format!("DELETE FROM audit WHERE sequence >= {any}")), "cut short").1,
        12 => (splice(ward, other, any), "spliced from another chain").1,
        13 => {
            put(ward, older);
            head(&now["audit.head"]);
            "an older database under the present checkpoint"
        }
        14 => {
            put(ward, older);
            return ("an older database and checkpoint together", Must::BeSeenByTheServer);
        }
        15 => {
            head(&older["audit.head"]);
            return ("an older checkpoint alone: as after a crash, the chain is whole", Must::PassHere);
        }
        16 => {
            let mut bytes = now["audit.head"].clone();
            match chance.below(4) {
                0 => bytes.clear(),
                1 => bytes.truncate(chance.below(60)),
                2 => bytes = vec![b'x'; chance.within(1, 600)],
                // Within the JSON of both slots: one spoilt slot alone is what a torn write leaves.
                _ => (0..bytes.len()).step_by(256).for_each(|slot| bytes[slot + 40] ^= 1),
            }
            head(&bytes);
            "the checkpoint damaged"
        }
        17 => (flip(ward, "audit_state", "body", "place", nth, chance), "a kept state edited").1,
        18 => (sql(ward, &format!("DELETE FROM audit_state WHERE place = {place}")), "a kept state deleted").1,
        19 => {
            let what = [
                "patient = patient + 1",
                "kind = kind || 'x'",
                "tag = zeroblob(16)",
                "version = version || '1'",
                "kept_at = kept_at - 60000",
                "mac = zeroblob(32)",
                "place = place + 100000",
                "place = -place",
            ];
            (
                sql(ward, &format!("UPDATE audit_state SET {} WHERE place = {place}", what[chance.below(what.len())])),
                "what a kept state is bound to edited",
            )
                .1
        }
        20 => {
            let what = "patient, kind, tag, version, kept_at, body, mac";
            (sql(ward, &format!("INSERT INTO audit_state SELECT 2, {what} FROM audit_state WHERE place = {place}")), "a kept state added").1
        }
        _ => {
            match chance.below(5) {
                0 => sql(ward, "DELETE FROM audit_epoch"),
                1 => sql(ward, &format!("UPDATE audit_epoch SET began = began - {any}")),
                2 => flip(ward, "audit_epoch", "anchor", "one", 0, chance),
                3 => flip(ward, "audit_epoch", "private_key", "one", 0, chance),
                _ => sql(ward, older_epoch),
            }
            "the epoch's row edited"
        }
    };
    (name, Must::BeFound)
}

#[test]
fn every_change_is_found() {
    let (count, seed) = (asked("SATCHEL_MUTATIONS", 300), asked("SATCHEL_SEED", 1));
    let mut chance = Chance(seed);
    let mut tally: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    let mut rolled_back = 0;
    let other = base(&mut chance);
    let mut on = base(&mut chance);
    for n in 0..count {
        if n % 100 == 99 {
            on = base(&mut chance);
        }
        put(&on.ward, &on.now);
        let (name, must) = mutate(&on, &other.ward, &mut chance);
        let (found, off) = match on.ward.open(ADA) {
            Ok(mut vault) => {
                let standing = on.ward.work(&mut vault, |tx| Ok(tx.standing(&on.seen)?));
                (verify(&on.ward, &mut vault).is_some(), standing.is_ok_and(audit::Standing::is_quarantine))
            }
            // What does not open at all does not pass unnoticed.
            Err(_) => (true, false),
        };
        let (all, seen) = tally.entry(name).or_default();
        *all += 1;
        *seen += u32::from(found);
        match must {
            Must::BeFound => assert!(found, "seed {seed}, change {n}: {name} was not found"),
            Must::PassHere => assert!(!found && !off, "seed {seed}, change {n}: {name} raised an alarm"),
            Must::BeSeenByTheServer => {
                assert!(!found, "seed {seed}, change {n}: {name} raised an alarm here");
                assert!(off, "seed {seed}, change {n}: {name} was not found by what the server has seen");
                rolled_back += 1;
            }
        }
    }
    for (name, (all, seen)) in &tally {
        println!("{seen:>5} of {all:>5} found: {name}");
    }
    println!("{rolled_back} rollbacks of everything, {rolled_back} detected by the server's memory");
    assert!(tally.len() >= 15, "chance tried too few kinds: {tally:?}");
}

#[test]
fn clean_chains_raise_no_alarm() {
    let (count, seed) = (asked("SATCHEL_MUTATIONS", 500).div_ceil(10), asked("SATCHEL_SEED", 1));
    let mut chance = Chance(seed ^ 0xc1ea);
    let mut longest = 0;
    for n in 0..count {
        let (_folder, ward, mut vault) = new_ward();
        ward.admit_patient(&mut vault, "pat-1");
        let mut lagging = copy(&ward)["audit.head"].clone();
        for step in 0..chance.within(1, 30) {
            work(&ward, &mut vault, &mut chance, step);
            match chance.below(8) {
                // Killed: what lies on disk at this moment is all there is; the checkpoint may be older.
                0 => {
                    let mut killed = copy(&ward);
                    if chance.below(2) == 0 {
                        killed.insert("audit.head", lagging.clone());
                    }
                    drop(vault.lock());
                    put(&ward, &killed);
                    vault = ward.open(ADA).unwrap();
                }
                1 => {
                    drop(vault.lock());
                    vault = ward.open(if chance.below(2) == 0 { ADA } else { BEN }).unwrap();
                    drop(vault.lock());
                    vault = ward.open(ADA).unwrap();
                }
                2 => lagging = copy(&ward)["audit.head"].clone(),
                3 => assert_eq!(verify(&ward, &mut vault), None, "seed {seed}, chain {n}, step {step}"),
                _ => {}
            }
        }
        longest = longest.max(entries(&ward, ADA, &mut vault, 10_000).len());
        assert_eq!(verify(&ward, &mut vault), None, "seed {seed}, chain {n}");
    }
    println!("{count} clean chains, the longest of {longest} entries, no alarm");
}
