//! The parser over the public synthetic sets. Skipped, saying so, where they are absent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use fhir::{Bundle, Index, Json, Limits, scan};

/// Every record when optimised; a quarter of them otherwise, for the scanner is some thirty times slower then.
const STEP: usize = if cfg!(debug_assertions) { 4 } else { 1 };

fn shared() -> Option<PathBuf> {
    let place = std::env::var_os("SATCHEL_SHARED").map(PathBuf::from);
    let place = place.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"));
    if place.is_dir() {
        return Some(place);
    }
    println!("skipped: no shared data at {}", place.display());
    None
}

fn read(path: &Path) -> Vec<u8> {
    zstd::decode_all(fs::File::open(path).unwrap()).unwrap()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect()
}

#[test]
fn every_record_survives_the_tree() {
    let Some(shared) = shared() else { return };
    let (mut bytes, mut records) = (0usize, 0u32);
    let mut spent = [0.0f64; 3];
    for folder in ["synthea-smart-share-ndjson", "synthea-pipes-share-ndjson"] {
        for path in files(&shared.join(folder)) {
            let text = String::from_utf8(read(&path)).unwrap();
            for line in text.lines().step_by(STEP) {
                let started = Instant::now();
                scan(line.as_bytes(), &Limits::RESOURCE).unwrap();
                spent[0] += started.elapsed().as_secs_f64();
                let started = Instant::now();
                Index::read(line).unwrap();
                spent[1] += started.elapsed().as_secs_f64();
                let started = Instant::now();
                let tree = Json::parse(line.as_bytes(), &Limits::RESOURCE).unwrap();
                spent[2] += started.elapsed().as_secs_f64();
                let written = tree.to_text();
                assert!(written == line || Json::parse(written.as_bytes(), &Limits::RESOURCE).unwrap() == tree);
                bytes += line.len();
                records += 1;
            }
        }
    }
    let megabytes = f64::from(u32::try_from(bytes >> 10).unwrap()) / 1024.0;
    let [scan, index, tree] = spent.map(|seconds| megabytes / seconds);
    println!("{records} records, {megabytes:.0} MB: scan {scan:.0} MB/s, index {index:.0} MB/s, tree {tree:.0} MB/s");
    assert!(records > 17_000);
}

#[test]
fn every_bundle_reads() {
    let Some(shared) = shared() else { return };
    let (mut bundles, mut entries) = (0, 0);
    for folder in ["synthea-pipes-share-bundles", "synthea-smart-share-bundles"] {
        for path in files(&shared.join(folder)) {
            let bundle = Bundle::parse(&read(&path), &Limits::PAGE).unwrap();
            bundles += 1;
            entries += bundle.entries.len();
            assert!(bundle.entries.iter().all(|entry| entry.resource().is_some() && entry.identity.is_some()));
        }
    }
    println!("{bundles} bundles, {entries} entries");
    assert!(bundles > 190 && entries > 70_000);
}
