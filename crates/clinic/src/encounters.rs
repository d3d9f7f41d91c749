//! Encounters: where and why a patient was seen, by whom, from when to when.

use crate::chart::{Chart, Filed};
use crate::codes::{ACT_CODE, SNOMED, coding, concept, hl7, reference};
use crate::directory::{self, practitioner};
use crate::when::stamp;
use chrono::{DateTime, FixedOffset};
use serde_json::{Value, json};

/// Why a patient is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    WellChild,
    Annual,
    FollowUp,
    Illness,
    Emergency,
    Telephone,
    NurseVisit,
    Stay,
}

impl Reason {
    fn class(self) -> (&'static str, &'static str) {
        match self {
            Self::Emergency => ("EMER", "emergency"),
            Self::Telephone => ("VR", "virtual"),
            Self::Stay => ("IMP", "inpatient encounter"),
            _ => ("AMB", "ambulatory"),
        }
    }

    /// SNOMED CT type of the encounter.
    fn kind(self) -> (&'static str, &'static str) {
        match self {
            Self::WellChild => ("410620009", "Well child visit"),
            Self::Annual => ("185349003", "Encounter for check up"),
            Self::FollowUp => ("390906007", "Follow-up encounter"),
            Self::Illness => ("185345009", "Encounter for symptom"),
            Self::Emergency => ("50849002", "Emergency room admission"),
            Self::Telephone => ("185317003", "Telephone encounter"),
            Self::NurseVisit => ("308335008", "Patient encounter procedure"),
            Self::Stay => ("32485007", "Hospital admission"),
        }
    }
}

/// Files an encounter. `until` None: still going on.
pub(crate) fn file(
    chart: &mut Chart<'_>,
    reason: Reason,
    (from, until): (DateTime<FixedOffset>, Option<DateTime<FixedOffset>>),
    why: Option<Value>,
    appointment: Option<&Filed>,
) -> Filed {
    let (class, class_display) = reason.class();
    let (code, display) = reason.kind();
    let (place, provider) = place(chart, reason);
    let mut period = json!({ "start": stamp(from) });
    if let Some(until) = until {
        period["end"] = json!(stamp(until));
    }
    let mut body = json!({
        "status": if until.is_some() { "finished" } else { "in-progress" },
        "class": coding(ACT_CODE, class, class_display),
        "type": [concept(SNOMED, code, display)],
        "subject": chart.subject(),
        "participant": participants(chart, reason),
        "period": period,
        "location": [{ "location": reference(place.0, place.1) }],
        "serviceProvider": reference(provider.0, provider.1),
    });
    if let Some(why) = why {
        body["reasonCode"] = json!([why]);
    }
    if let Some(appointment) = appointment {
        body["appointment"] = json!([{ "reference": appointment.reference }]);
    }
    chart.file("Encounter", body)
}

fn participants(chart: &Chart<'_>, reason: Reason) -> Value {
    let who = match reason {
        Reason::NurseVisit => chart.person.team.nurse,
        Reason::Emergency | Reason::Stay => {
            directory::CLINICIANS.iter().find(|c| c.role == "physician").unwrap_or(chart.person.team.physician)
        }
        _ => chart.person.team.physician,
    };
    json!([{
        "type": [concept(&hl7("v3-ParticipationType"), if reason == Reason::Stay { "ATND" } else { "PPRF" },
            if reason == Reason::Stay { "attender" } else { "primary performer" })],
        "individual": practitioner(who),
    }])
}

type Place = (&'static str, &'static str);

fn place(chart: &Chart<'_>, reason: Reason) -> (Place, Place) {
    match reason {
        Reason::Emergency => (directory::EMERGENCY, directory::CLINIC),
        Reason::Stay => (directory::WARD, directory::CLINIC),
        _ if chart.person.team.ours => (directory::OUTPATIENT, directory::CLINIC),
        _ => (directory::EASTSIDE_OFFICE, directory::EASTSIDE),
    }
}
