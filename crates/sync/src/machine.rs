//! The machine as a whole: whether the EHR can be reached, whether its token is good, and when to pull and push.
//!
//! ```text
//! Unknown ──capability──▶ Online ◀──capability── Offline(since): probes with backoff
//!                           │  connection refused, or two answers broken off in a row ▲
//!                           └─────────────────────────────────────────────────────────┘
//! token: Good ──401──▶ Stale ─▶ Refreshing ─▶ Good | SignInNeeded (until a person signs in)
//! ```
use chrono::{DateTime, Utc};
use kernel::{Moment, Phi};

use crate::backoff;
use crate::event::{Event, Failure, Instruction, Now, RefreshFailure};
use crate::pull::Pull;
use crate::push::Push;
use crate::record::Member;
use crate::settings::Settings;
use crate::status::{Halt, Link, Status};

/// Answers broken off in a row that mean "offline".
const INTERRUPTIONS: u32 = 2;

/// Synchronisation of one workstation with one EHR, as a value.
///
/// The driver feeds every [`Event`] in and carries every [`Instruction`] out. Instructions for the store are carried out in
/// the order given, across calls; a store failure ends the run ([`Event::StoreFailed`]).
#[derive(Debug)]
pub struct Machine {
    settings: Settings,
    pull: Pull,
    push: Push,
    reach: Reach,
    token: Token,
    /// Counts access tokens, so that a late 401 is not blamed on the present one.
    generation: u32,
    /// The present token came from a refresh and has not been accepted yet.
    untried: bool,
    interruptions: u32,
    halted: Option<Halt>,
    outbox_asked: bool,
    outbox_stale: bool,
    woken_at: Option<Moment>,
    published: Option<Status>,
}

#[derive(Debug)]
enum Reach {
    Unknown,
    Online,
    Offline { since: DateTime<Utc>, failures: u32, probe_at: Moment, probing: bool },
}

#[derive(Debug, PartialEq, Eq)]
enum Token {
    Good,
    Stale { not_before: Moment },
    Refreshing,
    Refused { since: DateTime<Utc> },
}

impl Machine {
    /// A machine that goes on where the last run stopped, by what the store kept: the checkpoint and the panel's rows.
    #[must_use]
    pub fn new(settings: Settings, checkpoint: Option<&Phi<Box<str>>>, members: Vec<Member>) -> Self {
        Self {
            settings,
            pull: Pull::restore(checkpoint, members),
            push: Push::default(),
            reach: Reach::Unknown,
            token: Token::Good,
            generation: 0,
            untried: false,
            interruptions: 0,
            halted: None,
            outbox_asked: false,
            outbox_stale: false,
            woken_at: None,
            published: None,
        }
    }

    /// Takes one event in and says what to do about it.
    pub fn on(&mut self, now: Now, event: Event) -> Vec<Instruction> {
        let mut out = Vec::new();
        if self.halted.is_none() {
            self.take(now, event, &mut out);
        }
        if self.halted.is_none() {
            self.go_on(now, &mut out);
        }
        let status = self.status();
        if self.published.as_ref() != Some(&status) {
            self.published = Some(status.clone());
            out.push(Instruction::Publish(status));
        }
        out
    }

    fn take(&mut self, now: Now, event: Event, out: &mut Vec<Instruction>) {
        match event {
            Event::Started => {
                out.extend([Instruction::ReadHints, Instruction::ReadCapability]);
                self.read_outbox(out);
            }
            Event::Capability(Ok(capability)) => {
                self.pull.learn(capability);
                self.reach = Reach::Online;
                self.interruptions = 0;
                self.push.hurry();
            }
            // Whatever answers there, a captive portal perhaps, is not the EHR.
            Event::Capability(Err(_)) => self.probe_failed(now),
            Event::Hints { pinned, recent } => out.extend(self.pull.hint(&pinned, &recent).map(Instruction::Commit)),
            Event::Page { lane, answer: Ok(page) } => {
                self.answered();
                let commit = self.pull.page(&self.settings, lane, page, now);
                out.extend(commit.map(Instruction::Commit));
            }
            Event::Page { lane, answer: Err(failure) } => {
                self.failed(failure, self.pull.generation(lane), now);
                let commit = self.pull.failed(&self.settings, lane, failure, now);
                out.extend(commit.map(Instruction::Commit));
            }
            Event::Committed(ingested) => self.pull.committed(ingested),
            Event::Counts(counts) => self.pull.counted(counts),
            Event::Outbox(list) => {
                self.outbox_asked = false;
                self.push.load(list);
                if std::mem::take(&mut self.outbox_stale) {
                    self.read_outbox(out);
                }
            }
            Event::MarkedSending(entry) => {
                let reachable = self.may_ask();
                out.extend(self.push.marked(entry, reachable, now));
            }
            Event::PutAnswered { entry, answer } => {
                self.note(&answer, self.push.generation(entry), now);
                out.extend(self.push.put_answered(entry, answer, now));
            }
            Event::Looked { entry, answer } => {
                self.note(&answer, self.push.generation(entry), now);
                out.extend(self.push.looked(entry, answer, now));
            }
            Event::Recalled { entry, answer } => {
                self.note(&answer, self.push.generation(entry), now);
                out.extend(self.push.recalled(entry, answer, now));
            }
            Event::Settled(entry) => self.push.settled(entry, now),
            Event::Refreshed(answer) => self.refreshed(answer, now),
            Event::SignedIn => {
                self.new_token(false);
                self.pull.reconsider();
                self.hurry(now, out);
            }
            Event::TokenRefused => self.failed(Failure::Unauthorised, None, now),
            Event::SyncNow => {
                out.push(Instruction::ReadHints);
                self.hurry(now, out);
            }
            Event::Woke => self.woken_at = None,
            Event::OutboxChanged => self.read_outbox(out),
            Event::PanelChanged => out.push(Instruction::ReadHints),
            Event::StoreFailed(halt) => self.halted = Some(halt),
        }
    }

    /// What follows from the state as it is now.
    fn go_on(&mut self, now: Now, out: &mut Vec<Instruction>) {
        if let Reach::Offline { probe_at, probing, .. } = &mut self.reach
            && !*probing
            && now.at.boot >= *probe_at
        {
            *probing = true;
            out.push(Instruction::ReadCapability);
        }
        if let (Reach::Online, Token::Stale { not_before }) = (&self.reach, &self.token)
            && now.at.boot >= *not_before
        {
            self.token = Token::Refreshing;
            out.push(Instruction::RefreshToken);
        }
        if self.may_ask() {
            self.push.launch(self.settings.pushes, now, self.generation, out);
            self.pull.fill(&self.settings, now, self.generation, out);
        }
        let due = self.next_due(now);
        if due.is_some() && due != self.woken_at {
            self.woken_at = due;
            out.extend(due.map(Instruction::WakeAt));
        }
    }

    fn may_ask(&self) -> bool {
        matches!(self.reach, Reach::Online) && self.token == Token::Good
    }

    fn next_due(&self, now: Now) -> Option<Moment> {
        match (&self.reach, &self.token) {
            (Reach::Offline { probe_at, probing: false, .. }, _) => Some(*probe_at),
            (Reach::Online, Token::Good) => [self.pull.wake_at(now), self.push.wake_at(now)].into_iter().flatten().min(),
            (Reach::Online, Token::Stale { not_before }) => Some(*not_before),
            _ => None,
        }
    }

    fn hurry(&mut self, now: Now, out: &mut Vec<Instruction>) {
        self.pull.hurry(now);
        self.push.hurry();
        if let Reach::Offline { probe_at, .. } = &mut self.reach {
            *probe_at = now.at.boot;
        }
        if let Token::Stale { not_before } = &mut self.token {
            *not_before = now.at.boot;
        }
        self.read_outbox(out);
    }

    fn read_outbox(&mut self, out: &mut Vec<Instruction>) {
        if self.outbox_asked {
            self.outbox_stale = true;
        } else {
            self.outbox_asked = true;
            out.push(Instruction::ReadOutbox);
        }
    }

    fn note<T>(&mut self, answer: &Result<T, Failure>, generation: Option<u32>, now: Now) {
        match answer {
            Ok(_) => self.answered(),
            Err(failure) => self.failed(*failure, generation, now),
        }
    }

    fn answered(&mut self) {
        self.interruptions = 0;
        self.untried = false;
    }

    fn failed(&mut self, failure: Failure, generation: Option<u32>, now: Now) {
        match failure {
            Failure::Unreachable => self.went_offline(now),
            Failure::Interrupted => {
                self.interruptions += 1;
                if self.interruptions >= INTERRUPTIONS {
                    self.went_offline(now);
                }
            }
            // Asked with a former token: the present one may be good.
            Failure::Unauthorised if generation.is_some_and(|generation| generation != self.generation) => {}
            Failure::Unauthorised if self.token != Token::Good => {}
            Failure::Unauthorised if self.untried => self.token = Token::Refused { since: now.at.wall },
            Failure::Unauthorised => self.token = Token::Stale { not_before: now.at.boot },
            _ => self.interruptions = 0,
        }
    }

    fn refreshed(&mut self, answer: Result<(), RefreshFailure>, now: Now) {
        if self.token != Token::Refreshing {
            return;
        }
        match answer {
            Ok(()) => self.new_token(true),
            Err(RefreshFailure::Refused) => self.token = Token::Refused { since: now.at.wall },
            Err(RefreshFailure::Unreachable) => {
                self.token = Token::Stale { not_before: now.at.boot };
                self.went_offline(now);
            }
            Err(RefreshFailure::Busy) => self.token = Token::Stale { not_before: backoff::next_try(now, 3, None) },
        }
    }

    fn new_token(&mut self, untried: bool) {
        self.generation = self.generation.wrapping_add(1);
        self.untried = untried;
        self.token = Token::Good;
    }

    fn went_offline(&mut self, now: Now) {
        self.interruptions = 0;
        if !matches!(self.reach, Reach::Offline { .. }) {
            self.reach = Reach::Offline { since: now.at.wall, failures: 1, probe_at: backoff::next_try(now, 1, None), probing: false };
        }
    }

    fn probe_failed(&mut self, now: Now) {
        self.went_offline(now);
        if let Reach::Offline { failures, probe_at, probing, .. } = &mut self.reach
            && std::mem::take(probing)
        {
            *failures = failures.saturating_add(1);
            *probe_at = backoff::next_try(now, *failures, None);
        }
    }

    fn status(&self) -> Status {
        let link = match (self.halted, &self.reach, &self.token) {
            (Some(reason), ..) => Link::Halted { reason },
            (None, Reach::Offline { since, .. }, _) => Link::Offline { since: *since },
            (None, _, Token::Refused { since }) => Link::SignInNeeded { since: *since },
            (None, Reach::Unknown, _) => Link::Unknown,
            (None, Reach::Online, _) => Link::Online,
        };
        Status {
            link,
            progress: self.pull.progress(),
            outbox: self.push.count(),
            current_as_of: self.pull.current_as_of(),
            missing: self.pull.missing(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use std::collections::BTreeSet;

    use chrono::FixedOffset;
    use kernel::{Instants, PractitionerId, ResourceType};
    use proptest::prelude::*;

    use super::*;
    use crate::capability::{Capability, TypeCapability};
    use crate::event::Found;
    use crate::outbox::EntryId;
    use crate::page::Page;
    use crate::record::Ingested;

    fn capability() -> Capability {
        let searchable = TypeCapability { search: true, ..TypeCapability::default() };
        let types = ["Patient", "Location", "Appointment"].map(|kind| (ResourceType::new(kind).unwrap(), searchable));
        Capability { types: types.into(), everything: true, history_system: true }
    }

    fn any_failure() -> impl Strategy<Value = Failure> {
        prop_oneof![
            Just(Failure::Unreachable),
            Just(Failure::Interrupted),
            Just(Failure::Unauthorised),
            Just(Failure::Forbidden),
            Just(Failure::NotFound),
            Just(Failure::TooLarge),
            Just(Failure::BadAnswer),
            Just(Failure::Refused),
            proptest::option::of(0u32..100).prop_map(|retry_after| Failure::Busy { retry_after }),
        ]
    }

    /// Any event at any time, asked for or not.
    fn any_event() -> impl Strategy<Value = Event> {
        let lane = (0u32..12).prop_map(crate::event::Lane);
        let page = prop_oneof![Just(Page::default()), Just(Page { next: Some(Phi::new("n".into())), ..Page::default() })];
        prop_oneof![
            Just(Event::Capability(Ok(capability()))),
            any_failure().prop_map(|failure| Event::Capability(Err(failure))),
            (lane, prop_oneof![page.prop_map(Ok), any_failure().prop_map(Err)]).prop_map(|(lane, answer)| Event::Page { lane, answer }),
            Just(Event::Committed(Ingested::default())),
            Just(Event::Counts(std::collections::BTreeMap::new())),
            Just(Event::Outbox(Vec::new())),
            (0i64..3).prop_map(|entry| Event::MarkedSending(EntryId(entry))),
            any_failure().prop_map(|failure| Event::PutAnswered { entry: EntryId(1), answer: Err(failure) }),
            Just(Event::Looked { entry: EntryId(1), answer: Ok(Found::Nothing) }),
            Just(Event::Settled(EntryId(1))),
            Just(Event::Refreshed(Ok(()))),
            Just(Event::Refreshed(Err(RefreshFailure::Refused))),
            Just(Event::SignedIn),
            Just(Event::Woke),
            Just(Event::OutboxChanged),
            Just(Event::SyncNow),
            Just(Event::TokenRefused),
        ]
    }

    proptest! {
        #[test]
        fn no_order_of_events_breaks_it(events in proptest::collection::vec((any_event(), 0u64..400_000), 0..200)) {
            let settings = Settings::new(Some(PractitionerId::new("dr").unwrap()), FixedOffset::east_opt(0).unwrap());
            let fetches = usize::from(settings.fetches);
            let mut machine = Machine::new(settings, None, Vec::new());
            let mut running = BTreeSet::new();
            let mut boot = 0;
            for (event, passed) in std::iter::once((Event::Started, 0)).chain(events) {
                boot += passed;
                if let Event::Page { lane, .. } = &event {
                    running.remove(lane);
                }
                let at = Instants { wall: DateTime::UNIX_EPOCH, boot: Moment(boot) };
                for instruction in machine.on(Now { at, dice: 7 }, event) {
                    match instruction {
                        Instruction::Fetch { lane, .. } => prop_assert!(running.insert(lane), "a lane is used once"),
                        Instruction::WakeAt(moment) => prop_assert!(moment.0 > boot, "never in the past"),
                        _ => {}
                    }
                }
                prop_assert!(running.len() <= fetches, "no more fetches than allowed");
            }
        }
    }
}
