//! The watch over one user: one access in, incidents and a response out.
use chrono::{DateTime, Utc};
use kernel::{Instants, UserId};
use serde::{Deserialize, Serialize};

use crate::access::{Access, Act, PatientTag};
use crate::docket::{Docket, Finding};
use crate::drift::{Drift, Excess};
use crate::incident::{Assessment, Evidence, Incident, Kind, Response, Severity, Verdict};
use crate::looks::{Cue, Look, Looks, REMEMBERED_SHIFTS};
use crate::pace::{HOUR, MINUTE, Pace};
use crate::policy::WatchPolicy;
use crate::recent::Recent;
use crate::restraint::Restraint;
use crate::usual::Usual;

const VERSION: u32 = 1;
/// Charts in a busy hour of somebody unknown.
const PRIOR_CHARTS: u32 = 16;
/// Strangers' charts in it.
const PRIOR_STRANGERS: u32 = 3;

/// What is remembered of one user's accesses on this workstation. Bounded: 64 KiB as JSON at the very most, 1 to 16 in practice.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watch {
    version: u32,
    user: UserId,
    memory_lost: bool,
    pace: Pace,
    recent: Recent,
    hour: Hour,
    charts: Usual,
    strangers: Usual,
    looks: Looks,
    drift: Drift,
    docket: Docket,
    restraint: Restraint,
    /// Not kept: each opening begins not knowing.
    #[serde(skip)]
    ties: Ties,
}

/// Whether the ties between user and patients are as the EHR has them now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Ties {
    /// They are.
    #[default]
    Current,
    /// They may lie behind: a schedule or care team that explains a look may be on its way. Looks are judged at twice their time, so
    /// that whoever never reaches the EHR is judged all the same.
    Behind,
}

/// The fullest 60 minutes that ended within the present hour.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Hour {
    number: u64,
    charts: u32,
    strangers: u32,
}

/// What [`Watch::restore`] made of the bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Restored {
    /// They were as they had been written.
    Intact,
    /// They were not, or another user's: the watch begins anew, says so with the next access, and asks for a step-up.
    Distrusted,
}

impl Watch {
    /// Nothing is known of this user yet: when no bytes were ever kept, and only then.
    #[must_use]
    pub fn new(user: UserId) -> Self {
        Self {
            version: VERSION,
            user,
            memory_lost: false,
            pace: Pace::default(),
            recent: Recent::default(),
            hour: Hour::default(),
            charts: Usual::prior(PRIOR_CHARTS),
            strangers: Usual::prior(PRIOR_STRANGERS),
            looks: Looks::default(),
            drift: Drift::default(),
            docket: Docket::default(),
            restraint: Restraint::default(),
            ties: Ties::default(),
        }
    }

    /// Says how far the ties can be relied on, from now on.
    pub fn ties_are(&mut self, ties: Ties) {
        self.ties = ties;
    }

    /// Whose looks would be judged now: the caller says by [`Watch::tied`] which of them have a tie by now.
    pub fn due(&mut self, policy: &WatchPolicy, now: &Instants, boot_id: &str) -> Vec<PatientTag> {
        self.pace.advance(now, boot_id);
        self.looks.waiting(self.pace.at(), self.grace(policy))
    }

    /// A tie has arrived: it was no look.
    pub fn tied(&mut self, patient: PatientTag) {
        self.looks.forget(patient);
    }

    /// Reads what [`Watch::to_bytes`] wrote.
    ///
    /// INVARIANT: whatever is not exactly as written, or not of this user, leads to an incident, never to silence.
    #[must_use]
    pub fn restore(bytes: &[u8], user: &UserId) -> (Self, Restored) {
        match serde_json::from_slice::<Self>(bytes) {
            Ok(watch) if watch.user == *user && watch.is_sound() => (watch, Restored::Intact),
            _ => (Self { memory_lost: true, ..Self::new(user.clone()) }, Restored::Distrusted),
        }
    }

    /// JSON, for the user's own sealed corner of the vault. It holds keyed tags and counts, no patient's id.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        // Plain structs: serialising them has no way to fail. If it did, the empty bytes are an incident at the next start.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Takes in one access *before* the chart is shown, and says what to do about it. `boot_id` is as for `session::Lease`.
    pub fn observe(&mut self, policy: &WatchPolicy, access: &Access, now: &Instants, boot_id: &str) -> Assessment {
        let limits = policy.limits();
        self.pace.advance(now, boot_id);
        if self.pace.begins_shift() {
            self.begin_shift(policy);
        }
        let mut findings = self.judge(policy);
        if self.memory_lost {
            self.memory_lost = false;
            findings.push(plain(Kind::MemoryLost, Severity::Warning));
        }
        let at = self.pace.at();
        let cue = Cue::of(access, limits).filter(|_| !access.own_record);
        self.close_hour(policy);
        self.recent.note(access, at);
        if access.own_record {
            findings.push(Finding { patient: Some(access.patient), ..plain(Kind::OwnRecord, limits.own_record) });
        } else if access.related || access.act == Act::Write {
            self.looks.forget(access.patient);
        } else {
            let crowded_out = self.looks.note(access.patient, cue, at, self.pace.shift());
            findings.extend(crowded_out.into_iter().flat_map(|look| self.judged(&look, policy)));
        }
        findings.extend(self.rates(policy));
        findings.extend(self.unfollowed(policy));
        let incidents = self.raise(findings, policy, now.wall);
        let in_person = if access.own_record { Some(Kind::OwnRecord) } else { cue.map(|cue| cue.kind) };
        let response = self.restraint.answer(access, in_person, at, now.wall);
        if response == Response::Nothing && access.act != Act::Refused {
            self.looks.shown(access.patient);
        }
        Assessment { incidents, response }
    }

    /// Judges the looks whose time is over, without an access: after unlock and before a sync, so that nothing waits for the next chart.
    #[must_use]
    pub fn look_back(&mut self, policy: &WatchPolicy, now: &Instants, boot_id: &str) -> Vec<Incident> {
        self.pace.advance(now, boot_id);
        let mut findings = self.judge(policy);
        findings.extend(self.unfollowed(policy));
        self.raise(findings, policy, now.wall)
    }

    /// The user has just proved once more who they are.
    pub fn stepped_up(&mut self, now: &Instants, boot_id: &str) {
        self.pace.advance(now, boot_id);
        self.restraint.stepped_up(self.pace.at());
    }

    /// The privacy officer has settled an incident. False if it is not remembered here.
    pub fn settled(&mut self, number: u32, verdict: Verdict) -> bool {
        let Some(raised) = self.docket.settle(number, verdict, self.pace.shift()) else { return false };
        if verdict == Verdict::Explained {
            self.restraint.lift(number);
        }
        match (raised.kind, verdict) {
            (Kind::ChartRate, Verdict::Explained) => self.charts.allow(raised.charts),
            (Kind::StrangerRate, Verdict::Explained) => self.strangers.allow(raised.charts),
            (Kind::SlowBrowsing, Verdict::Explained) => self.drift.explained(),
            (Kind::SlowBrowsing, Verdict::Confirmed) => self.drift.restart(),
            _ => {}
        }
        true
    }

    /// The privacy officer has reviewed what the user had to do with a patient: every incident about it is settled, and if there was a
    /// reason, what waits to be judged was no look.
    pub fn reviewed(&mut self, patient: PatientTag, verdict: Verdict) {
        if verdict == Verdict::Explained {
            self.looks.forget(patient);
        }
        for number in self.docket.about(patient) {
            self.settled(number, verdict);
        }
    }

    fn is_sound(&self) -> bool {
        self.version == VERSION
            && self.recent.is_sound()
            && self.charts.is_sound()
            && self.strangers.is_sound()
            && self.looks.is_sound()
            && self.docket.is_sound()
    }

    fn raise(&mut self, findings: Vec<Finding>, policy: &WatchPolicy, wall: DateTime<Utc>) -> Vec<Incident> {
        let (at, shift) = (self.pace.at(), self.pace.shift());
        let suspension = u64::from(policy.limits().suspension_minutes) * MINUTE;
        let incidents: Vec<Incident> = findings.into_iter().filter_map(|finding| self.docket.raise(finding, shift, wall)).collect();
        incidents.iter().for_each(|incident| self.restraint.follow(incident, at, suspension));
        incidents
    }

    fn begin_shift(&mut self, policy: &WatchPolicy) {
        self.drift.close_shift(policy.limits());
        self.charts.fade();
        self.strangers.fade();
        self.looks.fade(self.pace.shift());
    }

    /// INVARIANT: an hour over its limit teaches no more than twice the usual, or harvests would become a habit.
    fn close_hour(&mut self, policy: &WatchPolicy) {
        let number = self.pace.at() / HOUR;
        if number == self.hour.number {
            return;
        }
        if self.hour.charts > 0 {
            let limits = policy.limits();
            let most = |usual: &Usual, floor: u32| usual.busy_hour().saturating_mul(2).max(floor / 2);
            self.charts.learn(self.hour.charts.min(most(&self.charts, limits.rate_floor)), 1);
            self.strangers.learn(self.hour.strangers.min(most(&self.strangers, limits.stranger_floor)), 1);
        }
        self.hour = Hour { number, ..Hour::default() };
    }

    fn rates(&mut self, policy: &WatchPolicy) -> Vec<Finding> {
        let limits = policy.limits();
        let (charts, strangers) = (self.recent.charts(), self.recent.strangers());
        self.hour.charts = self.hour.charts.max(charts);
        self.hour.strangers = self.hour.strangers.max(strangers);
        let rate = |kind, charts: u32, usual: &Usual, floor: u32, ceiling: u32| {
            let usual = usual.busy_hour();
            let limit = usual.saturating_mul(limits.rate_factor).max(floor).min(ceiling);
            let severity = if charts >= limit.saturating_mul(2) { Severity::Alarm } else { Severity::Warning };
            let evidence = Evidence::Hour { charts, usual, limit };
            (charts >= limit).then_some(Finding { kind, severity, patient: None, evidence })
        };
        let all = rate(Kind::ChartRate, charts, &self.charts, limits.rate_floor, limits.rate_ceiling);
        let strange = rate(Kind::StrangerRate, strangers, &self.strangers, limits.stranger_floor, limits.stranger_ceiling);
        all.into_iter().chain(strange).collect()
    }

    fn unfollowed(&self, policy: &WatchPolicy) -> impl Iterator<Item = Finding> + use<> {
        let limits = policy.limits();
        let found = [(Kind::ManyStrangers, self.drift.crowd(limits)), (Kind::SlowBrowsing, self.drift.excess(limits))];
        found.into_iter().filter_map(|(kind, excess)| {
            let Excess { looks, usual, limit, shifts, grave } = excess?;
            let severity = if grave { Severity::Alarm } else { Severity::Warning };
            Some(Finding { kind, severity, patient: None, evidence: Evidence::Shifts { looks, usual, limit, shifts } })
        })
    }

    fn grace(&self, policy: &WatchPolicy) -> u64 {
        match self.ties {
            Ties::Current => policy.grace(),
            Ties::Behind => policy.grace().saturating_mul(2),
        }
    }

    fn judge(&mut self, policy: &WatchPolicy) -> Vec<Finding> {
        let due = self.looks.due(self.pace.at(), self.grace(policy));
        due.iter().flat_map(|look| self.judged(look, policy)).collect()
    }

    /// No care was documented in time, and no tie has arrived.
    fn judged(&mut self, look: &Look, policy: &WatchPolicy) -> Vec<Finding> {
        if look.new {
            self.drift.look();
        }
        let mut findings = Vec::new();
        let patient = Some(look.patient);
        let limits = policy.limits();
        let by_chance = |cue: &Cue| {
            let met_at_work = matches!(cue.kind, Kind::Colleague | Kind::Restricted);
            met_at_work && self.drift.rate() > limits.chance_rate && look.shifts() < 2
        };
        if let Some(cue) = look.cue.filter(|cue| look.shown && !by_chance(cue)) {
            let (severity, evidence) = match cue.kind {
                Kind::SameSurname => (Severity::Notice, Evidence::Surname { bearers: cue.surname_bearers, held: cue.patients_held }),
                _ => (Severity::Warning, Evidence::Plain {}),
            };
            findings.push(Finding { kind: cue.kind, severity, patient, evidence });
        }
        let limit = limits.repeated_shifts;
        if look.shifts() >= limit {
            let severity = if look.shifts() >= limit.saturating_mul(2) { Severity::Alarm } else { Severity::Warning };
            let evidence = Evidence::Shifts { looks: look.shifts(), usual: 1, limit, shifts: REMEMBERED_SHIFTS };
            findings.push(Finding { kind: Kind::RepeatedLook, severity, patient, evidence });
        }
        findings
    }
}

const fn plain(kind: Kind, severity: Severity) -> Finding {
    Finding { kind, severity, patient: None, evidence: Evidence::Plain {} }
}
