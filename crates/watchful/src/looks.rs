//! Looks into strangers' charts, until care is documented, a tie arrives, or the time for both is over.
use serde::{Deserialize, Serialize};

use crate::access::{Access, PatientTag};
use crate::incident::Kind;
use crate::policy::Thresholds;

/// More are not remembered: the oldest is judged before its time, or forgotten if it has been.
pub const MOST_LOOKS: usize = 128;
/// For how many of the user's shifts a look is remembered: the bits of [`Look::shifts`].
pub const REMEMBERED_SHIFTS: u32 = u32::BITS;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    pub patient: PatientTag,
    pub cue: Option<Cue>,
    /// The chart was shown, not only asked for.
    pub shown: bool,
    /// Not judged before.
    pub new: bool,
    /// When the first look came that has not been judged.
    pending: Option<u64>,
    /// The shifts with a look, the lowest bit being `latest`.
    shifts: u32,
    latest: u32,
}

/// What ties a stranger to the user after all.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cue {
    pub kind: Kind,
    pub surname_bearers: u32,
    pub patients_held: u32,
}

impl Cue {
    /// The strongest there is.
    pub fn of(access: &Access, limits: &Thresholds) -> Option<Self> {
        let few = u64::from(access.surname_bearers) * 1000 <= u64::from(access.patients_held) * u64::from(limits.surname_per_mille);
        let kind = if access.related {
            return None;
        } else if access.same_address && access.same_surname {
            Kind::Household
        } else if access.colleague {
            Kind::Colleague
        } else if access.restricted {
            Kind::Restricted
        } else if access.same_address {
            Kind::SameAddress
        } else if access.same_surname && few {
            Kind::SameSurname
        } else {
            return None;
        };
        Some(Self { kind, surname_bearers: access.surname_bearers, patients_held: access.patients_held })
    }
}

impl Look {
    /// In how many of the remembered shifts there was a look.
    pub const fn shifts(&self) -> u32 {
        self.shifts.count_ones()
    }

    fn is_due(&self, at: u64, grace: u64) -> bool {
        self.pending.is_some_and(|since| at.saturating_sub(since) >= grace)
    }
}

#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Looks(Vec<Look>);

impl Looks {
    pub fn is_sound(&self) -> bool {
        self.0.len() <= MOST_LOOKS
    }

    /// A stranger's chart is asked for. Returns the look that had to be judged before its time to make room.
    pub fn note(&mut self, patient: PatientTag, cue: Option<Cue>, at: u64, shift: u32) -> Option<Look> {
        if let Some(look) = self.0.iter_mut().find(|look| look.patient == patient) {
            look.shifts = look.shifts.checked_shl(shift.saturating_sub(look.latest)).unwrap_or(0) | 1;
            look.latest = shift;
            look.cue = cue.or(look.cue);
            look.pending.get_or_insert(at);
            return None;
        }
        let crowded = if self.0.len() < MOST_LOOKS { None } else { self.oldest() };
        self.0.push(Look { patient, cue, shown: false, new: true, pending: Some(at), shifts: 1, latest: shift });
        crowded.filter(|look| look.pending.is_some())
    }

    /// The chart is shown.
    pub fn shown(&mut self, patient: PatientTag) {
        if let Some(look) = self.0.iter_mut().find(|look| look.patient == patient) {
            look.shown = true;
        }
    }

    /// Care was documented, or a tie has arrived: it was no look.
    pub fn forget(&mut self, patient: PatientTag) {
        self.0.retain(|look| look.patient != patient);
    }

    /// Whose looks' time is over.
    pub fn waiting(&self, at: u64, grace: u64) -> Vec<PatientTag> {
        self.0.iter().filter(|look| look.is_due(at, grace)).map(|look| look.patient).collect()
    }

    /// Looks whose time is over, each once.
    pub fn due(&mut self, at: u64, grace: u64) -> Vec<Look> {
        let due = self.0.iter_mut().filter(|look| look.is_due(at, grace));
        due.map(|look| {
            look.pending = None;
            let judged = look.clone();
            look.new = false;
            judged
        })
        .collect()
    }

    /// Forgets what lies too far back.
    pub fn fade(&mut self, shift: u32) {
        self.0.retain(|look| look.pending.is_some() || shift.saturating_sub(look.latest) < REMEMBERED_SHIFTS);
    }

    fn oldest(&mut self) -> Option<Look> {
        let oldest = self.0.iter().enumerate().min_by_key(|(_, look)| (look.pending.is_some(), look.pending, look.latest));
        oldest.map(|(place, _)| place).map(|place| self.0.remove(place))
    }
}
