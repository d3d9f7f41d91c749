//! The idle lock (45 CFR 164.312(a)(2)(iii), automatic logoff): 15 minutes at most, a warning before, 12 hours in all at most.
//!
//! ```text
//!            Unlocked                       deadline − warning
//!  Locked ─────────────► Open ──────────────────────────────────► Warned
//!    ▲                    │ ▲                                      │  │
//!    │                    │ └───────────── input ──────────────────┘  │
//!    └────────────────────┴───────────────────────────────────────────┘
//!       deadline reached · Suspend · OsLock · TokenRemoved · UserLock · clock fault
//!
//!  deadline = min(last input + limit, unlocked + cap)
//! ```
//!
//! INVARIANT: input that arrives at or after the deadline does not move it. A machine that wakes past its deadline is locked by
//! the first event of any kind, be it the mouse that woke it.
use kernel::Moment;

const HOUR: u64 = 60 * 60 * 1000;

/// How long a workstation may stay open, untouched and in all. Policy may shorten it, never lengthen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct IdlePolicy {
    limit: u64,
    cap: u64,
}

impl IdlePolicy {
    /// The longest limit, in seconds: also the default.
    pub const LONGEST_SECONDS: u64 = 15 * 60;
    /// The shortest limit, in seconds: below it nobody could work.
    pub const SHORTEST_SECONDS: u64 = 10;
    /// The longest cap, in hours: an open workstation then locks whatever is done on it. Also the default.
    pub const LONGEST_CAP_HOURS: u64 = 12;

    /// A limit in seconds, brought between the shortest and the longest.
    #[must_use]
    pub fn new(limit_seconds: u64) -> Self {
        let limit = limit_seconds.clamp(Self::SHORTEST_SECONDS, Self::LONGEST_SECONDS) * 1000;
        Self { limit, cap: Self::LONGEST_CAP_HOURS * HOUR }
    }

    /// The same, capped after so many hours, at least one; shortens, never lengthens.
    #[must_use]
    pub fn with_cap_hours(self, hours: u64) -> Self {
        Self { cap: self.cap.min(hours.clamp(1, Self::LONGEST_CAP_HOURS) * HOUR), ..self }
    }

    /// The limit in seconds.
    #[must_use]
    pub const fn limit_seconds(self) -> u64 {
        self.limit / 1000
    }

    /// Seconds before the lock at which the warning comes: 60, or a quarter of a limit below four minutes.
    const fn warning_seconds(self) -> u64 {
        let quarter = self.limit_seconds() / 4;
        if quarter < 60 { quarter } else { 60 }
    }
}

impl Default for IdlePolicy {
    fn default() -> Self {
        Self::new(Self::LONGEST_SECONDS)
    }
}

/// What the shell reports.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Event {
    /// Once a second or so while open.
    Tick {
        /// Boot clock.
        now: Moment,
        /// Milliseconds since any input on this workstation, if the operating system tells.
        os_idle_ms: Option<u64>,
    },
    /// Input into Satchel, as the window's native layer saw it (never the page's word).
    Activity {
        /// Boot clock.
        now: Moment,
    },
    /// The machine is about to sleep.
    Suspend,
    /// The desktop was locked.
    OsLock,
    /// The token that keeps the workstation's secret is gone.
    TokenRemoved,
    /// The clinician asked for it.
    UserLock,
    /// Someone has unlocked.
    Unlocked {
        /// Boot clock.
        now: Moment,
    },
}

/// What the shell does about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Instruction {
    /// Show, or go on showing, that the lock is near. Comes anew for each second.
    Warn {
        /// Whole seconds left, at least one.
        seconds_left: u64,
        /// Why: input puts off [`LockReason::Idle`] and nothing puts off [`LockReason::SessionCap`].
        reason: LockReason,
    },
    /// Take the warning away.
    ClearWarning,
    /// Lock now. It takes the warning with it.
    Lock(LockReason),
}

/// Why it locked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LockReason {
    /// No input for as long as the policy allows.
    Idle,
    /// Open for 12 hours, or as long as the policy allows.
    SessionCap,
    /// The machine went to sleep.
    Suspend,
    /// The desktop was locked.
    OsLock,
    /// The token that keeps the workstation's secret was removed.
    TokenRemoved,
    /// The clinician asked for it.
    User,
    /// The boot clock ran backwards: nothing it says can be believed.
    ClockFault,
}

impl LockReason {
    /// Stable name, for the audit entry.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Idle => "idle",
            Self::SessionCap => "session_cap",
            Self::Suspend => "suspend",
            Self::OsLock => "os_lock",
            Self::TokenRemoved => "token_removed",
            Self::User => "user",
            Self::ClockFault => "clock_fault",
        }
    }
}

/// The idle lock of one workstation. Begins locked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IdleLock {
    policy: IdlePolicy,
    open: Option<Open>,
}

/// INVARIANT: `unlocked <= input <= latest`, `looked <= latest`.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Open {
    unlocked: Moment,
    /// Last input that counts.
    input: Moment,
    /// When the operating system last told, and what.
    looked: Moment,
    os_idle: Option<u64>,
    /// Last event of any kind.
    latest: Moment,
    /// Seconds that the warning on screen names.
    warned: Option<u64>,
}

/// Events of several threads may arrive this much out of order.
const DISORDER: u64 = 5_000;
/// Looks further apart than this mean that the machine may have slept, and the operating system's idle counter with it.
const SLEPT: u64 = 30_000;

impl IdleLock {
    /// A locked workstation under `policy`.
    #[must_use]
    pub const fn new(policy: IdlePolicy) -> Self {
        Self { policy, open: None }
    }

    /// Whether it is open as far as this machine has said.
    #[cfg(test)]
    const fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Takes in what happened; gives out what to do, in this order.
    pub fn on(&mut self, event: Event) -> Vec<Instruction> {
        if let Event::Unlocked { now } = event {
            let warned = self.open.take().is_some_and(|open| open.warned.is_some());
            self.open = Some(Open { unlocked: now, input: now, looked: now, os_idle: None, latest: now, warned: None });
            return if warned { vec![Instruction::ClearWarning] } else { Vec::new() };
        }
        let policy = self.policy;
        let Some(open) = &mut self.open else { return Vec::new() };
        let outcome = match event {
            Event::Tick { now, os_idle_ms } => open.tick(policy, now, os_idle_ms),
            Event::Activity { now } => open.activity(policy, now),
            Event::Suspend => Err(LockReason::Suspend),
            Event::OsLock => Err(LockReason::OsLock),
            Event::TokenRemoved => Err(LockReason::TokenRemoved),
            Event::UserLock => Err(LockReason::User),
            Event::Unlocked { .. } => Ok(None),
        };
        match outcome {
            Ok(instruction) => Vec::from_iter(instruction),
            Err(reason) => {
                self.open = None;
                vec![Instruction::Lock(reason)]
            }
        }
    }
}

impl Open {
    fn tick(&mut self, policy: IdlePolicy, now: Moment, os_idle: Option<u64>) -> Result<Option<Instruction>, LockReason> {
        let now = self.reached(now)?;
        if let Some((earliest, latest)) = self.os_input(now, os_idle)
            && latest < self.deadline(policy).0
        {
            self.input = self.input.max(earliest);
        }
        if os_idle.is_some() {
            (self.looked, self.os_idle) = (now, os_idle);
        }
        self.judge(policy, now)
    }

    fn activity(&mut self, policy: IdlePolicy, now: Moment) -> Result<Option<Instruction>, LockReason> {
        let now = self.reached(now)?;
        if now < self.deadline(policy).0 {
            self.input = now;
        }
        self.judge(policy, now)
    }

    /// The earliest and the latest that the operating system can have seen input that has not been counted yet.
    fn os_input(&self, now: Moment, os_idle: Option<u64>) -> Option<(Moment, Moment)> {
        let os_idle = os_idle?;
        let told = Moment(now.0.saturating_sub(os_idle));
        let unseen = now.since(self.looked);
        if unseen <= SLEPT {
            // Older than the last look is no news: it counted then.
            return (os_idle <= unseen).then_some((told, told));
        }
        // The counter may have slept too, so that what it tells is too recent. That it is lower than it was proves input since
        // the last look.
        (os_idle < self.os_idle?).then_some((self.looked, told))
    }

    fn reached(&mut self, now: Moment) -> Result<Moment, LockReason> {
        if self.latest.since(now) > DISORDER {
            return Err(LockReason::ClockFault);
        }
        self.latest = self.latest.max(now);
        Ok(self.latest)
    }

    fn deadline(&self, policy: IdlePolicy) -> (Moment, LockReason) {
        let idle = Moment(self.input.0.saturating_add(policy.limit));
        let cap = Moment(self.unlocked.0.saturating_add(policy.cap));
        if cap < idle { (cap, LockReason::SessionCap) } else { (idle, LockReason::Idle) }
    }

    fn judge(&mut self, policy: IdlePolicy, now: Moment) -> Result<Option<Instruction>, LockReason> {
        let (deadline, reason) = self.deadline(policy);
        let left = deadline.since(now);
        if left == 0 {
            return Err(reason);
        }
        if left > policy.warning_seconds() * 1000 {
            return Ok(self.warned.take().map(|_| Instruction::ClearWarning));
        }
        let seconds_left = left.div_ceil(1000);
        let news = self.warned.replace(seconds_left) != Some(seconds_left);
        Ok(news.then_some(Instruction::Warn { seconds_left, reason }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: u64 = 60_000;

    fn opened(limit_seconds: u64) -> IdleLock {
        let mut lock = IdleLock::new(IdlePolicy::new(limit_seconds));
        assert_eq!(lock.on(Event::Unlocked { now: Moment(0) }), vec![]);
        lock
    }

    fn tick(now: u64) -> Event {
        Event::Tick { now: Moment(now), os_idle_ms: None }
    }

    fn os_tick(now: u64, os_idle_ms: u64) -> Event {
        Event::Tick { now: Moment(now), os_idle_ms: Some(os_idle_ms) }
    }

    fn activity(now: u64) -> Event {
        Event::Activity { now: Moment(now) }
    }

    #[test]
    fn policy_shortens_only() {
        assert_eq!(IdlePolicy::default().limit_seconds(), 900);
        for (asked, limit, warning) in [(u64::MAX, 900, 60), (901, 900, 60), (300, 300, 60), (120, 120, 30), (40, 40, 10), (0, 10, 2)] {
            let policy = IdlePolicy::new(asked);
            assert_eq!((policy.limit_seconds(), policy.warning_seconds()), (limit, warning), "{asked}");
        }
    }

    #[test]
    fn warns_by_the_second_then_locks() {
        let mut lock = opened(900);
        let warn = |seconds_left| vec![Instruction::Warn { seconds_left, reason: LockReason::Idle }];
        assert_eq!(lock.on(tick(14 * MINUTE - 1)), vec![]);
        assert_eq!(lock.on(tick(14 * MINUTE)), warn(60));
        assert_eq!(lock.on(tick(14 * MINUTE + 999)), vec![], "the same second is no news");
        assert_eq!(lock.on(tick(14 * MINUTE + 1000)), warn(59));
        assert_eq!(lock.on(tick(15 * MINUTE - 1)), warn(1));
        assert_eq!(lock.on(tick(15 * MINUTE)), vec![Instruction::Lock(LockReason::Idle)]);
        assert_eq!(lock.on(tick(16 * MINUTE)), vec![], "locked is locked");
        assert!(!lock.is_open());
    }

    #[test]
    fn input_takes_the_warning_away() {
        let mut lock = opened(900);
        lock.on(tick(14 * MINUTE + 30_000));
        assert_eq!(lock.on(activity(14 * MINUTE + 31_000)), vec![Instruction::ClearWarning]);
        lock.on(os_tick(28 * MINUTE + 40_000, 14 * MINUTE));
        assert_eq!(lock.on(os_tick(28 * MINUTE + 41_000, 200)), vec![Instruction::ClearWarning]);
    }

    #[test]
    fn the_mouse_that_wakes_a_sleeper_does_not_save_it() {
        for wake in [activity(4 * 60 * MINUTE), os_tick(4 * 60 * MINUTE, 3), tick(15 * MINUTE + 1000)] {
            let mut lock = opened(900);
            lock.on(os_tick(1000, 900));
            assert_eq!(lock.on(wake), vec![Instruction::Lock(LockReason::Idle)]);
        }
    }

    #[test]
    fn input_elsewhere_seen_after_the_deadline_does_not_move_it() {
        let mut lock = opened(900);
        lock.on(os_tick(15 * MINUTE - 500, 15 * MINUTE - 500));
        let mut late = lock.clone();
        assert_eq!(late.on(os_tick(15 * MINUTE + 500, 400)), vec![Instruction::Lock(LockReason::Idle)]);
        assert_eq!(lock.on(os_tick(15 * MINUTE + 500, 600)), vec![Instruction::ClearWarning], "it came in time");
    }

    #[test]
    fn a_counter_that_slept_is_not_believed() {
        let mut lock = opened(900);
        lock.on(os_tick(5 * MINUTE, 5 * MINUTE));
        // Nine minutes asleep, no input: the counter stood still.
        lock.on(os_tick(14 * MINUTE, 5 * MINUTE));
        assert_eq!(lock.on(os_tick(15 * MINUTE, 6 * MINUTE)), vec![Instruction::Lock(LockReason::Idle)]);
    }

    #[test]
    fn suspend_the_desktop_and_the_clinician_lock_at_once() {
        for (event, reason) in [
            (Event::Suspend, LockReason::Suspend),
            (Event::OsLock, LockReason::OsLock),
            (Event::TokenRemoved, LockReason::TokenRemoved),
            (Event::UserLock, LockReason::User),
        ] {
            let mut lock = opened(900);
            assert_eq!(lock.on(event), vec![Instruction::Lock(reason)]);
            assert_eq!(lock.on(event), vec![]);
        }
    }

    #[test]
    fn twelve_hours_are_enough_for_anyone() {
        let mut lock = opened(900);
        for second in 1..12 * 60 * 60 {
            let instructions = lock.on(activity(second * 1000));
            let left = 12 * 60 * 60 - second;
            let warn = Instruction::Warn { seconds_left: left, reason: LockReason::SessionCap };
            assert_eq!(instructions, if left <= 60 { vec![warn] } else { vec![] }, "{second}");
        }
        assert_eq!(lock.on(activity(12 * 60 * MINUTE)), vec![Instruction::Lock(LockReason::SessionCap)]);
    }

    #[test]
    fn a_cap_shortens_only() {
        let default = IdlePolicy::default();
        assert_eq!(default.with_cap_hours(13), default);
        assert_eq!(default.with_cap_hours(0), default.with_cap_hours(1));
        assert_eq!(default.with_cap_hours(8).with_cap_hours(10), default.with_cap_hours(8));
        let mut lock = IdleLock::new(default.with_cap_hours(8));
        lock.on(Event::Unlocked { now: Moment(0) });
        for minute in 1..8 * 60 {
            assert!(!lock.on(activity(minute * MINUTE)).contains(&Instruction::Lock(LockReason::SessionCap)), "{minute}");
        }
        assert_eq!(lock.on(activity(8 * 60 * MINUTE)), vec![Instruction::Lock(LockReason::SessionCap)]);
    }

    #[test]
    fn threads_may_be_late_but_clocks_do_not_run_backwards() {
        let mut lock = opened(900);
        lock.on(tick(10 * MINUTE));
        assert_eq!(lock.on(activity(10 * MINUTE - 20)), vec![]);
        assert_eq!(lock.on(tick(9 * MINUTE)), vec![Instruction::Lock(LockReason::ClockFault)]);
    }

    #[test]
    fn switching_users_begins_anew() {
        let mut lock = opened(900);
        lock.on(tick(14 * MINUTE + 30_000));
        assert_eq!(lock.on(Event::Unlocked { now: Moment(14 * MINUTE + 40_000) }), vec![Instruction::ClearWarning]);
        assert_eq!(lock.on(tick(28 * MINUTE)), vec![]);
    }

    /// One step of a schedule: how long nothing happens, then what does.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        /// Input into Satchel's window.
        Input,
        /// Input into another window: only the operating system's counter knows.
        Elsewhere,
        /// A tick; whether the counter can be read.
        Tick(bool),
        /// Asleep for so long: the boot clock runs, the counter stands still.
        Sleep(u64),
    }

    /// A step out of random numbers (nested strategies would take most of the tests' time).
    fn step((wait, what, sleep): (u16, u8, u32)) -> (u64, Step) {
        let what = match what % 16 {
            0..4 => Step::Input,
            4..8 => Step::Elsewhere,
            8..14 => Step::Tick(what >= 128),
            _ => Step::Sleep(SLEPT + 1 + u64::from(sleep) % (40 * MINUTE)),
        };
        // Mostly the second between two ticks, sometimes long enough that nothing but the limit is left.
        let longest = [1_500, 1_500, 1_500, 9_000, SLEPT][usize::from(wait) % 5];
        (1 + u64::from(wait) % longest, what)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(10_000))]

        #[test]
        fn never_open_at_the_limit_without_input(limit in 10..900_u64, steps in prop::collection::vec(any::<(u16, u8, u32)>(), 1..100)) {
            let mut lock = opened(limit);
            let (mut now, mut slept, mut input, mut input_awake) = (0, 0, 0, 0);
            for (wait, what) in steps.into_iter().map(step) {
                now += wait;
                let event = match what {
                    Step::Input => activity(now),
                    Step::Elsewhere => {
                        if now - input < limit * 1000 { input = now }
                        input_awake = now - slept;
                        continue
                    }
                    Step::Tick(true) => os_tick(now, now - slept - input_awake),
                    Step::Tick(false) => tick(now),
                    Step::Sleep(long) => { now += long; slept += long; continue }
                };
                let instructions = lock.on(event);
                // Input at or past the deadline does not count.
                if matches!(what, Step::Input) && lock.is_open() {
                    (input, input_awake) = (now, now - slept);
                }
                prop_assert!(!lock.is_open() || now - input < limit * 1000, "open {} ms after the last input", now - input);
                prop_assert_eq!(!lock.is_open(), matches!(instructions[..], [Instruction::Lock(_)]));
                if !lock.is_open() { break }
            }
        }

        #[test]
        fn never_locks_early_while_in_use(limit in 10..900_u64, steps in prop::collection::vec(any::<(u16, u8, u32)>(), 1..100)) {
            let mut lock = opened(limit);
            let (mut now, mut input) = (0, 0);
            for (wait, what) in steps.into_iter().map(step) {
                // The shell looks every second, whatever else happens.
                for second in 1..=wait / 1000 {
                    let now = now + second * 1000;
                    lock.on(os_tick(now, now - input));
                }
                now += wait;
                let in_time = now - input < limit * 1000;
                if in_time && matches!(what, Step::Input | Step::Elsewhere) {
                    input = now;
                }
                lock.on(if matches!(what, Step::Input) { activity(now) } else { os_tick(now, now - input) });
                prop_assert_eq!(lock.is_open(), in_time, "{} ms after the last input", now - input);
                if !in_time { break }
            }
        }
    }
}
