//! Encounters and immunizations.
use crate::concept::{self, CVX};
use crate::directory::Directory;
use crate::medications::reason;
use crate::read::{Node, Read, Unexpected};
use crate::record::Dated;
use crate::value;
use crate::view::{Encounter, Immunization, Source};

/// Reads an Encounter that is not entered in error.
pub(crate) fn encounter(node: Node<'_>, source: Source, directory: &Directory) -> Read<Dated<Encounter>> {
    let period = node.object("period")?;
    let start = period.map_or(Ok(None), |period| period.date("start"))?;
    let item = Encounter {
        source,
        kind: encounter_kind(node)?,
        period: period.map_or(Ok(None), value::period)?,
        status: node.text("status")?.ok_or(Unexpected)?.to_owned(),
        reason: reason(node)?,
        with: with(node, directory)?,
    };
    Ok(Dated::new(item, start))
}

/// "Ambulatory: Consultation for treatment"
fn encounter_kind(node: Node<'_>) -> Read<String> {
    let class = match node.object("class")? {
        Some(class) => class.text("code")?.and_then(class_words).map_or_else(|| class.text("display"), |words| Ok(Some(words)))?,
        None => None,
    };
    let types = concept::all_words(node, "type")?;
    Ok(match (class, types.first()) {
        (Some(class), Some(kind)) => format!("{class}: {kind}"),
        (Some(class), None) => class.to_owned(),
        (None, Some(kind)) => (*kind).to_owned(),
        (None, None) => "Encounter".to_owned(),
    })
}

/// HL7 v3 ActCode, value set ActEncounterCode.
fn class_words(code: &str) -> Option<&'static str> {
    Some(match code {
        "AMB" => "Ambulatory",
        "EMER" => "Emergency",
        "FLD" => "Field",
        "HH" => "Home health",
        "IMP" => "Inpatient",
        "ACUTE" => "Inpatient acute",
        "NONAC" => "Inpatient non-acute",
        "OBSENC" => "Observation",
        "PRENC" => "Pre-admission",
        "SS" => "Short stay",
        "VR" => "Virtual",
        _ => return None,
    })
}

fn with(node: Node<'_>, directory: &Directory) -> Read<Option<String>> {
    let mut names: Vec<String> = Vec::new();
    for participant in node.objects("participant")? {
        names.extend(participant.object("individual")?.map_or(Ok(None), |person| directory.name(person))?);
    }
    for location in node.objects("location")? {
        names.extend(location.object("location")?.map_or(Ok(None), |place| directory.name(place))?);
    }
    names.extend(node.object("serviceProvider")?.map_or(Ok(None), |provider| directory.name(provider))?);
    names.dedup();
    Ok((!names.is_empty()).then(|| names.join(", ")))
}

/// Reads an Immunization that is not entered in error.
pub(crate) fn immunization(node: Node<'_>, source: Source) -> Read<Dated<Immunization>> {
    let date = node.date("occurrenceDateTime")?;
    let given = match date {
        Some(date) => Some(date.display()),
        None => node.text("occurrenceString")?.map(ToOwned::to_owned),
    };
    let codes = concept::codes(node, "vaccineCode")?;
    let item = Immunization {
        source,
        vaccine: concept::words(node, "vaccineCode")?.ok_or(Unexpected)?.to_owned(),
        cvx: codes.iter().find(|code| code.system == CVX).map(|code| code.code.to_owned()),
        given,
        status: node.text("status")?.ok_or(Unexpected)?.to_owned(),
        detail: immunization_detail(node)?,
    };
    Ok(Dated::new(item, date))
}

fn immunization_detail(node: Node<'_>) -> Read<Option<String>> {
    let mut parts: Vec<String> = Vec::new();
    parts.extend(concept::words(node, "statusReason")?.map(ToOwned::to_owned));
    if let Some(protocol) = node.objects("protocolApplied")?.first() {
        let count = |name: &str| -> Read<Option<String>> {
            Ok(match protocol.number(&format!("{name}PositiveInt"))? {
                Some(number) => Some(number.as_str().to_owned()),
                None => protocol.text(&format!("{name}String"))?.map(ToOwned::to_owned),
            })
        };
        parts.extend(match (count("doseNumber")?, count("seriesDoses")?) {
            (Some(dose), Some(of)) => Some(format!("dose {dose} of {of}")),
            (Some(dose), None) => Some(format!("dose {dose}")),
            (None, _) => None,
        });
    }
    parts.extend(node.text("lotNumber")?.map(|lot| format!("lot {lot}")));
    parts.extend(value::quantity(node, "doseQuantity")?);
    parts.extend(concept::words(node, "route")?.map(ToOwned::to_owned));
    parts.extend(concept::words(node, "site")?.map(ToOwned::to_owned));
    Ok((!parts.is_empty()).then(|| parts.join(", ")))
}
