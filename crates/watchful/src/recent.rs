//! The charts of the last hour.
use serde::{Deserialize, Serialize};

use crate::access::{Access, Act, PatientTag};
use crate::pace::HOUR;

/// More charts than this are not told apart: any limit lies far below.
pub const MOST_RECENT: usize = 256;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Chart {
    patient: PatientTag,
    at: u64,
    /// Nothing ties the user to the patient, no care has been documented, and it is no emergency.
    stranger: bool,
}

/// Distinct charts asked for within 60 minutes, refused ones included.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Recent(Vec<Chart>);

impl Recent {
    pub fn note(&mut self, access: &Access, at: u64) {
        self.0.retain(|chart| at.saturating_sub(chart.at) < HOUR);
        let tied = access.related || access.own_record || access.is_emergency() || access.act == Act::Write;
        if let Some(chart) = self.0.iter_mut().find(|chart| chart.patient == access.patient) {
            chart.at = at;
            chart.stranger &= !tied;
        } else if self.0.len() < MOST_RECENT {
            self.0.push(Chart { patient: access.patient, at, stranger: !tied });
        }
    }

    pub fn is_sound(&self) -> bool {
        self.0.len() <= MOST_RECENT
    }

    pub fn charts(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    /// Break-glass is not counted here: it is never held up, and judged by what comes of it.
    pub fn strangers(&self) -> u32 {
        u32::try_from(self.0.iter().filter(|chart| chart.stranger).count()).unwrap_or(u32::MAX)
    }
}
