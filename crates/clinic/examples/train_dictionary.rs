//! Trains the vault's compression dictionary on synthetic clinics alone, and measures it on others.
//!
//! `cargo run -p clinic --example train_dictionary -- crates/vault/dictionaries/v1.zdict`
//!
//! A dictionary number, once shipped, keeps its file for ever: train into a new file, never over an old one.

use chrono::{DateTime, FixedOffset};
use clinic::{Clinic, ClinicSpec, Zone};
use serde_json::json;
use std::collections::BTreeMap;
use std::io::Write;
use zstd::bulk::Compressor;

/// As large as the vault's codec expects; more gained little.
const DICTIONARY_BYTES: usize = 16 << 10;
/// The level the vault packs at.
const LEVEL: i32 = 1;
const TRAINING_SEEDS: std::ops::Range<u64> = 1_000..1_012;
const HELD_OUT_SEEDS: std::ops::Range<u64> = 9_000..9_003;
const PATIENTS: u32 = 60;
/// Samples of one kind (type, and code for an Observation), so that what is common does not crowd out what is rare.
const OBSERVATIONS_PER_CODE: usize = 90;
const RECORDS_PER_TYPE: usize = 900;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let path = std::env::args().nth(1).ok_or("the path to write the dictionary to")?;
    let dictionary = train()?;
    std::fs::write(&path, &dictionary)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{path}: {} bytes", dictionary.len())?;
    measure(&dictionary, &mut out)
}

fn train() -> Result<Vec<u8>, Failure> {
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    let mut samples = Vec::new();
    for seed in TRAINING_SEEDS {
        for (text, kind) in records(seed)? {
            let limit = if kind.starts_with("Observation/") { OBSERVATIONS_PER_CODE } else { RECORDS_PER_TYPE };
            let count = taken.entry(kind).or_default();
            if *count < limit {
                *count += 1;
                samples.push(text);
            }
        }
    }
    Ok(zstd::dict::from_samples(&samples, DICTIONARY_BYTES)?)
}

fn measure(dictionary: &[u8], out: &mut impl Write) -> Result<(), Failure> {
    let mut with = Compressor::with_dictionary(LEVEL, dictionary)?;
    let mut without = Compressor::new(LEVEL)?;
    let mut by_type: BTreeMap<String, Tally> = BTreeMap::new();
    for seed in HELD_OUT_SEEDS {
        for (text, kind) in records(seed)? {
            let (packed, plain) = (with.compress(&text)?.len(), without.compress(&text)?.len());
            for name in [kind.split('/').next().unwrap_or_default(), "all"] {
                by_type.entry(name.to_owned()).or_default().add(text.len(), packed, plain);
            }
        }
    }
    writeln!(out, "{:26} {:>8} {:>7} {:>9} {:>9} {:>9} {:>9}", "", "records", "bytes", "dict", "no dict", "dict tot", "none tot")?;
    by_type.iter().try_for_each(|(name, tally)| tally.print(name, out))?;
    Ok(())
}

/// Sums over records: mean of the ratios, and ratio of the sums.
#[derive(Default)]
struct Tally {
    records: f64,
    bytes: f64,
    packed: f64,
    plain: f64,
    ratios: f64,
    plain_ratios: f64,
}

impl Tally {
    fn add(&mut self, bytes: usize, packed: usize, plain: usize) {
        let (bytes, packed, plain) = (bytes as f64, packed as f64, plain as f64);
        self.records += 1.0;
        self.bytes += bytes;
        self.packed += packed;
        self.plain += plain;
        self.ratios += bytes / packed;
        self.plain_ratios += bytes / plain;
    }

    fn print(&self, name: &str, out: &mut impl Write) -> std::io::Result<()> {
        writeln!(
            out,
            "{name:26} {:8.0} {:7.0} {:9.2} {:9.2} {:9.2} {:9.2}",
            self.records,
            self.bytes / self.records,
            self.ratios / self.records,
            self.plain_ratios / self.records,
            self.bytes / self.packed,
            self.bytes / self.plain,
        )
    }
}

/// The records of a clinic as a vault meets them, each with its kind. Seeds differ in year and zone; most records carry the
/// `meta` a server adds, and one in four has its elements in alphabetical order, as some servers write them.
fn records(seed: u64) -> Result<Vec<(Vec<u8>, String)>, Failure> {
    let now = DateTime::parse_from_rfc3339(&format!("{}-0{}-17T18:00:00Z", 2025 + seed % 7, 1 + seed % 9))?.to_utc();
    let zone = match seed % 3 {
        0 => Zone::Fixed(FixedOffset::east_opt(0).ok_or("offset")?),
        1 => Zone::Fixed(FixedOffset::west_opt(8 * 3_600).ok_or("offset")?),
        _ => Zone::UsEastern,
    };
    let clinic = Clinic::new(ClinicSpec { seed, patients: PATIENTS, today: now.date_naive(), now }).in_zone(zone);
    let mut all = Vec::new();
    for mut record in (0..PATIENTS).flat_map(|i| clinic.patient(i)) {
        let resource_type = record["resourceType"].as_str().unwrap_or_default().to_owned();
        let code = record["code"]["coding"][0]["code"].as_str().filter(|_| resource_type == "Observation");
        let kind = code.map_or_else(|| resource_type.clone(), |code| format!("Observation/{code}"));
        if all.len() % 3 != 0 {
            record["meta"]["versionId"] = json!((1 + all.len() % 4).to_string());
            let second = all.len() % 60;
            record["meta"]["lastUpdated"] = json!(format!("{}T18:{second:02}:{second:02}.{:03}+00:00", now.date_naive(), all.len() % 997));
        }
        if all.len() % 4 == 0 {
            record.sort_all_objects();
        }
        all.push((serde_json::to_vec(&record)?, kind));
    }
    Ok(all)
}
