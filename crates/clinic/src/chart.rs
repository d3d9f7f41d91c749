//! A chart while it is being written: the records so far, what is known of the patient, and the chance of this patient.

use crate::ClinicSpec;
use crate::codes::{ACT_CODE, coding, hl7};
use crate::conditions::{Dx, Key};
use crate::draw::{Draw, record_id};
use crate::drugs::Drug;
use crate::people::Person;
use crate::when::Zone;
use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A chart being written.
pub(crate) struct Chart<'c> {
    pub(crate) spec: &'c ClinicSpec,
    pub(crate) zone: Zone,
    pub(crate) person: Person,
    pub(crate) draw: Draw,
    pub(crate) problems: Vec<Problem>,
    pub(crate) prescriptions: Vec<Prescription>,
    /// The allergy list in one line.
    pub(crate) allergies: String,
    /// Drug classes not to be given.
    pub(crate) avoid: Vec<&'static str>,
    /// Days of the history: the first, and the last (yesterday, or the day of death).
    pub(crate) from: NaiveDate,
    pub(crate) to: NaiveDate,
    records: Vec<Value>,
    serials: BTreeMap<&'static str, u32>,
}

/// A record that has been filed: what others refer to it by, and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Filed {
    pub(crate) reference: String,
    position: usize,
}

/// A diagnosis in the patient's life.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) dx: &'static Dx,
    pub(crate) onset: NaiveDate,
    /// The Condition, once the clinic knows.
    pub(crate) filed: Option<Filed>,
    pub(crate) resolved: Option<NaiveDate>,
}

/// A MedicationRequest and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Prescription {
    pub(crate) drug: &'static Drug,
    pub(crate) filed: Filed,
    pub(crate) problem: Option<Key>,
    /// The first day the patient took it, through all renewals.
    pub(crate) since: NaiveDate,
    pub(crate) authored: NaiveDate,
    pub(crate) active: bool,
}

impl<'c> Chart<'c> {
    /// A chart that holds the Patient alone.
    pub(crate) fn open(spec: &'c ClinicSpec, zone: Zone, person: Person, from: NaiveDate, to: NaiveDate) -> Self {
        let mut chart = Self {
            spec,
            zone,
            draw: Draw::of(spec.seed, person.index, "course"),
            problems: Vec::new(),
            prescriptions: Vec::new(),
            allergies: String::new(),
            avoid: Vec::new(),
            from,
            to,
            records: Vec::new(),
            serials: BTreeMap::new(),
            person,
        };
        let mut patient = chart.person.record(spec, zone);
        chart.label(&mut patient, None);
        chart.records.push(patient);
        chart
    }

    /// The finished chart.
    pub(crate) fn close(self) -> Vec<Value> {
        self.records
    }

    /// Files a record of this patient: gives it its type, id and labels.
    pub(crate) fn file(&mut self, resource_type: &'static str, body: Value) -> Filed {
        self.file_labelled(resource_type, body, None)
    }

    /// Files a record that carries a sensitivity label (a code of v3-ActCode) where `sensitive` names one.
    pub(crate) fn file_labelled(&mut self, resource_type: &'static str, mut body: Value, sensitive: Option<&'static str>) -> Filed {
        let serial = self.serials.entry(resource_type).or_insert(0);
        let id = record_id(self.spec.seed, self.person.index, resource_type, *serial);
        *serial += 1;
        let mut record = json!({ "resourceType": resource_type, "id": id });
        self.label(&mut record, sensitive);
        if let (Some(record), Some(body)) = (record.as_object_mut(), body.as_object_mut()) {
            record.append(body);
        }
        self.records.push(record);
        Filed { reference: format!("{resource_type}/{id}"), position: self.records.len() - 1 }
    }

    /// Changes a filed record: a status that a later day brought.
    pub(crate) fn amend(&mut self, filed: &Filed, change: impl FnOnce(&mut Value)) {
        if let Some(record) = self.records.get_mut(filed.position) {
            change(record);
        }
    }

    /// `minutes` after midnight of `date`, on the clinic's clock.
    pub(crate) fn at(&self, date: NaiveDate, minutes: i64) -> DateTime<FixedOffset> {
        self.zone.at(date, minutes)
    }

    /// Whether an instant lies in the future.
    pub(crate) fn is_future(&self, at: DateTime<FixedOffset>) -> bool {
        at.with_timezone(&Utc) > self.spec.now
    }

    /// `Reference` to the Patient.
    pub(crate) fn subject(&self) -> Value {
        self.person.reference()
    }

    /// The patient's age in years on a day.
    pub(crate) fn age(&self, on: NaiveDate) -> i64 {
        self.person.age(on)
    }

    /// Whether the patient has that condition on that day, known to the clinic or not.
    pub(crate) fn has(&self, key: &str, on: NaiveDate) -> bool {
        self.problem(key).is_some_and(|p| p.onset <= on && p.resolved.is_none_or(|end| end > on))
    }

    /// The problem of that key.
    pub(crate) fn problem(&self, key: &str) -> Option<&Problem> {
        self.problems.iter().find(|p| p.dx.key == key)
    }

    /// `Reference` to the Condition of that key, where it is on file.
    pub(crate) fn problem_reference(&self, key: &str) -> Option<Value> {
        let problem = self.problem(key)?;
        problem.filed.as_ref().map(|filed| json!({ "reference": filed.reference, "display": problem.dx.text }))
    }

    /// The problems on the list on a day: known and not over.
    pub(crate) fn active_problems(&self, on: NaiveDate) -> Vec<&'static Dx> {
        self.problems.iter().filter(|p| p.filed.is_some() && p.resolved.is_none_or(|end| end > on)).map(|p| p.dx).collect()
    }

    /// Days the patient has taken any drug of a class, up to a day; None where he takes none.
    pub(crate) fn days_on(&self, class: &str, on: NaiveDate) -> Option<i64> {
        let taken = self.prescriptions.iter().filter(|p| p.active && p.drug.class == class && p.since <= on);
        taken.map(|p| (on - p.since).num_days()).max()
    }

    /// Whether a drug of that class is being taken.
    pub(crate) fn takes(&self, class: &str) -> bool {
        self.prescriptions.iter().any(|p| p.active && p.drug.class == class)
    }

    fn label(&self, body: &mut Value, sensitive: Option<&'static str>) {
        let codes: Vec<&str> = self.person.confidential.into_iter().chain(sensitive).collect();
        if codes.is_empty() {
            return;
        }
        let mut security = vec![coding(&hl7("v3-Confidentiality"), "R", "restricted")];
        security.extend(codes.iter().map(|code| coding(ACT_CODE, code, sensitivity(code))));
        body["meta"] = json!({ "security": security });
    }
}

/// Display of the information-sensitivity codes used (HL7 v3-ActCode, `_InformationSensitivityPolicy`).
fn sensitivity(code: &str) -> &'static str {
    match code {
        "PSY" => "psychiatry disorder information sensitivity",
        "HIV" => "HIV/AIDS information sensitivity",
        "ETH" => "substance abuse information sensitivity",
        "EMP" => "employee information sensitivity",
        _ => "celebrity information sensitivity",
    }
}
