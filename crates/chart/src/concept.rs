//! Coded concepts in words.
use crate::read::{Node, Read};

pub(crate) const LOINC: &str = "http://loinc.org";
pub(crate) const SNOMED: &str = "http://snomed.info/sct";
pub(crate) const CVX: &str = "http://hl7.org/fhir/sid/cvx";

/// The words of the CodeableConcept `name`: its text, else a display the user chose, else the first display, else the first code.
pub(crate) fn words<'a>(node: Node<'a>, name: &str) -> Read<Option<&'a str>> {
    node.object(name)?.map_or(Ok(None), concept_words)
}

/// The words of each CodeableConcept in the array `name`.
pub(crate) fn all_words<'a>(node: Node<'a>, name: &str) -> Read<Vec<&'a str>> {
    let mut all = Vec::new();
    for concept in node.objects(name)? {
        all.extend(concept_words(concept)?);
    }
    Ok(all)
}

/// The words of one CodeableConcept.
pub(crate) fn concept_words(concept: Node<'_>) -> Read<Option<&str>> {
    if let Some(text) = concept.text("text")? {
        return Ok(Some(text));
    }
    let codings = concept.objects("coding")?;
    for coding in &codings {
        if coding.bool("userSelected")? == Some(true)
            && let Some(display) = coding.text("display")?
        {
            return Ok(Some(display));
        }
    }
    for wanted in ["display", "code"] {
        for coding in &codings {
            if let Some(found) = coding.text(wanted)? {
                return Ok(Some(found));
            }
        }
    }
    Ok(None)
}

/// The displays of the CodeableConcept `name`: the code systems' words.
pub(crate) fn displays<'a>(node: Node<'a>, name: &str) -> Read<Vec<&'a str>> {
    let mut all = Vec::new();
    if let Some(concept) = node.object(name)? {
        for coding in concept.objects("coding")? {
            all.extend(coding.text("display")?);
        }
    }
    Ok(all)
}

/// A Coding's system and code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Code<'a> {
    pub(crate) system: &'a str,
    pub(crate) code: &'a str,
}

/// Codes of the CodeableConcept `name`, in order.
pub(crate) fn codes<'a>(node: Node<'a>, name: &str) -> Read<Vec<Code<'a>>> {
    node.object(name)?.map_or(Ok(Vec::new()), concept_codes)
}

/// Codes of all CodeableConcepts in the array `name`.
pub(crate) fn all_codes<'a>(node: Node<'a>, name: &str) -> Read<Vec<Code<'a>>> {
    let mut all = Vec::new();
    for concept in node.objects(name)? {
        all.extend(concept_codes(concept)?);
    }
    Ok(all)
}

/// Codes of one CodeableConcept.
pub(crate) fn concept_codes(concept: Node<'_>) -> Read<Vec<Code<'_>>> {
    let mut all = Vec::new();
    for coding in concept.objects("coding")? {
        if let Some(code) = coding.text("code")? {
            all.push(Code { system: coding.text("system")?.unwrap_or_default(), code });
        }
    }
    Ok(all)
}

/// The first code of the CodeableConcept `name`, as statuses are coded in R4.
pub(crate) fn first_code<'a>(node: Node<'a>, name: &str) -> Read<Option<&'a str>> {
    Ok(codes(node, name)?.first().map(|code| code.code))
}

/// The code a clinician would look up, "SNOMED CT 44054006": the first of a system with a name.
pub(crate) fn shown_code(codes: &[Code<'_>]) -> Option<String> {
    codes.iter().find_map(|code| Some(format!("{} {}", system_name(code.system)?, code.code)))
}

fn system_name(system: &str) -> Option<&'static str> {
    Some(match system {
        SNOMED => "SNOMED CT",
        LOINC => "LOINC",
        CVX => "CVX",
        "http://www.nlm.nih.gov/research/umls/rxnorm" => "RxNorm",
        "http://hl7.org/fhir/sid/icd-10-cm" => "ICD-10-CM",
        "http://hl7.org/fhir/sid/icd-10" => "ICD-10",
        "http://hl7.org/fhir/sid/icd-9-cm" => "ICD-9-CM",
        "http://hl7.org/fhir/sid/ndc" => "NDC",
        "http://www.whocc.no/atc" => "ATC",
        "http://www.ama-assn.org/go/cpt" => "CPT",
        _ => return None,
    })
}
