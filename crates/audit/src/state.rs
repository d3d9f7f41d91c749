//! Which sealed states are kept beside the chain, so that what was done can be looked at later.
use chrono::{DateTime, TimeDelta, Utc};

use crate::entry::Action;

/// Between two kept states of one draft that is being written lies at least this long.
const DRAFT_STATE_SECONDS: i64 = 60;

/// A side of what was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// What was there.
    Before,
    /// What came of it.
    After,
}

/// Whether the states of this work are kept: always those of what a clinician put their name to or threw away, of a draft in the
/// making one a minute. What the EHR sent and acknowledged is kept by the EHR.
///
/// `gone` says that nothing came of it: the thing itself was removed. `last` is when a state of the same thing was last kept.
#[must_use]
pub fn keeps_state(action: Action, gone: bool, last: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    match action {
        Action::SignNote | Action::BreakGlass => true,
        // A clock that was set back does not stop the keeping.
        Action::WriteDraft => gone || last.is_none_or(|last| (now - last).abs() >= TimeDelta::seconds(DRAFT_STATE_SECONDS)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn what_is_signed_broken_or_thrown_away_is_kept_and_a_draft_once_a_minute() {
        let now: DateTime<Utc> = "2026-03-01T08:00:00Z".parse().unwrap();
        let ago = |seconds| Some(now - TimeDelta::seconds(seconds));
        for action in [Action::SignNote, Action::BreakGlass] {
            assert!(keeps_state(action, false, ago(0), now));
        }
        assert!(keeps_state(Action::WriteDraft, false, None, now), "its first state");
        assert!(!keeps_state(Action::WriteDraft, false, ago(59), now));
        assert!(keeps_state(Action::WriteDraft, false, ago(60), now));
        assert!(keeps_state(Action::WriteDraft, false, ago(-3600), now), "the clock was set back");
        assert!(keeps_state(Action::WriteDraft, true, ago(1), now), "thrown away");
        for action in Action::ALL.iter().filter(|action| !matches!(action, Action::SignNote | Action::BreakGlass | Action::WriteDraft)) {
            assert!(!keeps_state(*action, true, None, now), "{action:?}");
        }
    }
}
