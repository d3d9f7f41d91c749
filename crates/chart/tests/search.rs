//! Patient search.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
mod support;

use std::collections::BTreeMap;
use std::time::Instant;

use chart::{IndexEntry, IndexError, PatientIndex};
use kernel::PatientId;
use proptest::prelude::*;
use support::noon;

fn person(id: &str, family: &str, given: &str, born: &str, rest: &str) -> IndexEntry {
    let body = format!(
        r#"{{"resourceType":"Patient","id":"{id}","name":[{{"family":"{family}","given":["{given}"]}}],"birthDate":"{born}"{rest}}}"#
    );
    IndexEntry::read(&body).unwrap()
}

fn clinic() -> PatientIndex {
    let mrn = r#","identifier":[{"type":{"coding":[{"code":"MR"}]},"value":"MRN-00417"},{"type":{"coding":[{"code":"SS"}]},"value":"999-38-6256"}]"#;
    let romanised = r#","gender":"male""#;
    PatientIndex::from_entries([
        person("1", "Smith", "John", "1961-03-12", mrn),
        person("2", "Smithson", "Johanna", "1975-12-03", ""),
        person("3", "Godínez", "Ramona", "1961", ""),
        person("4", "O'Brien", "Mary-Ann", "1990-01-31", ""),
        person("5", "Schwarzenegger", "Arnold", "1947-07-30", ""),
        person("6", "Smyth", "Jon", "1980-05-05", ""),
        IndexEntry::read(&format!(r#"{{"resourceType":"Patient","id":"7","name":[{{"family":"山田","given":["太郎"]}},{{"family":"Yamada","given":["Tarō"]}},{{"use":"old","family":"Sato"}}]{romanised}}}"#)).unwrap(),
    ])
}

fn found(index: &PatientIndex, query: &str) -> String {
    let found = index.search(query, noon());
    assert_eq!(found.rows.len(), usize::try_from(found.total).unwrap().min(50));
    found.rows.into_iter().map(|row| row.patient).collect::<Vec<_>>().join(" ")
}

#[test]
fn by_name_number_and_birth() {
    let index = clinic();
    for (query, ids) in [
        ("smith", "1 2 6"),
        ("smith john", "1 2 6"),
        ("JOHN SMI", "1 2"),
        ("smiht", "1 2"),
        ("smit joh", "1 2"),
        ("godinez", "3"),
        ("Ramoma", "3"),
        ("obrien", "4"),
        ("o'brien", "4"),
        ("brien ann", "4"),
        ("Mary-Ann", "4"),
        ("shwarzeneger", "5"),
        ("SMITH, John (Mr)", "1 2 6"),
        ("山", "7"),
        ("yamada taro", "7"),
        ("sato", "7"),
        ("mrn-00417", "1"),
        ("mrn 417", ""),
        ("999-38", "1"),
        ("99938", "1"),
        ("1961", "3 1"),
        ("12/03/1961", "1"),
        ("03/12/1961", "1"),
        ("12-Mar-1961", "1"),
        ("19610312", "1"),
        ("1961-03-12", "1"),
        ("1961-03", "1"),
        ("03/12/1975", "2"),
        ("smith 1961", "1"),
        ("smyth jon", "6"),
        ("smith 1962", ""),
        ("xq", ""),
        ("", "3 4 5 1 2 6 7"),
    ] {
        assert_eq!(found(&index, query), ids, "{query}");
    }
}

#[test]
fn rows_say_who() {
    let index = clinic();
    let row = index.row(&PatientId::new("1").unwrap(), noon()).unwrap();
    assert_eq!((row.name.as_str(), row.born.as_deref(), row.age.as_deref()), ("SMITH, John", Some("12-Mar-1961"), Some("63y")));
    assert_eq!(row.number.as_deref(), Some("MRN-00417"));
    assert!(row.similar_name, "SMYTH, Jon");
    let row = index.row(&PatientId::new("7").unwrap(), noon()).unwrap();
    assert_eq!(
        (row.name.as_str(), row.also_known_as.as_deref(), row.gender.as_deref()),
        ("山田, 太郎", Some("YAMADA, Tarō"), Some("Male"))
    );
    assert!(!row.similar_name && row.born.is_none());
    assert!(index.has_similar(&PatientId::new("6").unwrap()) && !index.has_similar(&PatientId::new("2").unwrap()));
    assert!(index.row(&PatientId::new("x").unwrap(), noon()).is_none());
    let marked: Vec<bool> = index.search("smith", noon()).rows.iter().map(|row| row.similar_name).collect();
    assert_eq!(marked, [true, false, true]);
}

#[test]
fn changes_are_found_at_once() {
    let mut index = clinic();
    index.upsert(person("8", "Smithers", "Waylon", "1950", ""));
    index.upsert(person("1", "Jones", "John", "1961-03-12", ""));
    assert_eq!(found(&index, "smith"), "8 2 6");
    assert_eq!(found(&index, "jones"), "1");
    assert_eq!(index.len(), 8);
    assert!(index.remove(&PatientId::new("8").unwrap()) && index.remove(&PatientId::new("2").unwrap()));
    assert!(!index.remove(&PatientId::new("8").unwrap()));
    assert_eq!((found(&index, "smith").as_str(), index.len()), ("6", 6));
    let again = PatientIndex::from_snapshot(&index.snapshot()).unwrap();
    assert_eq!((found(&again, ""), again.len()), (found(&index, ""), 6));
}

/// Frozen: an index sealed today must open tomorrow.
#[test]
fn frozen_form() {
    let entry = person(
        "a",
        "Ö",
        "B",
        "1961-03",
        r#","deceasedBoolean":true,"gender":"other","meta":{"security":[{"code":"V"}]},"identifier":[{"value":"7"}]"#,
    );
    let expected = b"\x01\x01\x01a\x05\xc3\x96, B\x00\x071961-03\x01?\x05Other\x017\x04o, b\x02\x01b\x01o\x01\x017";
    assert_eq!(entry.as_bytes(), expected);
    let index = PatientIndex::from_entries([IndexEntry::from_bytes(expected).unwrap()]);
    let snapshot = index.snapshot();
    assert_eq!((snapshot[..2].to_vec(), &snapshot[2..]), (vec![1, u8::try_from(expected.len()).unwrap()], &expected[..]));
    for damaged in [&snapshot[1..], &snapshot[..9], b"", b"\x02", b"\x01\xff\xff\xff\xff\xff\xff"] {
        assert_eq!(PatientIndex::from_snapshot(damaged).err(), Some(IndexError::Unreadable), "{damaged:?}");
    }
    assert!(PatientIndex::from_snapshot(b"\x01").unwrap().is_empty());
    assert!(IndexEntry::from_bytes(&expected[..9]).is_err() && IndexEntry::read("{}").is_none());
    let lost = PatientIndex::from_entries([IndexEntry::unreadable(&PatientId::new("ab-7").unwrap())]);
    assert_eq!((found(&lost, "ab-7").as_str(), found(&lost, "patient").as_str()), ("ab-7", "ab-7"));
    assert!(IndexEntry::read(r#"{"resourceType":"Patient","name":[{"family":"Nobody"}]}"#).is_none(), "without an id there is no patient");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// However patients come, go and change, merged or not, the index answers like one built at once.
    #[test]
    fn history_does_not_matter(steps in prop::collection::vec((0u8..20, prop::option::weighted(0.8, ("[a-c]{1,5}", "[a-c]{1,5}"))), 0..60), query in "[a-c]{0,5}( [a-c]{1,3})?") {
        let mut live = BTreeMap::new();
        let mut index = PatientIndex::new();
        for (id, name) in steps {
            let id = id.to_string();
            match name {
                Some((family, given)) => {
                    index.upsert(person(&id, &family, &given, "1961", ""));
                    live.insert(id, (family, given));
                }
                None => {
                    let known = live.remove(&id).is_some();
                    prop_assert_eq!(index.remove(&PatientId::new(&id).unwrap()), known);
                }
            }
        }
        let built = PatientIndex::from_entries(live.iter().map(|(id, (family, given))| person(id, family, given, "1961", "")));
        prop_assert_eq!(index.len(), live.len());
        prop_assert_eq!(found(&index, &query), found(&built, &query));
        prop_assert_eq!(index.snapshot(), built.snapshot());
    }

    #[test]
    fn never_panics(query in "\\PC{0,24}", bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = clinic().search(&query, noon());
        let _ = (IndexEntry::from_bytes(&bytes).is_ok(), PatientIndex::from_snapshot(&bytes).is_ok());
    }
}

/// Names of syllables, some common and most rare, as in a city.
fn crowd(count: u32) -> impl Iterator<Item = IndexEntry> {
    const SYLLABLES: [&str; 24] = [
        "ka", "mo", "ri", "sen", "ton", "ber", "lau", "vi", "dos", "han", "el", "ger", "nak", "ova", "stein", "ya", "pe", "fri", "wol",
        "ush", "ibn", "cor", "lin", "da",
    ];
    let mut seed = 0x2545_F491_4F6C_DD1Du64;
    let mut next = move |below: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % below).unwrap()
    };
    (0..count).map(move |i| {
        // Squaring makes the first syllables common.
        let mut name = |most: u64| (0..2 + next(most)).map(|_| SYLLABLES[next(24) * next(24) / 24]).collect::<String>();
        let (family, given) = (name(3), name(2));
        let born = format!("{}-{:02}-{:02}", 1920 + i % 100, 1 + i % 12, 1 + i % 28);
        person(
            &format!("c{i}"),
            &family,
            &given,
            &born,
            &format!(r#","identifier":[{{"type":{{"coding":[{{"code":"MR"}}]}},"value":"{:08}"}}]"#, i * 7919 % 99_999_989),
        )
    })
}

/// Prints how fast a hundred thousand answer when optimised; checks only that they answer.
#[test]
fn a_hundred_thousand() {
    let (count, typists) = if cfg!(debug_assertions) { (2_000, 10) } else { (100_000, 200) };
    let entries: Vec<IndexEntry> = crowd(count).collect();
    let started = Instant::now();
    let mut index = PatientIndex::from_entries(entries);
    let built = started.elapsed();
    let snapshot = index.snapshot();
    let started = Instant::now();
    assert_eq!(PatientIndex::from_snapshot(&snapshot).unwrap().len(), usize::try_from(count).unwrap());
    println!("{count} patients: built {built:?}, from snapshot {:?} ({} KiB)", started.elapsed(), snapshot.len() >> 10);
    for entry in crowd(900) {
        index.upsert(entry);
    }
    let targets: Vec<String> =
        (0..typists).map(|i| index.row(&PatientId::new(format!("c{}", i * count / typists)).unwrap(), noon()).unwrap().name).collect();
    let mut times = Vec::new();
    for (i, name) in targets.iter().enumerate() {
        let typed = name.to_lowercase().replace(',', "");
        for length in 1..=typed.chars().count() {
            let mut query: String = typed.chars().take(length).collect();
            if i % 4 == 0 && length > 5 {
                query.remove(3);
            }
            let started = Instant::now();
            let found = index.search(&query, noon());
            times.push(started.elapsed());
            assert!(!found.rows.is_empty() || i % 4 == 0, "{query}");
        }
    }
    times.sort();
    println!(
        "typeahead over {count}: {} keystrokes, p50 {:?}, p99 {:?}, worst {:?}",
        times.len(),
        times[times.len() / 2],
        times[times.len() * 99 / 100],
        times[times.len() - 1]
    );
    let started = Instant::now();
    let similar = (0..100).filter(|i| index.has_similar(&PatientId::new(format!("c{}", i * count / 100)).unwrap())).count();
    println!("similar names: {similar} of 100, {:?} each", started.elapsed() / 100);
}
