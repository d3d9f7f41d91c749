//! AllergyIntolerance, and what the list as a whole states (NHS CUI, "Displaying Adverse Drug Reaction Risks": known,
//! none known, not recorded, and not readable are four things that must never look alike).
use crate::concept::{self, Code, SNOMED};
use crate::problems::moment;
use crate::read::{Node, Read, Unexpected};
use crate::view::{Allergies, Allergy, Line, Source};

/// What one AllergyIntolerance states.
pub(crate) enum Statement {
    /// An allergy or intolerance.
    Of(Allergy),
    /// No known allergy of any kind.
    NoneKnown(Source),
    /// Something that belongs beside the list, not in it: a refuted allergy, "no known drug allergy", an outdated "none known".
    Beside(Line),
    /// "No information": as if nothing were recorded.
    NoInformation,
}

/// Reads an AllergyIntolerance that is not entered in error.
pub(crate) fn statement(node: Node<'_>, source: Source) -> Read<Statement> {
    let status = concept::first_code(node, "clinicalStatus")?;
    let verification = concept::first_code(node, "verificationStatus")?;
    let substance = substance(node)?;
    let codes = concept::codes(node, "code")?;
    let since = match moment(node, "onset")? {
        Some(onset) => Some(onset),
        None => node.date("recordedDate")?.map(|date| date.display()),
    };
    if codes.iter().any(is_no_information) {
        return Ok(Statement::NoInformation);
    }
    let current = matches!(status, None | Some("active"));
    let none_known = codes.iter().any(is_none_known);
    if none_known && current && verification != Some("refuted") {
        return Ok(Statement::NoneKnown(source));
    }
    if none_known || verification == Some("refuted") || codes.iter().any(is_none_known_in_part) {
        return Ok(Statement::Beside(Line {
            source,
            title: substance.to_owned(),
            status: if verification == Some("refuted") { verification } else { status }.map(ToOwned::to_owned),
            when: since,
            detail: None,
        }));
    }
    Ok(Statement::Of(Allergy {
        source,
        substance: substance.to_owned(),
        kind: node.text("type")?.map(ToOwned::to_owned),
        criticality: node.text("criticality")?.map(ToOwned::to_owned),
        reactions: reactions(node)?,
        // An allergy without a status is treated as one that can harm.
        status: status.unwrap_or("active").to_owned(),
        verification: verification.map(ToOwned::to_owned),
        since,
    }))
}

/// The state of the whole list. Only a complete, readable list can say "none known" or "not recorded".
pub(crate) fn summary(mut items: Vec<Allergy>, none_known: Option<Source>, unreadable: u32) -> Allergies {
    items.sort_by_key(rank);
    if unreadable > 0 {
        Allergies::Unreadable { items, unreadable }
    } else if !items.is_empty() {
        Allergies::Known { items }
    } else if let Some(source) = none_known {
        Allergies::NoneKnown { source }
    } else {
        Allergies::NotRecorded
    }
}

/// Active before inactive, high criticality before unassessed before low.
fn rank(allergy: &Allergy) -> (u8, u8) {
    let status = match allergy.status.as_str() {
        "active" => 0,
        "inactive" => 1,
        _ => 2,
    };
    let criticality = match allergy.criticality.as_deref() {
        Some("high") => 0,
        Some("low") => 2,
        _ => 1,
    };
    (status, criticality)
}

fn substance(node: Node<'_>) -> Read<&str> {
    if let Some(words) = concept::words(node, "code")? {
        return Ok(words);
    }
    for reaction in node.objects("reaction")? {
        if let Some(words) = concept::words(reaction, "substance")? {
            return Ok(words);
        }
    }
    // An allergy to nobody knows what: it must not look like no allergy.
    Err(Unexpected)
}

fn reactions(node: Node<'_>) -> Read<Vec<String>> {
    let mut all = Vec::new();
    for reaction in node.objects("reaction")? {
        let mut words = concept::all_words(reaction, "manifestation")?.join(", ");
        if words.is_empty() {
            words = reaction.text("description")?.unwrap_or_default().to_owned();
        }
        match reaction.text("severity")? {
            Some(severity) if !words.is_empty() => all.push(format!("{words} ({severity})")),
            Some(severity) => all.push(severity.to_owned()),
            None if !words.is_empty() => all.push(words),
            None => {}
        }
    }
    Ok(all)
}

const ABSENT_UNKNOWN: [&str; 2] =
    ["http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips", "http://terminology.hl7.org/CodeSystem/absent-unknown"];

/// SNOMED CT 716186003 "No known allergy", IPS `no-known-allergies`.
fn is_none_known(code: &Code<'_>) -> bool {
    match code.code {
        "716186003" => code.system == SNOMED,
        "no-known-allergies" => ABSENT_UNKNOWN.contains(&code.system),
        _ => false,
    }
}

/// Statements about one class of allergens only: they do not answer for the others.
fn is_none_known_in_part(code: &Code<'_>) -> bool {
    match code.code {
        // No known: drug, food, environmental, insect, latex allergy.
        "409137002" | "429625007" | "428607008" | "428197003" | "1003774007" => code.system == SNOMED,
        "no-known-medication-allergies" | "no-known-food-allergies" | "no-known-environmental-allergies" => {
            ABSENT_UNKNOWN.contains(&code.system)
        }
        _ => false,
    }
}

fn is_no_information(code: &Code<'_>) -> bool {
    code.code == "no-allergy-info" && ABSENT_UNKNOWN.contains(&code.system)
}
