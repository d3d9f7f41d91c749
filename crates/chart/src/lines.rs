//! What needs one line: procedures, reports, orders, and the other types of a chart.
use crate::concept;
use crate::directory::Directory;
use crate::dosage::timing_words;
use crate::medications::{drug, reason};
use crate::problems::moment;
use crate::read::{Node, Read, Unexpected};
use crate::record::Dated;
use crate::value;
use crate::view::{Line, Source};

/// Types shown under "other".
pub(crate) const OTHER: [&str; 32] = [
    "AdverseEvent",
    "Appointment",
    "BodyStructure",
    "CarePlan",
    "CareTeam",
    "ClinicalImpression",
    "Communication",
    "CommunicationRequest",
    "Composition",
    "Consent",
    "Coverage",
    "DetectedIssue",
    "Device",
    "DeviceRequest",
    "DeviceUseStatement",
    "EpisodeOfCare",
    "FamilyMemberHistory",
    "Flag",
    "Goal",
    "ImagingStudy",
    "List",
    "Media",
    "MedicationAdministration",
    "MedicationDispense",
    "NutritionOrder",
    "Provenance",
    "QuestionnaireResponse",
    "RelatedPerson",
    "RequestGroup",
    "RiskAssessment",
    "Specimen",
    "Task",
];

/// Reads any record that is not entered in error as one line. `names` are resolved for those who took part.
pub(crate) fn line(node: Node<'_>, source: Source, directory: &Directory) -> Read<Dated<Line>> {
    let at = when(node)?;
    let period = match at {
        Some(Moment::Period(period)) => value::period(period)?,
        Some(Moment::Date(date)) => Some(date.display()),
        None => moment(node, "performed")?.or(moment(node, "occurrence")?),
    };
    let date = match at {
        Some(Moment::Period(period)) => period.date("start")?.or(period.date("end")?),
        Some(Moment::Date(date)) => Some(date),
        None => None,
    };
    let title = title(node, &source.kind)?;
    let item = Line {
        title: if node.bool("doNotPerform")? == Some(true) { format!("Do not perform: {title}") } else { title },
        status: status(node)?,
        when: period,
        detail: detail(node, &source.kind, directory)?,
        source,
    };
    Ok(Dated::new(item, date))
}

enum Moment<'a> {
    Date(fhir::FhirDate),
    Period(Node<'a>),
}

/// The first of the elements that date a record, in the order of `fhir::Index`.
fn when(node: Node<'_>) -> Read<Option<Moment<'_>>> {
    for stem in ["effective", "performed", "occurrence", "occurred"] {
        if let Some(period) = node.object(&format!("{stem}Period"))? {
            return Ok(Some(Moment::Period(period)));
        }
        if let Some(date) = node.date(&format!("{stem}DateTime"))? {
            return Ok(Some(Moment::Date(date)));
        }
    }
    for name in ["start", "authoredOn", "authored", "sent", "whenHandedOver", "whenPrepared", "started", "startDate"] {
        if let Some(date) = node.date(name)? {
            return Ok(Some(Moment::Date(date)));
        }
    }
    if let Some(period) = node.object("period")? {
        return Ok(Some(Moment::Period(period)));
    }
    for name in
        ["statusDate", "recordedDate", "recorded", "dateAsserted", "dateTime", "issued", "date", "created", "createdDateTime", "received"]
    {
        if let Some(date) = node.date(name)? {
            return Ok(Some(Moment::Date(date)));
        }
    }
    Ok(None)
}

/// What a record is about, by the element its type says it with.
fn title(node: Node<'_>, kind: &str) -> Read<String> {
    let words = |name: &str| Ok(concept::words(node, name)?.map(ToOwned::to_owned));
    let first = |name: &str| Ok(concept::all_words(node, name)?.first().map(|words| (*words).to_owned()));
    let text = |name: &str| Ok(node.text(name)?.map(ToOwned::to_owned));
    let found: Option<String> = match kind {
        "Procedure" | "DiagnosticReport" | "ServiceRequest" => {
            let found = words("code")?;
            if found.is_none() && kind == "DiagnosticReport" {
                return Err(Unexpected);
            }
            match found {
                Some(found) => Some(found),
                None if kind == "Procedure" => words("category")?,
                None => first("category")?,
            }
        }
        "CarePlan" => either(text("title")?, first("category")?, text("description")?),
        "Goal" => either(words("description")?, None, None),
        "CareTeam" => either(text("name")?, first("category")?, None),
        "Task" => either(words("code")?, text("description")?, None),
        "Communication" | "CommunicationRequest" => either(words("topic")?, first("category")?, payload(node)?),
        "QuestionnaireResponse" => questionnaire(node)?,
        "Appointment" => either(first("serviceType")?, words("appointmentType")?, text("description")?),
        "MedicationAdministration" | "MedicationDispense" => Some(drug(node)?.0),
        "FamilyMemberHistory" => family(node)?,
        "AdverseEvent" => either(words("event")?, first("category")?, text("description")?),
        "Device" => either(device_name(node)?, words("type")?, None),
        "ImagingStudy" => either(text("description")?, first("procedureCode")?, modalities(node)?),
        "List" | "Composition" => either(text("title")?, words("code")?, words("type")?),
        "Media" | "Coverage" | "Specimen" => words("type")?,
        "DeviceRequest" => words("codeCodeableConcept")?,
        "DeviceUseStatement" => node.object("device")?.map_or(Ok(None), |device| device.text("display"))?.map(ToOwned::to_owned),
        "NutritionOrder" => node.object("oralDiet")?.map_or(Ok(None), |diet| Ok(first_words(&concept::all_words(diet, "type")?)))?,
        "Consent" => either(words("scope")?, first("category")?, None),
        "EpisodeOfCare" => first("type")?,
        "BodyStructure" => either(words("location")?, words("morphology")?, text("description")?),
        "RelatedPerson" => either(crate::name::HumanName::preferred(node)?.map(|name| name.plain()), first("relationship")?, None),
        "ClinicalImpression" => either(words("code")?, text("summary")?, text("description")?),
        "Provenance" => words("activity")?,
        _ => words("code")?,
    };
    Ok(found.unwrap_or_else(|| spaced(kind)))
}

fn either(first: Option<String>, second: Option<String>, third: Option<String>) -> Option<String> {
    first.or(second).or(third)
}

fn first_words(words: &[&str]) -> Option<String> {
    words.first().map(|words| (*words).to_owned())
}

fn status(node: Node<'_>) -> Read<Option<String>> {
    for name in ["status", "lifecycleStatus"] {
        if let Some(status) = node.text(name)? {
            return Ok(Some(status.to_owned()));
        }
    }
    Ok(None)
}

/// More on one line, what the type offers.
fn detail(node: Node<'_>, kind: &str, directory: &Directory) -> Read<Option<String>> {
    let mut parts: Vec<String> = Vec::new();
    match kind {
        "DiagnosticReport" => {
            let results = node.objects("result")?.len();
            match node.text("conclusion")? {
                Some(conclusion) => parts.push(conclusion.to_owned()),
                None if results > 0 => parts.push(format!("{results} result{}", if results == 1 { "" } else { "s" })),
                None => parts.extend(first_words(&concept::all_words(node, "conclusionCode")?)),
            }
        }
        "ServiceRequest" | "DeviceRequest" | "NutritionOrder" | "CommunicationRequest" => {
            for name in ["intent", "priority"] {
                parts.extend(node.text(name)?.filter(|text| *text != "order" && *text != "routine").map(ToOwned::to_owned));
            }
            parts.extend(node.object("occurrenceTiming")?.map_or(Ok(None), timing_words)?);
            parts.extend(node.object("requester")?.map_or(Ok(None), |requester| directory.name(requester))?);
        }
        "Procedure" => {
            parts.extend(concept::words(node, "outcome")?.map(ToOwned::to_owned));
            for performer in node.objects("performer")? {
                parts.extend(performer.object("actor")?.map_or(Ok(None), |actor| directory.name(actor))?);
            }
        }
        "CareTeam" | "Appointment" => {
            let member = if kind == "CareTeam" { "member" } else { "actor" };
            for participant in node.objects("participant")? {
                let person = participant.object(member)?;
                let is_patient = person.map_or(Ok(None), |person| person.text("reference"))?.is_some_and(|r| r.starts_with("Patient/"));
                if !is_patient {
                    parts.extend(person.map_or(Ok(None), |person| directory.name(person))?);
                }
            }
        }
        "CarePlan" => {
            for activity in node.objects("activity")? {
                parts.extend(activity.object("detail")?.map_or(Ok(None), |detail| concept::words(detail, "code"))?.map(ToOwned::to_owned));
            }
        }
        "Goal" => parts.extend(concept::words(node, "achievementStatus")?.map(ToOwned::to_owned)),
        "MedicationAdministration" => parts.extend(match node.object("dosage")? {
            Some(dosage) => crate::dosage::dosages(&[dosage])?,
            None => None,
        }),
        "MedicationDispense" => {
            parts.extend(value::quantity(node, "quantity")?);
            parts.extend(crate::dosage::dosages(&node.objects("dosageInstruction")?)?);
        }
        "Communication" => parts.extend(payload(node)?),
        "FamilyMemberHistory" => {
            for condition in node.objects("condition")? {
                parts.extend(concept::words(condition, "code")?.map(ToOwned::to_owned));
            }
        }
        "Provenance" => {
            for agent in node.objects("agent")? {
                parts.extend(agent.object("who")?.map_or(Ok(None), |who| directory.name(who))?);
            }
        }
        "RelatedPerson" => parts.extend(first_words(&concept::all_words(node, "relationship")?)),
        "Task" => parts.extend(node.object("owner")?.map_or(Ok(None), |owner| directory.name(owner))?),
        _ => {}
    }
    parts.extend(match kind {
        // The one type whose reason R4 makes single.
        "Task" => concept::words(node, "reasonCode")?.map(ToOwned::to_owned),
        _ => reason(node)?,
    });
    parts.dedup();
    Ok((!parts.is_empty()).then(|| parts.join(", ")))
}

fn payload(node: Node<'_>) -> Read<Option<String>> {
    for payload in node.objects("payload")? {
        if let Some(text) = payload.text("contentString")? {
            return Ok(Some(text.to_owned()));
        }
    }
    Ok(None)
}

/// A QuestionnaireResponse names its form only by canonical URL.
fn questionnaire(node: Node<'_>) -> Read<Option<String>> {
    let display = node.object("_questionnaire")?.map_or(Ok(None), |primitive| {
        primitive.extension("http://hl7.org/fhir/StructureDefinition/display")?.map_or(Ok(None), |extension| extension.text("valueString"))
    })?;
    let last = node.text("questionnaire")?.and_then(|url| url.split('|').next()?.rsplit('/').next());
    Ok(display.or(last).map(|name| format!("Questionnaire: {name}")))
}

fn family(node: Node<'_>) -> Read<Option<String>> {
    let relationship = concept::words(node, "relationship")?.unwrap_or("family member");
    Ok(Some(match node.text("name")? {
        Some(name) => format!("Family history: {relationship} ({name})"),
        None => format!("Family history: {relationship}"),
    }))
}

fn device_name(node: Node<'_>) -> Read<Option<String>> {
    for name in node.objects("deviceName")? {
        if let Some(name) = name.text("name")? {
            return Ok(Some(name.to_owned()));
        }
    }
    Ok(None)
}

fn modalities(node: Node<'_>) -> Read<Option<String>> {
    let mut all = Vec::new();
    for series in node.objects("series")? {
        if let Some(modality) = series.object("modality")? {
            all.extend(match modality.text("display")? {
                Some(display) => Some(display),
                None => modality.text("code")?,
            });
        }
    }
    all.dedup();
    Ok((!all.is_empty()).then(|| format!("Imaging: {}", all.join(", "))))
}

/// "MedicationDispense" as "Medication dispense".
pub(crate) fn spaced(kind: &str) -> String {
    let mut words = String::with_capacity(kind.len() + 2);
    for c in kind.chars() {
        if c.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
            words.push(c.to_ascii_lowercase());
        } else {
            words.push(c);
        }
    }
    words
}
