//! One pattern, one incident: what has been raised, and what became of it.
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::access::PatientTag;
use crate::incident::{Evidence, Incident, Kind, Severity, Verdict};

/// More are not remembered; a forgotten one may be raised anew.
pub const MOST_RAISED: usize = 64;
/// An incident that goes on unsettled is raised anew after so many shifts.
const STANDS: u32 = 32;
/// For so many shifts what has been explained is not raised again.
const EXPLAINED: u32 = 90;

/// What was found, before it is known whether it is news.
pub struct Finding {
    pub kind: Kind,
    pub severity: Severity,
    pub patient: Option<PatientTag>,
    pub evidence: Evidence,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Raised {
    number: u32,
    pub kind: Kind,
    severity: Severity,
    patient: Option<PatientTag>,
    /// Charts in the hour, for the kinds that count them.
    pub charts: u32,
    shift: u32,
    explained: bool,
}

/// What has been raised, the oldest first.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Docket {
    last_number: u32,
    raised: Vec<Raised>,
}

impl Docket {
    pub fn is_sound(&self) -> bool {
        self.raised.len() <= MOST_RAISED
    }

    /// The incident, if it is news or worse than before.
    pub fn raise(&mut self, finding: Finding, shift: u32, at: DateTime<Utc>) -> Option<Incident> {
        let Finding { kind, severity, patient, evidence } = finding;
        let charts = if let Evidence::Hour { charts, .. } = evidence { charts } else { 0 };
        let standing = self.raised.iter_mut().find(|raised| raised.kind == kind && raised.patient == patient && raised.stands(shift));
        let number = if let Some(raised) = standing {
            if raised.explained || severity <= raised.severity {
                return None;
            }
            (raised.severity, raised.charts) = (severity, charts);
            raised.number
        } else {
            self.last_number = self.last_number.saturating_add(1);
            if self.raised.len() >= MOST_RAISED {
                self.raised.remove(0);
            }
            self.raised.push(Raised { number: self.last_number, kind, severity, patient, charts, shift, explained: false });
            self.last_number
        };
        Some(Incident { number, kind, severity, at, patient, evidence })
    }

    /// Numbers of what has been raised about a patient.
    pub fn about(&self, patient: PatientTag) -> Vec<u32> {
        self.raised.iter().filter(|raised| raised.patient == Some(patient)).map(|raised| raised.number).collect()
    }

    /// Takes the verdict down. `None` if no such incident is remembered.
    pub fn settle(&mut self, number: u32, verdict: Verdict, shift: u32) -> Option<Raised> {
        let place = self.raised.iter().position(|raised| raised.number == number)?;
        match verdict {
            Verdict::Confirmed => Some(self.raised.remove(place)),
            Verdict::Explained => {
                let raised = self.raised.get_mut(place)?;
                (raised.explained, raised.shift) = (true, shift);
                Some(raised.clone())
            }
        }
    }
}

impl Raised {
    fn stands(&self, shift: u32) -> bool {
        let since = shift.saturating_sub(self.shift);
        match self.kind {
            // The hour is learnt when it is explained; tomorrow's is another.
            Kind::ChartRate | Kind::StrangerRate | Kind::ManyStrangers | Kind::MemoryLost => since == 0,
            Kind::SlowBrowsing if self.explained => false,
            _ => since < if self.explained { EXPLAINED } else { STANDS },
        }
    }
}
