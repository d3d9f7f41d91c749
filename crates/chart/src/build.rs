//! A chart out of its records.
use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset};
use kernel::PatientId;

use crate::allergies::{self, Statement};
use crate::banner;
use crate::concept;
use crate::directory::Directory;
use crate::documents;
use crate::entries;
use crate::lines;
use crate::medications::{self, Drugs, Pending};
use crate::observations::{self, Measurement, Observed};
use crate::problems;
use crate::read::{Node, Read, Unexpected, local_id};
use crate::record::{Dated, Resource, StoredRecord, newest_first, source};
use crate::series;
use crate::view::{
    Allergy, Banner, ChartView, Count, DocumentRow, Encounter, Immunization, Line, Problem, RecordState, Source, Unreadable,
};

/// What a chart's records do not say themselves.
pub struct ChartContext<'a> {
    /// Whose chart.
    pub patient: &'a PatientId,
    /// Now, with the workstation's offset: ages and "active" are of today.
    pub now: DateTime<FixedOffset>,
    /// Another patient here has the same or a similar name.
    pub similar_name: bool,
    /// Restricted records left out of what was handed over.
    pub withheld: u32,
    /// When the EHR last answered for this chart, RFC 3339.
    pub as_of: Option<String>,
    /// The first pull has not finished.
    pub incomplete: bool,
    /// Names of clinicians and places.
    pub directory: &'a Directory,
}

/// Builds the chart of one patient.
///
/// Every record ends in exactly one of: a list, `unreadable`, `not_displayed` (with those entered in error, as
/// "entered-in-error", and headings over observations), or it names things others refer to (Medication, Practitioner, …).
pub fn build_chart<'r>(records: impl IntoIterator<Item = StoredRecord<'r>>, about: &ChartContext<'_>) -> ChartView {
    let mut builder = ChartBuilder::new(about);
    for record in records {
        builder.add(&record);
    }
    builder.finish()
}

/// Takes a chart's records one by one, in any order, and keeps no text of theirs.
pub struct ChartBuilder<'a> {
    about: &'a ChartContext<'a>,
    banner: Option<Banner>,
    flags: Vec<String>,
    problems: Vec<Dated<Problem>>,
    allergies: Vec<Allergy>,
    none_known: Option<Source>,
    unreadable_allergies: u32,
    medications: Vec<Pending>,
    drugs: Drugs,
    measurements: Vec<Measurement>,
    immunizations: Vec<Dated<Immunization>>,
    encounters: Vec<Dated<Encounter>>,
    documents: Vec<Dated<DocumentRow>>,
    procedures: Vec<Dated<Line>>,
    reports: Vec<Dated<Line>>,
    orders: Vec<Dated<Line>>,
    other: Vec<Dated<Line>>,
    unreadable: Vec<Unreadable>,
    not_displayed: BTreeMap<String, u32>,
}

impl<'a> ChartBuilder<'a> {
    /// An empty chart.
    #[must_use]
    pub fn new(about: &'a ChartContext<'a>) -> Self {
        Self {
            about,
            banner: None,
            flags: Vec::new(),
            problems: Vec::new(),
            allergies: Vec::new(),
            none_known: None,
            unreadable_allergies: 0,
            medications: Vec::new(),
            drugs: Drugs::new(),
            measurements: Vec::new(),
            immunizations: Vec::new(),
            encounters: Vec::new(),
            documents: Vec::new(),
            procedures: Vec::new(),
            reports: Vec::new(),
            orders: Vec::new(),
            other: Vec::new(),
            unreadable: Vec::new(),
            not_displayed: BTreeMap::new(),
        }
    }

    /// Adds a record.
    pub fn add(&mut self, record: &StoredRecord<'_>) {
        if !is_displayed(record.kind) && record.body.is_some() {
            self.count(record.kind);
            return;
        }
        let why = match record.body {
            None => "seal",
            Some(body) => match self.read(record.kind, record.state, body) {
                Ok(()) => return,
                Err(Unexpected) => "content",
            },
        };
        if record.kind == "AllergyIntolerance" {
            self.unreadable_allergies += 1;
        }
        let id = record.id.map(ToOwned::to_owned).or_else(|| {
            let header = fhir::Header::read(record.body?).ok()?;
            Some(header.id?.as_str().to_owned())
        });
        self.unreadable.push(Unreadable { kind: record.kind.to_owned(), id, why: why.to_owned() });
    }

    /// INVARIANT: an item is kept only once the whole record has been read; one that fails leaves nothing behind.
    fn read(&mut self, kind: &str, state: RecordState, body: &str) -> Read<()> {
        let resource = Resource::parse(kind, body)?;
        let node = resource.node()?;
        let from = source(kind, node, state)?;
        if !self.belongs_here(kind, node)? {
            return Err(Unexpected);
        }
        if is_entered_in_error(node)? {
            self.count("entered-in-error");
            return Ok(());
        }
        let directory = self.about.directory;
        match kind {
            "Patient" => self.banner = Some(banner::banner(node, self.about.now)?),
            "Condition" => self.problems.push(problems::problem(node, from)?),
            "AllergyIntolerance" => match allergies::statement(node, from)? {
                Statement::Of(allergy) => self.allergies.push(allergy),
                Statement::NoneKnown(source) => self.none_known = Some(source),
                Statement::Beside(line) => self.other.push(Dated::new(line, None)),
                Statement::NoInformation => self.count("AllergyIntolerance: no information"),
            },
            "MedicationRequest" => self.medications.push(medications::request(node, from, directory)?),
            "MedicationStatement" => self.medications.push(medications::statement(node, from, directory)?),
            "Medication" => {
                if let Some(name) = medications::drug_name(node)? {
                    self.drugs.insert(from.id.into(), name);
                }
            }
            "Observation" => match observations::observed(node, &from)? {
                Observed::Values(values) => self.measurements.extend(values),
                Observed::Heading => self.count("Observation (heading)"),
            },
            "Immunization" => self.immunizations.push(entries::immunization(node, from)?),
            "Encounter" => self.encounters.push(entries::encounter(node, from, directory)?),
            "DocumentReference" => self.documents.push(documents::document(node, from, directory)?),
            "DiagnosticReport" => {
                let line = lines::line(node, from.clone(), directory)?;
                if node.has("presentedForm") {
                    self.documents.push(documents::report(node, from, directory)?);
                }
                self.reports.push(line);
            }
            "Procedure" => self.procedures.push(lines::line(node, from, directory)?),
            "ServiceRequest" => self.orders.push(lines::line(node, from, directory)?),
            "Flag" => {
                let line = lines::line(node, from, directory)?;
                if self.is_current(node)? {
                    self.flags.push(line.item.title.clone());
                }
                self.other.push(line);
            }
            _ => self.other.push(lines::line(node, from, directory)?),
        }
        Ok(())
    }

    /// A record that says it is another patient's is not shown in this chart, whatever it is stored under.
    fn belongs_here(&self, kind: &str, node: Node<'_>) -> Read<bool> {
        let own = self.about.patient.as_str();
        if kind == "Patient" {
            return Ok(node.text("id")? == Some(own));
        }
        for element in ["subject", "patient", "beneficiary", "for"] {
            if let Ok(Some(reference)) = node.reference(element)
                && let Some(id) = local_id(reference, "Patient")
            {
                return Ok(*id == *own);
            }
        }
        Ok(true)
    }

    fn is_current(&self, node: Node<'_>) -> Read<bool> {
        let end = node.object("period")?.map_or(Ok(None), |period| period.date("end"))?;
        Ok(node.text("status")? == Some("active") && end.is_none_or(|end| end.epoch_end() > self.about.now.timestamp()))
    }

    fn count(&mut self, name: &str) {
        *self.not_displayed.entry(name.to_owned()).or_default() += 1;
    }

    /// The chart.
    #[must_use]
    pub fn finish(mut self) -> ChartView {
        let lists = series::lists(self.measurements);
        let mut banner = match self.banner {
            Some(banner) => banner,
            None => {
                // A chart whose Patient did not come or does not read: loud, and still open.
                if self.unreadable.iter().all(|record| record.kind != "Patient") {
                    let id = Some(self.about.patient.as_str().to_owned());
                    self.unreadable.push(Unreadable { kind: "Patient".to_owned(), id, why: "content".to_owned() });
                }
                unknown(self.about.patient)
            }
        };
        banner.flags = self.flags;
        banner.similar_name = self.about.similar_name;
        ChartView {
            banner,
            as_of: self.about.as_of.clone(),
            incomplete: self.about.incomplete,
            problems: problems::order(self.problems),
            allergies: allergies::summary(self.allergies, self.none_known, self.unreadable_allergies),
            medications: medications::order(self.medications, &self.drugs),
            vitals: lists.vitals,
            labs: lists.labs,
            observations: lists.others,
            immunizations: newest_first(self.immunizations),
            encounters: newest_first(self.encounters),
            documents: newest_first(self.documents),
            procedures: newest_first(self.procedures),
            reports: newest_first(self.reports),
            orders: newest_first(self.orders),
            other: newest_first(self.other),
            unreadable: self.unreadable,
            withheld: self.about.withheld,
            not_displayed: self.not_displayed.into_iter().map(|(name, count)| Count { name, count }).collect(),
        }
    }
}

fn is_displayed(kind: &str) -> bool {
    matches!(
        kind,
        "Patient"
            | "Condition"
            | "AllergyIntolerance"
            | "MedicationRequest"
            | "MedicationStatement"
            | "Medication"
            | "Observation"
            | "Immunization"
            | "Encounter"
            | "DocumentReference"
            | "DiagnosticReport"
            | "Procedure"
            | "ServiceRequest"
    ) || lines::OTHER.contains(&kind)
}

/// R4 marks a record that should never have been by `status`, `docStatus` or `verificationStatus`.
fn is_entered_in_error(node: Node<'_>) -> Read<bool> {
    for name in ["status", "docStatus", "lifecycleStatus"] {
        if node.text(name)? == Some("entered-in-error") {
            return Ok(true);
        }
    }
    Ok(concept::first_code(node, "verificationStatus")? == Some("entered-in-error"))
}

fn unknown(patient: &PatientId) -> Banner {
    Banner {
        patient: patient.as_str().to_owned(),
        name: format!("Patient/{patient}"),
        also_known_as: None,
        born: None,
        age: None,
        gender: None,
        identifiers: Vec::new(),
        deceased: None,
        address: None,
        contact: Vec::new(),
        flags: Vec::new(),
        language: None,
        similar_name: false,
        restricted: false,
    }
}
