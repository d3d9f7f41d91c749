//! Which entries a reviewer wants to see.
use chrono::{DateTime, Utc};
use kernel::{PatientId, UserId};

use crate::entry::{Action, Entry, Outcome};

/// What an entry must be to be taken; what is left open takes any.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this patient.
    pub patient: Option<PatientId>,
    /// By this clinician.
    pub user: Option<UserId>,
    /// One of these; none names any.
    pub actions: Vec<Action>,
    /// Refused or failed.
    pub unsuccessful: bool,
    /// At this time or later.
    pub from: Option<DateTime<Utc>>,
    /// Before this time.
    pub until: Option<DateTime<Utc>>,
}

impl Filter {
    /// Whether the entry is wanted.
    #[must_use]
    pub fn takes(&self, entry: &Entry) -> bool {
        let Self { patient, user, actions, unsuccessful, from, until } = self;
        let at = entry.at.parse::<DateTime<Utc>>().ok();
        // An entry whose time cannot be read is never left out for its time.
        let in_time = at.is_none_or(|at| from.is_none_or(|from| at >= from) && until.is_none_or(|until| at < until));
        patient.as_ref().is_none_or(|patient| entry.subject.patient.as_ref() == Some(patient))
            && user.as_ref().is_none_or(|user| entry.actor.as_ref().is_some_and(|actor| actor.user == *user))
            && (actions.is_empty() || actions.contains(&entry.action))
            && (!unsuccessful || entry.outcome != Outcome::Allowed)
            && in_time
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use kernel::{CorrelationId, Instants, Moment, PractitionerId};

    use super::*;
    use crate::entry::{Actor, Origin, Subject};

    fn entry(user: &str, action: Action, outcome: Outcome, patient: Option<&str>, at: &str) -> Entry {
        let practitioner = PractitionerId::new(user).unwrap();
        let actor = Some(Actor { user: UserId::new(user).unwrap(), practitioner, role: "nurse".into() });
        let at = Instants { wall: at.parse().unwrap(), boot: Moment(1) };
        let correlation = CorrelationId::random();
        let origin =
            Origin { actor, at, boot_id: "b".into(), correlation, workstation: "w".into(), address: None, client: "0", device: None };
        let patient = patient.map(|id| PatientId::new(id).unwrap());
        Entry::new(1, &origin, action, outcome, Subject { patient, ..Subject::default() })
    }

    #[test]
    fn every_condition_leaves_out_and_none_takes_all() {
        let seen = entry("ada", Action::ReadChart, Outcome::Allowed, Some("pat-1"), "2026-03-01T08:00:00Z");
        let at = |text: &str| Some(text.parse().unwrap());
        let takes = |filter: Filter| filter.takes(&seen);
        assert!(takes(Filter::default()));
        assert!(takes(Filter { patient: PatientId::new("pat-1").ok(), user: UserId::new("ada").ok(), ..Filter::default() }));
        assert!(takes(Filter { actions: vec![Action::BreakGlass, Action::ReadChart], ..Filter::default() }));
        assert!(takes(Filter { from: at("2026-03-01T08:00:00Z"), until: at("2026-03-01T08:00:01Z"), ..Filter::default() }));
        for leaves_out in [
            Filter { patient: PatientId::new("pat-2").ok(), ..Filter::default() },
            Filter { user: UserId::new("ben").ok(), ..Filter::default() },
            Filter { actions: vec![Action::BreakGlass], ..Filter::default() },
            Filter { unsuccessful: true, ..Filter::default() },
            Filter { from: at("2026-03-01T08:00:01Z"), ..Filter::default() },
            Filter { until: at("2026-03-01T08:00:00Z"), ..Filter::default() },
        ] {
            assert!(!leaves_out.takes(&seen), "{leaves_out:?}");
        }
        let refused = entry("ada", Action::ReadChart, Outcome::Refused, None, "2026-03-01T08:00:00Z");
        assert!(Filter { unsuccessful: true, ..Filter::default() }.takes(&refused));
    }

    #[test]
    fn an_entry_without_a_readable_time_is_not_left_out_for_it() {
        let mut entry = entry("ada", Action::Lock, Outcome::Allowed, None, "2026-03-01T08:00:00Z");
        entry.at = "yesterday".into();
        assert!(Filter { from: "2027-01-01T00:00:00Z".parse().ok(), ..Filter::default() }.takes(&entry));
    }
}
