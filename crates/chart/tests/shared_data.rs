//! Every record of the public synthetic sets reads, indexes and stands in a chart. Skipped, saying so, where they are absent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use chart::view::{Allergies, ChartView, RecordState};
use chart::{ChartContext, Directory, IndexEntry, PatientIndex, StoredRecord, build_chart, open_document, relations};
use chrono::DateTime;
use kernel::PatientId;

/// The sets, where `SATCHEL_SHARED` says, else beside the workspace.
fn shared() -> Option<PathBuf> {
    let place = std::env::var_os("SATCHEL_SHARED").map(PathBuf::from);
    let place = place.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"));
    if place.is_dir() {
        return Some(place);
    }
    println!("skipped: no shared data at {}", place.display());
    None
}

struct Set {
    name: &'static str,
    records: Vec<(String, String)>,
}

fn ndjson(name: &'static str) -> Option<Set> {
    let mut records = Vec::new();
    for file in fs::read_dir(shared()?.join(name)).unwrap() {
        let path = file.unwrap().path();
        let kind = path.file_name().unwrap().to_str().unwrap().split('.').next().unwrap().to_owned();
        let text = String::from_utf8(zstd::decode_all(fs::File::open(path).unwrap()).unwrap()).unwrap();
        records.extend(text.lines().map(|line| (kind.clone(), line.to_owned())));
    }
    Some(Set { name, records })
}

type Charts<'a> = BTreeMap<PatientId, Vec<(&'a str, &'a str)>>;

fn charts(set: &Set) -> (Charts<'_>, Directory) {
    let started = Instant::now();
    let mut charts: Charts<'_> = BTreeMap::new();
    let mut directory = Directory::new();
    let mut filed = 0u32;
    for (kind, body) in &set.records {
        let index = fhir::Index::read(body).unwrap();
        assert_eq!(index.resource_type.as_str(), kind);
        assert!(index.id.is_some());
        directory.add(kind, body);
        match index.patient {
            Some(patient) => {
                filed += 1;
                charts.entry(patient).or_default().push((kind, body));
            }
            None => assert!(
                matches!(kind.as_str(), "Practitioner" | "Organization" | "Location" | "PractitionerRole" | "Device"),
                "{kind} in nobody's chart"
            ),
        }
        assert!(
            index.date.is_some() || !matches!(kind.as_str(), "Observation" | "Condition" | "Encounter" | "MedicationRequest"),
            "{kind} undated"
        );
    }
    let bytes: usize = set.records.iter().map(|(_, body)| body.len()).sum();
    println!(
        "{}: indexed {} records ({} MB), {filed} filed in {} charts, {:.0} records/s",
        set.name,
        set.records.len(),
        bytes >> 20,
        charts.len(),
        per_second(set.records.len(), started)
    );
    (charts, directory)
}

fn per_second(count: usize, since: Instant) -> f64 {
    f64::from(u32::try_from(count).unwrap()) / since.elapsed().as_secs_f64()
}

fn build(patient: &PatientId, records: &[(&str, &str)], directory: &Directory) -> ChartView {
    let about = ChartContext {
        patient,
        now: DateTime::parse_from_rfc3339("2024-03-12T12:00:00-05:00").unwrap(),
        similar_name: false,
        withheld: 0,
        as_of: None,
        incomplete: false,
        directory,
    };
    build_chart(records.iter().map(|(kind, body)| StoredRecord { kind, id: None, state: RecordState::Synced, body: Some(body) }), &about)
}

/// How many records a chart shows or counts.
fn accounted(chart: &ChartView) -> usize {
    let series = chart.vitals.iter().chain(&chart.labs).chain(&chart.observations);
    let mut observations: Vec<&str> = series.flat_map(|series| &series.points).map(|point| point.source.id.as_str()).collect();
    observations.sort_unstable();
    observations.dedup();
    let allergies = match &chart.allergies {
        Allergies::Known { items } | Allergies::Unreadable { items, .. } => items.len(),
        Allergies::NoneKnown { .. } => 1,
        Allergies::NotRecorded => 0,
    };
    let documents = chart.documents.iter().filter(|row| row.source.kind == "DocumentReference").count();
    let counted: u32 = chart.not_displayed.iter().map(|count| count.count).sum();
    1 + observations.len()
        + allergies
        + documents
        + chart.problems.len()
        + chart.medications.len()
        + chart.immunizations.len()
        + chart.encounters.len()
        + chart.procedures.len()
        + chart.reports.len()
        + chart.orders.len()
        + chart.other.len()
        + chart.unreadable.len()
        + counted as usize
}

fn whole_set(name: &'static str, patients: usize) {
    let Some(set) = ndjson(name) else { return };
    let (charts, directory) = charts(&set);
    assert_eq!(charts.len(), patients);
    let started = Instant::now();
    let mut records = 0;
    let mut slowest = 0.0f64;
    for (patient, of_patient) in &charts {
        let one = Instant::now();
        let chart = build(patient, of_patient, &directory);
        slowest = slowest.max(one.elapsed().as_secs_f64());
        records += of_patient.len();
        for unreadable in &chart.unreadable {
            println!("unreadable {} {:?}", unreadable.kind, unreadable.id);
        }
        assert_eq!(chart.unreadable.len(), 0);
        assert_eq!(accounted(&chart), of_patient.len(), "every record of {patient} is shown or counted");
        assert!(chart.banner.name.contains(", ") && chart.banner.born.is_some() && chart.banner.gender.is_some());
        for series in chart.vitals.iter().chain(&chart.labs).chain(&chart.observations) {
            assert!(series.points.windows(2).all(|pair| pair[0].at <= pair[1].at), "oldest first");
            assert!(series.second.is_empty() || series.second.len() == series.points.len());
        }
    }
    println!("{name}: {records} records in charts, {:.0} records/s, slowest chart {:.1} ms", per_second(records, started), slowest * 1e3);
    for (patient, of_patient) in &charts {
        let documents = of_patient.iter().filter(|(kind, body)| *kind == "DocumentReference" || body.contains("\"presentedForm\""));
        for (kind, body) in documents {
            let record = StoredRecord { kind, id: None, state: RecordState::Synced, body: Some(body) };
            let view = open_document(&record, &directory).unwrap();
            assert_eq!(view.patient, patient.as_str());
            assert!(view.text.is_some_and(|text| !text.is_empty()) && view.row.excerpt.is_some());
        }
    }
    let found: usize = set.records.iter().map(|(kind, body)| relations(kind, body, &directory).len()).sum();
    assert!(found > 0, "encounters name their clinicians");

    let now = DateTime::parse_from_rfc3339("2024-03-12T12:00:00-05:00").unwrap();
    let entries = set.records.iter().filter(|(kind, _)| kind == "Patient").map(|(_, body)| IndexEntry::read(body).unwrap());
    let index = PatientIndex::from_entries(entries);
    assert_eq!(index.len(), patients);
    for patient in charts.keys() {
        let row = index.row(patient, now).unwrap();
        let found = index.search(&row.name, now);
        assert!(found.rows.iter().any(|other| other.patient == row.patient), "found by name");
        let found = index.search(&format!("{} {}", row.born.unwrap(), row.number.unwrap()), now);
        assert_eq!(found.rows.first().map(|other| other.patient.as_str()), Some(patient.as_str()), "found by birth date and number");
    }
}

#[test]
fn smart_set() {
    whole_set("synthea-smart-share-ndjson", 150);
}

#[test]
fn pipes_set() {
    whole_set("synthea-pipes-share-ndjson", 40);
}

/// HL7's US Core and IPS examples: every displayed type reads, whoever they are about.
#[test]
fn us_core_examples() {
    let Some(shared) = shared() else { return };
    let tar = zstd::decode_all(fs::File::open(shared.join("us-core-ips-examples.tar.zst")).unwrap()).unwrap();
    let mut read = 0;
    let mut displayed = 0;
    for text in tar_files(&tar).filter(|text| text.starts_with('{')) {
        let index = fhir::Index::read(text).unwrap();
        let kind = index.resource_type.as_str();
        if kind == "Bundle" {
            let bundle = fhir::Bundle::parse(text.as_bytes(), &fhir::Limits::PAGE).unwrap();
            assert!(bundle.entries.iter().all(|entry| entry.resource().is_some()));
            continue;
        }
        let patient = index.patient.unwrap_or_else(|| PatientId::new("nobody").unwrap());
        let chart = build(&patient, &[(kind, text)], &Directory::new());
        let failed = chart.unreadable.iter().any(|record| record.kind == kind && kind != "Patient");
        assert!(!failed, "{kind} {:?}", index.id);
        read += 1;
        displayed += usize::from(chart.not_displayed.is_empty());
    }
    println!("US Core and IPS examples: {read} read, {displayed} displayed");
    assert!(read > 200 && displayed > 180);
}

/// Contents of the regular files of a tar archive (POSIX ustar: 512-byte blocks, size in octal at 124).
fn tar_files(tar: &[u8]) -> impl Iterator<Item = &str> {
    let mut rest = tar;
    std::iter::from_fn(move || {
        loop {
            let (header, after) = rest.split_at_checked(512)?;
            let size = std::str::from_utf8(&header[124..135]).ok()?.trim_matches(['\0', ' ']);
            let size = usize::from_str_radix(size, 8).ok()?;
            let content = after.get(..size)?;
            rest = after.get(size.div_ceil(512) * 512..)?;
            if header[156] == b'0' || header[156] == 0 {
                return Some(std::str::from_utf8(content).unwrap_or_default());
            }
        }
    })
}
