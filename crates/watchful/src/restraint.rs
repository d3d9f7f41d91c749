//! What follows from incidents, and what never does.
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::access::{Access, Act};
use crate::incident::{Incident, Kind, Response, Severity};
use crate::pace::MINUTE;

/// For so long a step-up answers for whatever asks for one.
const VOUCHED: u64 = 15 * MINUTE;

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Cause {
    number: u32,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Suspension {
    until: u64,
    cause: Cause,
}

/// Times are the watch's own ([`crate::pace`]).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restraint {
    owed: Option<Cause>,
    suspended: Option<Suspension>,
    vouched_until: u64,
}

impl Restraint {
    pub fn follow(&mut self, incident: &Incident, at: u64, suspension: u64) {
        let cause = Cause { number: incident.number, kind: incident.kind };
        if incident.severity >= Severity::Warning {
            self.owed = Some(cause);
        }
        if incident.severity == Severity::Alarm {
            self.suspended = Some(Suspension { until: at.saturating_add(suspension), cause });
        }
    }

    /// What to do about an access to which `cue` ties the user in person.
    ///
    /// A chart the user is tied to by work asks for a step-up at most: keeping a nurse from her own patients harms them, and
    /// her passphrase keeps out whoever sits at her desk.
    pub fn answer(&self, access: &Access, cue: Option<Kind>, at: u64, wall: DateTime<Utc>) -> Response {
        if access.is_never_held_up() || access.act == Act::Refused {
            return Response::Nothing;
        }
        if let Some(Suspension { until, cause }) = self.suspended
            && at < until
            && !access.related
        {
            let left = TimeDelta::milliseconds(i64::try_from(until - at).unwrap_or(i64::MAX));
            return Response::SuspendElective { until: wall.checked_add_signed(left).unwrap_or(wall), why: cause.kind };
        }
        if let Some(cause) = self.owed {
            return Response::StepUp { why: cause.kind };
        }
        match cue {
            Some(why) if at >= self.vouched_until => Response::StepUp { why },
            _ => Response::Nothing,
        }
    }

    pub fn stepped_up(&mut self, at: u64) {
        self.owed = None;
        self.vouched_until = at.saturating_add(VOUCHED);
    }

    /// An incident was explained: nothing follows from it any more.
    pub fn lift(&mut self, number: u32) {
        self.owed = self.owed.filter(|cause| cause.number != number);
        self.suspended = self.suspended.filter(|suspension| suspension.cause.number != number);
    }
}
