//! MedicationRequest and MedicationStatement.
use std::collections::HashMap;

use crate::concept;
use crate::directory::Directory;
use crate::dosage;
use crate::read::{Node, Read, Unexpected, local_id};
use crate::record::Dated;
use crate::view::{Medication, Source};

/// Names of the Medication resources of this chart, by id.
pub(crate) type Drugs = HashMap<Box<str>, String>;

/// A medication whose name may stand in a Medication resource not read yet.
pub(crate) struct Pending {
    dated: Dated<Medication>,
    /// Id of the Medication that has the name.
    named_by: Option<Box<str>>,
    do_not: bool,
}

/// Reads a MedicationRequest.
pub(crate) fn request(node: Node<'_>, source: Source, directory: &Directory) -> Read<Pending> {
    let written = node.date("authoredOn")?;
    let (name, named_by) = drug(node)?;
    let item = Medication {
        source,
        name,
        dosage: dosage::dosages(&node.objects("dosageInstruction")?)?,
        status: node.text("status")?.ok_or(Unexpected)?.to_owned(),
        intent: node.text("intent")?.map(ToOwned::to_owned),
        written: written.map(|date| date.display()),
        prescriber: node.object("requester")?.map_or(Ok(None), |requester| directory.name(requester))?,
        reason: reason(node)?,
    };
    Ok(Pending { dated: Dated::new(item, written), named_by, do_not: node.bool("doNotPerform")? == Some(true) })
}

/// Reads a MedicationStatement.
pub(crate) fn statement(node: Node<'_>, source: Source, directory: &Directory) -> Read<Pending> {
    let asserted = node.date("dateAsserted")?;
    let period = node.object("effectivePeriod")?;
    let taken = node.date("effectiveDateTime")?.or(period.map_or(Ok(None), |period| period.date("start"))?);
    let written = asserted.or(taken);
    let (name, named_by) = drug(node)?;
    let item = Medication {
        source,
        name,
        dosage: dosage::dosages(&node.objects("dosage")?)?,
        status: node.text("status")?.ok_or(Unexpected)?.to_owned(),
        intent: Some("statement".to_owned()),
        written: written.map(|date| date.display()),
        prescriber: node.object("informationSource")?.map_or(Ok(None), |from| directory.name(from))?,
        reason: reason(node)?,
    };
    Ok(Pending { dated: Dated::new(item, written), named_by, do_not: false })
}

/// The name a Medication resource gives, and its id.
pub(crate) fn drug_name(medication: Node<'_>) -> Read<Option<String>> {
    if let Some(words) = concept::words(medication, "code")? {
        return Ok(Some(words.to_owned()));
    }
    let mut ingredients = Vec::new();
    for ingredient in medication.objects("ingredient")? {
        ingredients.extend(concept::words(ingredient, "itemCodeableConcept")?);
    }
    Ok((!ingredients.is_empty()).then(|| ingredients.join(" + ")))
}

/// `medication[x]` in words; for a reference to another resource of the chart, the best known so far and that resource's id.
pub(crate) fn drug(node: Node<'_>) -> Read<(String, Option<Box<str>>)> {
    if let Some(words) = concept::words(node, "medicationCodeableConcept")? {
        return Ok((words.to_owned(), None));
    }
    let reference = node.object("medicationReference")?.ok_or(Unexpected)?;
    let address = reference.text("reference")?;
    if let Some(id) = address.and_then(|address| address.strip_prefix('#')) {
        for contained in node.objects("contained")? {
            if contained.text("id")? == Some(id)
                && let Some(name) = drug_name(contained)?
            {
                return Ok((name, None));
            }
        }
    }
    // Where nothing names the drug, its address stands: an entry nobody can read beats one nobody sees.
    let known = reference.text("display")?.or(address).ok_or(Unexpected)?;
    Ok((known.to_owned(), address.and_then(|address| local_id(address, "Medication"))))
}

/// Active first, then on hold and unknown, then past; within each, newest first.
pub(crate) fn order(pending: Vec<Pending>, drugs: &Drugs) -> Vec<Medication> {
    let mut all: Vec<Dated<Medication>> = pending
        .into_iter()
        .map(|Pending { mut dated, named_by, do_not }| {
            if let Some(name) = named_by.and_then(|id| drugs.get(&id)) {
                dated.item.name.clone_from(name);
            }
            if do_not {
                dated.item.name.insert_str(0, "Do not give: ");
            }
            dated
        })
        .collect();
    all.sort_by_key(|dated| (rank(&dated.item.status), std::cmp::Reverse(dated.at)));
    all.into_iter().map(|dated| dated.item).collect()
}

fn rank(status: &str) -> u8 {
    match status {
        "active" => 0,
        "intended" | "on-hold" | "draft" => 1,
        "stopped" | "completed" | "cancelled" | "ended" | "not-taken" => 3,
        _ => 2,
    }
}

/// `reasonCode` in words, else what `reasonReference` displays.
pub(crate) fn reason(node: Node<'_>) -> Read<Option<String>> {
    let mut reasons: Vec<&str> = concept::all_words(node, "reasonCode")?;
    if reasons.is_empty() {
        for reference in node.objects("reasonReference")? {
            reasons.extend(reference.text("display")?);
        }
    }
    Ok((!reasons.is_empty()).then(|| reasons.join(", ")))
}
