//! Emergency access as it is numbered, reported and reviewed. The glass itself is broken in `chart_work/break_glass.rs`.
//!
//! ```text
//! EHR ─ signed number ─> held against the pinned keys ─> stock (or an incident)
//!
//! number from the stock + grant + entry + access in the book   one commit
//!          └─ next sync: Task on the EHR (begun, later ended) ─> queue of the privacy officer ─> judged ─> closed
//! ```
mod book;
mod lapse;
mod numbers;
mod pinned;
mod report;
mod review;
mod task;
#[cfg(test)]
mod tests;

pub(crate) use book::{Access, Told, keep, kept_or_new};
pub(crate) use lapse::{lapses_later, settle_lapsed};
pub(crate) use numbers::{Fault, Holder, OPERATION, answer, request, verify};
pub(crate) use pinned::{Pinned, pin, pin_changed, pinned, take_in};
pub(crate) use report::{Reporter, report, with_end};
pub(crate) use review::{Judgement, Reviewer, closed, judged, row as review_row, uses, verdict};
pub(crate) use task::QUERY;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use kernel::GrantId;

/// What the open desk remembers of emergency access, so that a round without news leaves no entry.
#[derive(Default)]
pub struct Standing {
    /// When the book is to be looked at next; `None` is now.
    next_look: Option<DateTime<Utc>>,
    /// Accesses the EHR has heard of.
    pub reported: BTreeSet<GrantId>,
    /// Reviews that wait, for those who review.
    pub reviews: Option<u32>,
}

impl Standing {
    /// Something was begun or ended.
    pub const fn changed(&mut self) {
        self.next_look = None;
    }

    /// Whether it is time to look.
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        self.next_look.is_none_or(|at| at <= now)
    }

    /// Nothing is to be done before then.
    pub const fn rest_until(&mut self, at: DateTime<Utc>) {
        self.next_look = Some(at);
    }
}
