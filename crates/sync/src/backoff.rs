//! Waiting longer after each failure, never in step with other workstations.
use kernel::Moment;

use crate::event::Now;

const FIRST_MS: u64 = 1_000;
const LONGEST_MS: u64 = 300_000;

/// When to try again after `failures` failures in a row (1 or more): doubling from one second to five minutes, of which a
/// random half is left out; never before `retry_after` seconds have passed.
pub(crate) fn next_try(now: Now, failures: u32, retry_after: Option<u32>) -> Moment {
    let full = FIRST_MS.saturating_mul(1 << failures.saturating_sub(1).min(20)).min(LONGEST_MS);
    let wait = full / 2 + u64::from(now.dice) % (full / 2 + 1);
    let asked = u64::from(retry_after.unwrap_or(0)).saturating_mul(1_000);
    Moment(now.at.boot.0.saturating_add(wait.max(asked)))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use kernel::Instants;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn waits_are_bounded_and_honour_the_server(failures in 1u32..100, dice: u32, retry_after in proptest::option::of(0u32..100_000)) {
            let now = Now { at: Instants { wall: DateTime::<Utc>::UNIX_EPOCH, boot: Moment(5) }, dice };
            let wait = next_try(now, failures, retry_after).0 - 5;
            let asked = u64::from(retry_after.unwrap_or(0)) * 1_000;
            prop_assert!(wait >= asked && wait >= FIRST_MS / 2);
            prop_assert!(wait <= asked.max(LONGEST_MS));
        }
    }
}
