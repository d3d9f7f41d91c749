//! Today's list: Appointments of one day.
use chrono::{DateTime, FixedOffset, NaiveDate};
use kernel::{PatientId, PractitionerId};

use crate::concept;
use crate::directory::Directory;
use crate::medications::reason;
use crate::read::{Node, Read, Unexpected, local_id};
use crate::record::{Resource, StoredRecord, source};
use crate::view::{PatientRow, ScheduleRow, Unreadable};

/// Whose day it is.
pub struct ScheduleContext<'a> {
    /// The day, on the workstation's calendar.
    pub day: NaiveDate,
    /// The workstation's offset on that day.
    pub offset: FixedOffset,
    /// The signed-in clinician, if he is a Practitioner.
    pub practitioner: Option<&'a PractitionerId>,
    /// Names of clinicians and places.
    pub directory: &'a Directory,
}

/// The schedule of a day.
pub struct Schedule {
    /// By start, cancelled ones in their place.
    pub rows: Vec<ScheduleRow>,
    /// Appointments that could not be read: one of them may be today.
    pub unreadable: Vec<Unreadable>,
}

/// Reads Appointments (other types are passed over) and keeps those that start on the day. `patient` finds the row of a
/// patient on this workstation; a group appointment has a row per patient.
pub fn schedule_rows<'r>(
    records: impl IntoIterator<Item = StoredRecord<'r>>,
    about: &ScheduleContext<'_>,
    patient: impl Fn(&PatientId) -> Option<PatientRow>,
) -> Schedule {
    let mut schedule = Schedule { rows: Vec::new(), unreadable: Vec::new() };
    for record in records {
        if record.kind != "Appointment" {
            continue;
        }
        match record.body.map(|body| rows(&record, body, about, &patient)) {
            Some(Ok(rows)) => schedule.rows.extend(rows),
            failed => schedule.unreadable.push(Unreadable {
                kind: record.kind.to_owned(),
                id: record.id.map(ToOwned::to_owned),
                why: if failed.is_some() { "content" } else { "seal" }.to_owned(),
            }),
        }
    }
    schedule.rows.sort_by(|a, b| a.at.total_cmp(&b.at).then_with(|| a.source.id.cmp(&b.source.id)));
    schedule
}

fn rows(
    record: &StoredRecord<'_>,
    body: &str,
    about: &ScheduleContext<'_>,
    patient: &impl Fn(&PatientId) -> Option<PatientRow>,
) -> Read<Vec<ScheduleRow>> {
    let resource = Resource::parse(record.kind, body)?;
    let node = resource.node()?;
    let source = source(record.kind, node, record.state)?;
    let status = node.text("status")?.ok_or(Unexpected)?;
    let Some(start) = node.date("start")? else { return Ok(Vec::new()) };
    let local = DateTime::from_timestamp_millis(start.epoch_millis()).ok_or(Unexpected)?.with_timezone(&about.offset);
    if status == "entered-in-error" || local.date_naive() != about.day {
        return Ok(Vec::new());
    }
    let people = People::read(node, about.directory)?;
    // Exact below 2^53 ms.
    #[allow(clippy::cast_precision_loss)]
    let at = start.epoch_millis() as f64;
    let row = ScheduleRow {
        source,
        start: local.format("%H:%M").to_string(),
        at,
        minutes: minutes(node, start.epoch())?,
        status: status.to_owned(),
        reason: why(node)?,
        mine: about.practitioner.is_some_and(|own| people.clinicians.contains(own)),
        with: people.names,
        patient: None,
    };
    if people.patients.is_empty() {
        return Ok(vec![row]);
    }
    Ok(people.patients.iter().map(|id| ScheduleRow { patient: patient(id), ..row.clone() }).collect())
}

struct People {
    patients: Vec<PatientId>,
    clinicians: Vec<PractitionerId>,
    names: Vec<String>,
}

impl People {
    fn read(node: Node<'_>, directory: &Directory) -> Read<Self> {
        let mut people = Self { patients: Vec::new(), clinicians: Vec::new(), names: Vec::new() };
        for participant in node.objects("participant")? {
            let Some(actor) = participant.object("actor")? else { continue };
            let reference = actor.text("reference")?.unwrap_or_default();
            if let Some(id) = local_id(reference, "Patient") {
                people.patients.extend(PatientId::new(&id).ok());
            } else if let Some(clinician) = directory.practitioner(reference) {
                people.names.extend(directory.name(actor)?);
                people.clinicians.push(clinician);
            } else if reference.starts_with("Practitioner") {
                people.names.extend(directory.name(actor)?);
            }
        }
        Ok(people)
    }
}

fn minutes(node: Node<'_>, start: i64) -> Read<Option<u32>> {
    if let Some(minutes) = node.number("minutesDuration")? {
        return Ok(minutes.as_str().parse().ok());
    }
    let length = node.date("end")?.map(|end| (end.epoch() - start) / 60);
    Ok(length.filter(|minutes| *minutes > 0).and_then(|minutes| u32::try_from(minutes).ok()))
}

fn why(node: Node<'_>) -> Read<Option<String>> {
    if let Some(reason) = reason(node)? {
        return Ok(Some(reason));
    }
    let service = concept::all_words(node, "serviceType")?.first().copied();
    Ok(match (node.text("description")?, service) {
        (Some(description), _) => Some(description),
        (None, Some(service)) => Some(service),
        (None, None) => concept::words(node, "appointmentType")?,
    }
    .map(ToOwned::to_owned))
}
