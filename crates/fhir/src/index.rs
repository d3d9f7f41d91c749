//! What filing a record needs, in one pass over its text: about 1 GB/s, nothing else is built.
use kernel::{PatientId, RecordId, ResourceType, VersionId};
use serde::Deserialize;

use crate::compartment::{Filing, filing};
use crate::date::FhirDate;
use crate::loose::{Coding, Concept, Meta, References, Strict, Text, When};
use crate::reference::Reference;

/// Why a record cannot be filed.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum ReadError {
    /// Not a JSON object, or an element read here stands twice in it.
    #[error("not a JSON object")]
    NotAnObject,
    /// No `resourceType`, or none that is a name.
    #[error("not a FHIR resource")]
    NotAResource,
}

/// A security label, `meta.security`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// Code system.
    pub system: Option<Box<str>>,
    /// Code.
    pub code: Box<str>,
}

/// A resource's type, identity and `meta`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Header {
    /// Resource type.
    pub resource_type: ResourceType,
    /// Logical id; `None` if absent or no FHIR id.
    pub id: Option<RecordId>,
    /// `meta.versionId`.
    pub version_id: Option<VersionId>,
    /// `meta.lastUpdated` as written.
    pub last_updated: Option<Box<str>>,
    /// `meta.security`.
    pub security: Vec<Label>,
    /// `meta.profile`.
    pub profile: Vec<Box<str>>,
}

impl Header {
    /// Reads the header of a resource; an element of an unexpected kind reads as absent.
    pub fn read(raw: &str) -> Result<Self, ReadError> {
        let Strict(wire): Strict<WireHeader<'_>> = serde_json::from_str(raw).map_err(|_| ReadError::NotAnObject)?;
        let (resource_type, id) = identity(&wire.resource_type, &wire.id)?;
        let label = |coding: Coding<'_>| Some(Label { system: coding.system.0.map(Into::into), code: coding.code.0?.into() });
        Ok(Self {
            resource_type,
            id,
            version_id: wire.meta.version_id.0.map(VersionId::new),
            last_updated: wire.meta.last_updated.0.map(Into::into),
            security: wire.meta.security.0.into_iter().filter_map(|concept| concept.0.and_then(label)).collect(),
            profile: wire.meta.profile.0.into_iter().map(Into::into).collect(),
        })
    }
}

/// Everything a store keys a record by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Index {
    /// Resource type.
    pub resource_type: ResourceType,
    /// Logical id; `None` if absent or no FHIR id.
    pub id: Option<RecordId>,
    /// `meta.versionId`.
    pub version_id: Option<VersionId>,
    /// `meta.lastUpdated` as written.
    pub last_updated: Option<Box<str>>,
    /// In whose chart it is filed; `None` for what belongs to no one chart.
    pub patient: Option<PatientId>,
    /// Further charts it belongs to: an Appointment with two patients, a Provenance over several.
    pub other_patients: Vec<PatientId>,
    /// When it clinically happened: effective, onset, performed, occurrence, period, authored, …, created.
    pub date: Option<FhirDate>,
    /// "system|code" of the first LOINC coding, else the first coding, of `code`, `vaccineCode`, `medicationCodeableConcept` or
    /// `type`; "|code" without a system.
    pub code: Option<Box<str>>,
    /// Confidentiality R or V: see [`is_restricted`].
    pub restricted: bool,
}

impl Index {
    /// Reads a resource whose references are relative to its EHR.
    pub fn read(raw: &str) -> Result<Self, ReadError> {
        Self::read_from(raw, None)
    }

    /// Reads a resource whose references may also be absolute under `base`.
    pub fn read_from(raw: &str, base: Option<&str>) -> Result<Self, ReadError> {
        let Strict(wire): Strict<Wire<'_>> = serde_json::from_str(raw).map_err(|_| ReadError::NotAnObject)?;
        let (resource_type, id) = identity(&wire.resource_type, &wire.id)?;
        let mut patients = wire.patients(resource_type.as_str(), id.as_ref(), base).into_iter();
        Ok(Self {
            patient: patients.next(),
            other_patients: patients.collect(),
            date: wire.date(),
            code: wire.concept(),
            restricted: wire.meta.security.0.iter().any(|concept| {
                concept.0.as_ref().is_some_and(|coding| is_restricted(coding.system.as_deref(), coding.code.as_deref().unwrap_or_default()))
            }),
            version_id: wire.meta.version_id.0.map(VersionId::new),
            last_updated: wire.meta.last_updated.0.map(Into::into),
            resource_type,
            id,
        })
    }
}

/// Whether a security label restricts: HL7 v3 Confidentiality (2.16.840.1.113883.5.25, FHIR R4 §6.1.1 "security-labels")
/// `R` restricted or `V` very restricted. A label without a system counts too: the error must be on the closed side.
#[must_use]
pub fn is_restricted(system: Option<&str>, code: &str) -> bool {
    let confidentiality = matches!(
        system,
        None | Some(
            "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
                | "http://hl7.org/fhir/v3/Confidentiality"
                | "urn:oid:2.16.840.1.113883.5.25"
        )
    );
    confidentiality && matches!(code, "R" | "V")
}

fn identity(resource_type: &Text<'_>, id: &Text<'_>) -> Result<(ResourceType, Option<RecordId>), ReadError> {
    let name = resource_type.as_deref().ok_or(ReadError::NotAResource)?;
    let resource_type = ResourceType::new(name).map_err(|_| ReadError::NotAResource)?;
    Ok((resource_type, id.as_deref().and_then(|id| RecordId::new(id).ok())))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireHeader<'a> {
    #[serde(borrow, default)]
    resource_type: Text<'a>,
    #[serde(borrow, default)]
    id: Text<'a>,
    #[serde(borrow, default)]
    meta: Meta<'a>,
}

/// The elements of any R4 resource that say whose, when and what. Their names do not collide between types, except
/// `target` of Goal and `participant` of several, which only count where [`filing`] asks for them.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Wire<'a> {
    #[serde(borrow)]
    resource_type: Text<'a>,
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(borrow)]
    meta: Meta<'a>,

    #[serde(borrow)]
    subject: References<'a>,
    #[serde(borrow)]
    patient: References<'a>,
    #[serde(borrow)]
    beneficiary: References<'a>,
    #[serde(borrow)]
    individual: References<'a>,
    #[serde(borrow, rename = "for")]
    for_: References<'a>,
    #[serde(borrow)]
    candidate: References<'a>,
    #[serde(borrow)]
    target: References<'a>,
    #[serde(borrow)]
    participant: References<'a>,
    #[serde(borrow)]
    actor: References<'a>,
    #[serde(borrow)]
    deliver_to: References<'a>,
    #[serde(borrow)]
    agent: References<'a>,
    #[serde(borrow)]
    entity: References<'a>,
    #[serde(borrow)]
    link: References<'a>,

    #[serde(borrow)]
    effective_date_time: When<'a>,
    #[serde(borrow)]
    effective_period: When<'a>,
    #[serde(borrow)]
    effective_instant: When<'a>,
    #[serde(borrow)]
    onset_date_time: When<'a>,
    #[serde(borrow)]
    onset_period: When<'a>,
    #[serde(borrow)]
    performed_date_time: When<'a>,
    #[serde(borrow)]
    performed_period: When<'a>,
    #[serde(borrow)]
    occurrence_date_time: When<'a>,
    #[serde(borrow)]
    occurrence_period: When<'a>,
    #[serde(borrow)]
    occurred_date_time: When<'a>,
    #[serde(borrow)]
    occurred_period: When<'a>,
    #[serde(borrow)]
    start: When<'a>,
    #[serde(borrow)]
    period: When<'a>,
    #[serde(borrow)]
    authored_on: When<'a>,
    #[serde(borrow)]
    authored: When<'a>,
    #[serde(borrow)]
    sent: When<'a>,
    #[serde(borrow)]
    when_handed_over: When<'a>,
    #[serde(borrow)]
    when_prepared: When<'a>,
    #[serde(borrow)]
    started: When<'a>,
    #[serde(borrow)]
    billable_period: When<'a>,
    #[serde(borrow)]
    start_date: When<'a>,
    #[serde(borrow)]
    status_date: When<'a>,
    #[serde(borrow)]
    recorded_date: When<'a>,
    #[serde(borrow)]
    recorded: When<'a>,
    #[serde(borrow)]
    date_asserted: When<'a>,
    #[serde(borrow)]
    date_time: When<'a>,
    #[serde(borrow)]
    issued: When<'a>,
    #[serde(borrow)]
    date: When<'a>,
    #[serde(borrow)]
    created: When<'a>,
    #[serde(borrow)]
    received: When<'a>,

    #[serde(borrow)]
    code: Concept<'a>,
    #[serde(borrow)]
    vaccine_code: Concept<'a>,
    #[serde(borrow)]
    medication_codeable_concept: Concept<'a>,
    #[serde(borrow, rename = "type")]
    type_: Concept<'a>,
}

impl Wire<'_> {
    fn patients(&self, resource_type: &str, id: Option<&RecordId>, base: Option<&str>) -> Vec<PatientId> {
        let mut found = Vec::new();
        for filing in filing(resource_type) {
            let elements: &[&References<'_>] = match filing {
                Filing::Own => {
                    found.extend(id.and_then(|id| PatientId::new(id.as_str()).ok()));
                    &[]
                }
                Filing::Subject => &[&self.subject],
                Filing::Patient => &[&self.patient],
                Filing::Beneficiary => &[&self.beneficiary],
                Filing::Individual => &[&self.individual],
                Filing::For => &[&self.for_],
                Filing::Candidate => &[&self.candidate],
                Filing::Target => &[&self.target],
                Filing::ParticipantActor => &[&self.participant],
                Filing::Actor => &[&self.actor],
                Filing::DeliverTo => &[&self.deliver_to],
                Filing::Agent => &[&self.agent, &self.entity],
                Filing::Link => &[&self.link],
            };
            for text in elements.iter().flat_map(|references| references.iter()) {
                if let Some(patient) = patient_reference(text, base)
                    && !found.contains(&patient)
                {
                    found.push(patient);
                }
            }
            if !found.is_empty() {
                break;
            }
        }
        found
    }

    /// The first of the dates that is one: clinical before administrative, happened before written, written before stored.
    fn date(&self) -> Option<FhirDate> {
        [
            &self.effective_date_time,
            &self.effective_period,
            &self.effective_instant,
            &self.onset_date_time,
            &self.onset_period,
            &self.performed_date_time,
            &self.performed_period,
            &self.occurrence_date_time,
            &self.occurrence_period,
            &self.occurred_date_time,
            &self.occurred_period,
            &self.start,
            &self.period,
            &self.authored_on,
            &self.authored,
            &self.sent,
            &self.when_handed_over,
            &self.when_prepared,
            &self.started,
            &self.billable_period,
            &self.start_date,
            &self.status_date,
            &self.recorded_date,
            &self.recorded,
            &self.date_asserted,
            &self.date_time,
            &self.issued,
            &self.date,
            &self.created,
            &self.received,
        ]
        .into_iter()
        .find_map(|when| FhirDate::parse(when.0.as_deref()?))
    }

    fn concept(&self) -> Option<Box<str>> {
        let coding = [&self.code, &self.vaccine_code, &self.medication_codeable_concept, &self.type_]
            .into_iter()
            .find_map(|concept| concept.0.as_ref())?;
        Some(format!("{}|{}", coding.system.as_deref().unwrap_or_default(), coding.code.as_deref()?).into())
    }
}

fn patient_reference(text: &str, base: Option<&str>) -> Option<PatientId> {
    match Reference::parse_from(text, base) {
        Reference::Local { kind, id } if kind.as_str() == "Patient" => PatientId::new(id.as_str()).ok(),
        _ => None,
    }
}
