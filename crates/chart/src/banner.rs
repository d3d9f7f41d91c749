//! Who the chart is about (NHS CUI, "Patient Banner"), from the Patient resource.
use chrono::{DateTime, FixedOffset};
use fhir::FhirDate;

use crate::age::age;
use crate::concept;
use crate::name::HumanName;
use crate::read::{Node, Read};
use crate::view::{Banner, Identifier};

pub(crate) const BIRTH_TIME: &str = "http://hl7.org/fhir/StructureDefinition/patient-birthTime";
const INTERPRETER: &str = "http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired";
const US_INTERPRETER: &str = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-interpreter-needed";
/// SNOMED CT "Yes", as us-core-interpreter-needed codes it.
const SNOMED_YES: &str = "373066001";

/// What the banner, a list row and the search index share.
pub(crate) struct Identity {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) also_known_as: Option<String>,
    /// With the time of birth where recorded.
    pub(crate) born: Option<FhirDate>,
    pub(crate) born_shown: Option<String>,
    pub(crate) gender: Option<String>,
    pub(crate) death: Death,
    pub(crate) identifiers: Vec<Identifier>,
    pub(crate) restricted: bool,
}

/// Whether, and when, the patient died.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    None,
    On(FhirDate),
    Undated,
}

impl Identity {
    pub(crate) fn read(patient: Node<'_>) -> Read<Self> {
        let name = HumanName::preferred(patient)?;
        let also_known_as = name.as_ref().map_or(Ok(None), |name| HumanName::second(patient, name))?;
        let birth_date = patient.date("birthDate")?;
        Ok(Self {
            id: patient.text("id")?.unwrap_or_default().to_owned(),
            name: name.as_ref().map(HumanName::banner).unwrap_or_default(),
            also_known_as,
            born: birth_time(patient, birth_date)?.or(birth_date),
            born_shown: birth_date.map(|date| date.display()),
            gender: gender(patient)?,
            death: death(patient)?,
            identifiers: identifiers(patient)?,
            restricted: restricted(patient)?,
        })
    }

    pub(crate) fn age(&self, now: DateTime<FixedOffset>) -> Option<String> {
        age_at(self.born, self.death, now)
    }
}

/// The age now, at death for the deceased, none where the day of death is not recorded.
pub(crate) fn age_at(born: Option<FhirDate>, death: Death, now: DateTime<FixedOffset>) -> Option<String> {
    let on = match death {
        Death::None => now,
        Death::On(date) => DateTime::from_timestamp(date.epoch(), 0)?.with_timezone(&FixedOffset::east_opt(0)?),
        Death::Undated => return None,
    };
    age(&born?, on)
}

/// The banner of a Patient; flags and `similar_name` are the caller's.
pub(crate) fn banner(patient: Node<'_>, now: DateTime<FixedOffset>) -> Read<Banner> {
    let identity = Identity::read(patient)?;
    Ok(Banner {
        age: identity.age(now),
        deceased: match identity.death {
            Death::None => None,
            Death::On(date) => Some(date.display_day()),
            Death::Undated => Some("yes".to_owned()),
        },
        patient: identity.id,
        name: identity.name,
        also_known_as: identity.also_known_as,
        born: identity.born_shown,
        gender: identity.gender,
        identifiers: identity.identifiers,
        address: address(patient)?,
        contact: contact(patient)?,
        flags: Vec::new(),
        language: language(patient)?,
        similar_name: false,
        restricted: identity.restricted,
    })
}

fn birth_time(patient: Node<'_>, date: Option<FhirDate>) -> Read<Option<FhirDate>> {
    let Some(primitive) = patient.object("_birthDate")? else { return Ok(None) };
    let time = primitive.extension(BIRTH_TIME)?.map_or(Ok(None), |extension| extension.date("valueDateTime"))?;
    // A time of birth on another day than the birth date contradicts it: the date is what people identify by.
    Ok(time.filter(|time| date.is_some_and(|date| date.date() == time.date())))
}

fn gender(patient: Node<'_>) -> Read<Option<String>> {
    Ok(patient.text("gender")?.map(|gender| {
        let mut letters = gender.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
    }))
}

fn death(patient: Node<'_>) -> Read<Death> {
    if let Some(date) = patient.date("deceasedDateTime")? {
        return Ok(Death::On(date));
    }
    Ok(if patient.bool("deceasedBoolean")? == Some(true) { Death::Undated } else { Death::None })
}

fn restricted(patient: Node<'_>) -> Read<bool> {
    let Some(meta) = patient.object("meta")? else { return Ok(false) };
    for label in meta.objects("security")? {
        if fhir::is_restricted(label.text("system")?, label.text("code")?.unwrap_or_default()) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Numbers of the record, the MRN first. Numbers that identify the person outside of health care (social security, driving
/// licence, passport, tax) are found by search and not shown: the minimum necessary (45 CFR 164.502(b)).
fn identifiers(patient: Node<'_>) -> Read<Vec<Identifier>> {
    let mut found: Vec<(u8, Identifier)> = Vec::new();
    for identifier in patient.objects("identifier")? {
        let Some(value) = identifier.text("value")? else { continue };
        let code = concept::first_code(identifier, "type")?.unwrap_or_default();
        if identifier.text("use")? == Some("old") || matches!(code, "SS" | "DL" | "PPN" | "TAX") {
            continue;
        }
        let words = concept::words(identifier, "type")?;
        let (rank, label) = label(code, words, identifier.text("system")?.unwrap_or_default());
        found.push((rank, Identifier { label, value: value.to_owned() }));
    }
    found.sort_by_key(|(rank, _)| *rank);
    let mut shown: Vec<Identifier> = Vec::new();
    for (_, identifier) in found {
        if shown.iter().all(|other| other.value != identifier.value) {
            shown.push(identifier);
        }
    }
    Ok(shown)
}

fn label(code: &str, words: Option<&str>, system: &str) -> (u8, String) {
    let known = match (code, system) {
        ("MR", _) => Some((0, "MRN")),
        (_, "https://fhir.nhs.uk/Id/nhs-number") => Some((1, "NHS No.")),
        ("PI", _) => Some((2, "Patient ID")),
        ("NI", _) => Some((2, "National ID")),
        ("MB" | "MC" | "MA", _) => Some((3, "Member No.")),
        _ => None,
    };
    match (known, words) {
        (Some((rank, label)), _) => (rank, label.to_owned()),
        (None, Some(words)) => (4, words.to_owned()),
        (None, None) => (5, "ID".to_owned()),
    }
}

fn address(patient: Node<'_>) -> Read<Option<String>> {
    let mut best: Option<(u8, String)> = None;
    for address in patient.objects("address")? {
        let rank = match (address.text("use")?, address.object("period")?.map_or(Ok(false), |period| Ok(period.has("end")))?) {
            (Some("old"), _) | (_, true) => continue,
            (Some("home"), _) => 0,
            (Some("temp"), _) => 2,
            _ => 1,
        };
        let line = match address.text("text")? {
            Some(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
            None => address_line(address)?,
        };
        if !line.is_empty() && best.as_ref().is_none_or(|(other, _)| rank < *other) {
            best = Some((rank, line));
        }
    }
    Ok(best.map(|(_, line)| line))
}

fn address_line(address: Node<'_>) -> Read<String> {
    let mut parts: Vec<String> = address.texts("line")?.into_iter().map(ToOwned::to_owned).collect();
    parts.extend(address.text("city")?.map(ToOwned::to_owned));
    let region = [address.text("state")?, address.text("postalCode")?].into_iter().flatten().collect::<Vec<_>>().join(" ");
    parts.push(region);
    parts.extend(address.text("country")?.map(ToOwned::to_owned));
    parts.retain(|part| !part.is_empty());
    Ok(parts.join(", "))
}

fn contact(patient: Node<'_>) -> Read<Vec<String>> {
    let mut all = Vec::new();
    for telecom in patient.objects("telecom")? {
        let usage = telecom.text("use")?;
        if let Some(value) = telecom.text("value")?
            && usage != Some("old")
        {
            let rank = telecom.number("rank")?.and_then(fhir::Number::to_f64).unwrap_or(f64::MAX);
            all.push((rank, usage.map_or_else(|| value.to_owned(), |usage| format!("{value} ({usage})"))));
        }
    }
    all.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    Ok(all.into_iter().map(|(_, line)| line).collect())
}

fn language(patient: Node<'_>) -> Read<Option<String>> {
    let mut languages = Vec::new();
    for communication in patient.objects("communication")? {
        if let Some(words) = concept::words(communication, "language")? {
            languages.push((communication.bool("preferred")? != Some(true), words));
        }
    }
    languages.sort_by_key(|(other, _)| *other);
    let language = languages.first().map(|(_, words)| *words);
    let interpreter = patient.extension(INTERPRETER)?.map_or(Ok(None), |extension| extension.bool("valueBoolean"))? == Some(true)
        || match patient.extension(US_INTERPRETER)?.map_or(Ok(None), |extension| extension.object("valueCoding"))? {
            Some(coding) => coding.text("code")? == Some(SNOMED_YES),
            None => false,
        };
    Ok(match (language, interpreter) {
        (Some(language), true) => Some(format!("{language}, interpreter needed")),
        (None, true) => Some("Interpreter needed".to_owned()),
        (language, false) => language.map(ToOwned::to_owned),
    })
}
