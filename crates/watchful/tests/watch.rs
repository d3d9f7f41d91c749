//! What holds for any history, and what one pattern leads to.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{Instants, Moment, UserId};
use proptest::prelude::*;
use watchful::{Access, Act, Evidence, Incident, Kind, PatientTag, Response, Restored, Severity, Thresholds, Verdict, Watch, WatchPolicy};

const MINUTE: u64 = 60_000;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

fn user() -> UserId {
    UserId::new("ada").unwrap()
}

fn now(at: u64) -> Instants {
    let start: DateTime<Utc> = "2026-03-02T07:00:00Z".parse().unwrap();
    Instants { wall: start + TimeDelta::milliseconds(at as i64), boot: Moment(DAY + at) }
}

fn stranger(patient: u64) -> Access {
    let mut tag = [0; 16];
    tag[8..].copy_from_slice(&patient.to_be_bytes());
    Access {
        patient: PatientTag::new(tag),
        act: Act::Open,
        related: false,
        emergency: false,
        restricted: false,
        own_record: false,
        colleague: false,
        same_address: false,
        same_surname: false,
        surname_bearers: 40,
        patients_held: 1000,
    }
}

fn tied(patient: u64) -> Access {
    Access { related: true, ..stranger(patient) }
}

/// A watch and the clocks it is asked by.
struct Desk {
    watch: Watch,
    policy: WatchPolicy,
    told: Vec<Incident>,
}

impl Desk {
    fn new() -> Self {
        Self { watch: Watch::new(user()), policy: WatchPolicy::default(), told: Vec::new() }
    }

    fn at(&mut self, at: u64, access: Access) -> Response {
        let assessment = self.watch.observe(&self.policy, &access, &now(at), "boot");
        self.told.extend(assessment.incidents);
        assessment.response
    }

    fn later(&mut self, at: u64) {
        self.told.extend(self.watch.look_back(&self.policy, &now(at), "boot"));
    }

    fn kinds(&self) -> Vec<Kind> {
        self.told.iter().map(|incident| incident.kind).collect()
    }
}

#[test]
fn a_harvest_is_one_incident_that_grows_worse() {
    let mut desk = Desk::new();
    let mut responses = Vec::new();
    for patient in 0..60 {
        let at = patient * MINUTE / 2;
        let response = desk.at(at, stranger(patient));
        if matches!(response, Response::StepUp { .. }) {
            desk.watch.stepped_up(&now(at), "boot");
        }
        responses.push(response);
    }
    assert_eq!(desk.kinds(), [Kind::StrangerRate, Kind::StrangerRate, Kind::ChartRate]);
    let [warning, alarm, _] = desk.told[..] else { panic!() };
    assert_eq!((warning.number, warning.severity), (alarm.number, Severity::Warning));
    assert_eq!((alarm.severity, alarm.patient), (Severity::Alarm, None));
    assert_eq!(warning.evidence, Evidence::Hour { charts: 12, usual: 3, limit: 12 });
    assert_eq!(responses.iter().filter(|response| **response == Response::Nothing).count(), 22, "no more than 22 were shown");
    assert_eq!(responses[11], Response::StepUp { why: Kind::StrangerRate });
    let Response::SuspendElective { until, why } = responses[59] else { panic!() };
    assert_eq!((until, why), (now(23 * MINUTE / 2 + 8 * HOUR).wall, Kind::StrangerRate));
    // What the user is tied to by work asks for a step-up at most; an emergency for nothing; and it ends.
    assert!(matches!(desk.at(HOUR, tied(900)), Response::StepUp { .. }));
    assert_eq!(desk.at(HOUR, Access { emergency: true, ..stranger(901) }), Response::Nothing);
    desk.watch.stepped_up(&now(HOUR), "boot");
    assert_eq!(desk.at(HOUR, tied(900)), Response::Nothing);
    assert!(matches!(desk.at(HOUR, stranger(902)), Response::SuspendElective { .. }));
    assert_eq!(desk.at(9 * HOUR, stranger(902)), Response::Nothing);
}

#[test]
fn the_users_own_hours_are_the_measure() {
    // A pharmacist's: 30 charts every hour.
    let mut desk = Desk::new();
    for shift in 0..20 {
        for chart in 0..8 * 30 {
            let at = shift * DAY + chart * 2 * MINUTE;
            desk.at(at, tied(shift * 1000 + chart));
        }
    }
    assert_eq!(desk.kinds(), []);
    let mut nurse = Desk::new();
    for shift in 0..20 {
        for chart in 0..8 * 3 {
            nurse.at(shift * DAY + chart * 20 * MINUTE, tied(shift * 1000 + chart));
        }
    }
    for desk in [&mut desk, &mut nurse] {
        for chart in 0..60 {
            desk.at(20 * DAY + chart * MINUTE, tied(90_000 + chart));
        }
    }
    assert_eq!(desk.kinds(), [], "60 in an hour are twice the pharmacist's");
    assert_eq!(nurse.told[0].evidence, Evidence::Hour { charts: 36, usual: 3, limit: 36 });
}

#[test]
fn care_that_follows_explains_a_look() {
    let cues: [fn(Access) -> Access; 5] = [
        |access| Access { colleague: true, ..access },
        |access| Access { restricted: true, ..access },
        |access| Access { same_address: true, ..access },
        |access| Access { same_surname: true, surname_bearers: 2, ..access },
        |access| Access { same_address: true, same_surname: true, surname_bearers: 500, ..access },
    ];
    let kinds = [Kind::Colleague, Kind::Restricted, Kind::SameAddress, Kind::SameSurname, Kind::Household];
    for (cue, kind) in cues.into_iter().zip(kinds) {
        let look = cue(Access { emergency: true, ..stranger(1) });
        for (follows, incidents) in [
            (None, vec![kind]),
            (Some(Access { act: Act::Write, ..look }), vec![]),
            (Some(Access { related: true, ..look }), vec![]),
            (Some(Access { act: Act::Open, ..look }), vec![kind]),
        ] {
            let mut desk = Desk::new();
            assert_eq!(desk.at(0, look), Response::Nothing);
            if let Some(access) = follows {
                desk.at(5 * HOUR, access);
            }
            desk.later(23 * HOUR);
            assert_eq!(desk.kinds(), [], "there is time left");
            desk.later(24 * HOUR);
            assert_eq!(desk.kinds(), incidents, "{follows:?}");
            desk.later(60 * HOUR);
            assert_eq!(desk.kinds(), incidents, "once");
        }
        // Without an emergency the passphrase is asked for first; left there, nothing was seen.
        let mut desk = Desk::new();
        let look = cue(stranger(1));
        assert_eq!(desk.at(0, look), Response::StepUp { why: kind });
        desk.later(24 * HOUR);
        assert_eq!(desk.kinds(), []);
        assert_eq!(desk.at(30 * HOUR, look), Response::StepUp { why: kind });
        desk.watch.stepped_up(&now(30 * HOUR), "boot");
        assert_eq!(desk.at(30 * HOUR, look), Response::Nothing);
        assert_eq!(desk.at(31 * HOUR, cue(stranger(2))), Response::StepUp { why: kind }, "a step-up lasts a quarter of an hour");
        desk.later(54 * HOUR);
        assert_eq!(desk.kinds(), [kind]);
    }
}

#[test]
fn a_surname_that_many_bear_says_nothing() {
    for (bearers, held, kinds) in [(5, 1000, vec![Kind::SameSurname]), (6, 1000, vec![]), (1, 0, vec![])] {
        let mut desk = Desk::new();
        let look = Access { emergency: true, same_surname: true, surname_bearers: bearers, patients_held: held, ..stranger(1) };
        desk.at(0, look);
        desk.later(DAY);
        assert_eq!(desk.kinds(), kinds, "{bearers} of {held}");
    }
}

#[test]
fn ones_own_record_is_an_incident_at_once_and_once() {
    for own in [Access { own_record: true, ..stranger(1) }, Access { own_record: true, emergency: true, ..tied(1) }] {
        let mut desk = Desk::new();
        let response = desk.at(0, own);
        assert_eq!(response, if own.emergency { Response::Nothing } else { Response::StepUp { why: Kind::OwnRecord } });
        assert_eq!(desk.told.len(), 1);
        assert_eq!((desk.told[0].kind, desk.told[0].severity), (Kind::OwnRecord, Severity::Warning));
        for day in 1..20 {
            desk.at(day * DAY, own);
        }
        assert_eq!(desk.told.len(), 1);
    }
}

#[test]
fn low_and_slow_adds_up_and_a_repeated_look_is_seen() {
    let mut slow = Desk::new();
    let mut again = Desk::new();
    for shift in 0..25 {
        let at = shift * DAY;
        for chart in 0..6 {
            slow.at(at + chart * MINUTE, tied(chart));
        }
        slow.at(at + HOUR, Access { emergency: true, ..stranger(100 + 2 * shift) });
        slow.at(at + 5 * HOUR, Access { emergency: true, ..stranger(101 + 2 * shift) });
        if shift % 3 == 0 {
            again.at(at, Access { act: Act::Refused, ..stranger(7) });
        }
    }
    slow.later(26 * DAY);
    assert!(slow.kinds().iter().all(|kind| *kind == Kind::SlowBrowsing), "{:?}", slow.kinds());
    let severities: Vec<Severity> = slow.told.iter().map(|incident| incident.severity).collect();
    assert_eq!(severities, [Severity::Warning, Severity::Alarm]);
    assert!(slow.told.iter().all(|incident| incident.number == 1));
    again.later(26 * DAY);
    assert_eq!(again.kinds(), [Kind::RepeatedLook, Kind::RepeatedLook]);
    assert_eq!(again.told[0].evidence, Evidence::Shifts { looks: 3, usual: 1, limit: 3, shifts: 32 });
    assert_eq!(again.told[0].patient, Some(stranger(7).patient));
}

#[test]
fn a_shift_of_strangers_without_care_is_seen_the_day_after() {
    let mut disaster = Desk::new();
    let mut harvest = Desk::new();
    for patient in 0..20 {
        let glass = Access { act: Act::BreakGlass, ..stranger(patient) };
        for desk in [&mut disaster, &mut harvest] {
            assert_eq!(desk.at(patient * 3 * MINUTE, glass), Response::Nothing);
        }
        disaster.at(2 * HOUR + patient * 20 * MINUTE, Access { act: Act::Write, ..stranger(patient) });
    }
    let mut unasked = Desk { watch: harvest.watch.clone(), ..Desk::new() };
    disaster.later(2 * DAY);
    harvest.later(2 * DAY);
    unasked.at(2 * DAY, tied(900));
    assert_eq!(disaster.kinds(), []);
    assert_eq!(harvest.kinds(), [Kind::ManyStrangers]);
    assert_eq!(unasked.kinds(), [Kind::ManyStrangers], "the next chart brings it as well");
    assert_eq!(harvest.told[0].evidence, Evidence::Shifts { looks: 20, usual: 1, limit: 8, shifts: 1 });
}

#[test]
fn strangers_whose_charts_are_written_in_are_no_rush() {
    let mut desk = Desk::new();
    for patient in 0..30 {
        assert_eq!(desk.at(2 * patient * MINUTE, stranger(patient)), Response::Nothing);
        desk.at((2 * patient + 1) * MINUTE, Access { act: Act::Write, ..stranger(patient) });
    }
    desk.later(3 * DAY);
    assert_eq!(desk.kinds(), []);
}

#[test]
fn a_verdict_settles() {
    let glass = |patient| Access { colleague: true, emergency: true, ..stranger(patient) };
    for (verdict, again) in [(Verdict::Explained, 1), (Verdict::Confirmed, 2)] {
        let mut desk = Desk::new();
        desk.at(0, glass(1));
        desk.later(DAY);
        assert!(matches!(desk.at(DAY, tied(2)), Response::StepUp { .. }));
        assert!(desk.watch.settled(1, verdict));
        assert!(!desk.watch.settled(9, verdict));
        let lifted = desk.at(DAY, tied(2)) == Response::Nothing;
        assert_eq!(lifted, verdict == Verdict::Explained);
        desk.at(3 * DAY, glass(1));
        desk.later(5 * DAY);
        assert_eq!(desk.told.len(), again, "{verdict:?}");
    }
    // An explained hour is a usual one from then on.
    let mut desk = Desk::new();
    let review = |desk: &mut Desk, day: u64| {
        for chart in 0..60 {
            desk.at(day * DAY + chart * MINUTE, tied(chart));
        }
    };
    review(&mut desk, 0);
    assert_eq!(desk.kinds(), [Kind::ChartRate]);
    assert!(desk.watch.settled(1, Verdict::Explained));
    review(&mut desk, 1);
    assert_eq!(desk.kinds(), [Kind::ChartRate]);
}

#[test]
fn a_lost_memory_is_told() {
    let mut desk = Desk::new();
    desk.at(0, tied(1));
    let whole = desk.watch.to_bytes();
    assert_eq!(Watch::restore(&whole, &user()), (desk.watch.clone(), Restored::Intact));
    let newer = String::from_utf8(whole.clone()).unwrap().replace("\"version\":1", "\"version\":2").into_bytes();
    let (stranger_to, cut) = (UserId::new("ben").unwrap(), &whole[..whole.len() - 1]);
    for (bytes, user) in [(&whole[..], &stranger_to), (cut, &user()), (&[], &user()), (&newer[..], &user())] {
        let (watch, restored) = Watch::restore(bytes, user);
        assert_eq!(restored, Restored::Distrusted);
        // It is told even if the program ends before the next access.
        let (mut watch, restored) = Watch::restore(&watch.to_bytes(), user);
        assert_eq!(restored, Restored::Intact);
        let assessment = watch.observe(&WatchPolicy::default(), &tied(1), &now(0), "boot");
        assert_eq!(assessment.incidents[0].kind, Kind::MemoryLost);
        assert_eq!(assessment.response, Response::StepUp { why: Kind::MemoryLost });
    }
}

/// Changing these files means a new version, and code that reads the old one.
#[test]
fn persisted_and_told_forms_are_frozen() {
    let mut desk = Desk::new();
    desk.at(0, tied(1));
    for patient in 2..16 {
        desk.at(patient * MINUTE, Access { act: Act::Refused, ..stranger(patient) });
    }
    desk.at(HOUR, Access { same_surname: true, surname_bearers: 2, emergency: true, ..stranger(20) });
    desk.at(HOUR, Access { same_surname: true, surname_bearers: 2, emergency: true, ..stranger(21) });
    desk.at(26 * HOUR, Access { own_record: true, ..stranger(22) });
    desk.watch.stepped_up(&now(26 * HOUR), "boot");
    desk.at(26 * HOUR, Access { restricted: true, ..stranger(23) });
    let frozen = include_str!("../vectors/watch_1.json");
    assert_eq!(String::from_utf8(desk.watch.to_bytes()).unwrap(), frozen.trim_end());
    assert_eq!(Watch::restore(frozen.as_bytes(), &user()), (desk.watch.clone(), Restored::Intact));
    let incidents = include_str!("../vectors/incidents_1.json");
    assert_eq!(serde_json::to_string_pretty(&desk.told).unwrap(), incidents.trim_end());
    assert_eq!(serde_json::from_str::<Vec<Incident>>(incidents).unwrap(), desk.told);
}

#[test]
fn every_kind_is_written_as_its_code() {
    for kind in Kind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
    }
}

#[test]
fn a_hundred_thousand_accesses_stay_in_bounds() {
    let mut desk = Desk::new();
    let mut largest = 0;
    for nth in 0..100_000_u64 {
        let patient = nth.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let at = nth * (if nth % 2_000 < 1_000 { MINUTE / 6 } else { 7 * HOUR });
        let look =
            Access { same_surname: true, surname_bearers: 1, restricted: nth % 3 == 0, emergency: nth % 2 == 0, ..stranger(patient) };
        desk.at(at, look);
        if nth % 500 == 499 {
            let bytes = desk.watch.to_bytes();
            largest = largest.max(bytes.len());
            assert_eq!(Watch::restore(&bytes, &user()).1, Restored::Intact);
            desk.told.clear();
        }
    }
    assert!((20_000..=64 * 1024).contains(&largest), "{largest}");
}

#[derive(Clone, Debug)]
struct Step {
    passed: u64,
    wall_jump: i64,
    reboot: bool,
    access: Access,
    then: u8,
}

fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    let act = prop_oneof![4 => Just(Act::Open), 1 => Just(Act::BreakGlass), 1 => Just(Act::Refused), 1 => Just(Act::Write)];
    let passed = prop_oneof![6 => 0..5 * MINUTE, 2 => 0..3 * HOUR, 1 => 0..60 * DAY, 1 => Just(u64::MAX)];
    let wall_jump = prop_oneof![8 => Just(0), 1 => -400_i64..400, 1 => prop_oneof![Just(-700_000_i64), Just(700_000)]];
    let flags = prop::collection::vec(prop::bool::weighted(0.2), 7);
    let step = (passed, wall_jump, prop::bool::weighted(0.1), act, 0..60_u64, flags, 0..12_u8);
    let step = step.prop_map(|(passed, wall_jump, reboot, act, patient, flags, then)| {
        let access = Access {
            act,
            related: flags[0],
            emergency: flags[1],
            restricted: flags[2],
            own_record: flags[3],
            colleague: flags[4],
            same_address: flags[5],
            same_surname: flags[6],
            ..stranger(patient)
        };
        Step { passed, wall_jump, reboot, access, then }
    });
    prop::collection::vec(step, 1..most)
}

/// Walks the steps with clocks that jump, and shows each answer.
fn walk(policy: &WatchPolicy, steps: &[Step], restarting: bool, mut seen: impl FnMut(&Step, &[Incident], Response)) -> Watch {
    let mut watch = Watch::new(user());
    let (mut boot, mut boots, mut wall) = (0_u64, 0, now(0).wall);
    for step in steps {
        (boot, boots) = if step.reboot { (step.passed % DAY, boots + 1) } else { (boot.wrapping_add(step.passed), boots) };
        let jump = TimeDelta::milliseconds((step.passed % (60 * DAY)) as i64) + TimeDelta::days(step.wall_jump);
        wall = wall.checked_add_signed(jump).unwrap_or(wall);
        let (now, boot_id) = (Instants { wall, boot: Moment(boot) }, format!("boot {boots}"));
        if restarting {
            watch = Watch::restore(&watch.to_bytes(), &user()).0;
        }
        let assessment = watch.observe(policy, &step.access, &now, &boot_id);
        seen(step, &assessment.incidents, assessment.response);
        match step.then {
            0 => watch.stepped_up(&now, &boot_id),
            1 => seen(step, &watch.look_back(policy, &now, &boot_id), Response::Nothing),
            2 => drop(watch.settled(u32::from(step.access.patient.as_bytes()[15]) % 8, Verdict::Explained)),
            3 => drop(watch.settled(u32::from(step.access.patient.as_bytes()[15]) % 8, Verdict::Confirmed)),
            _ => {}
        }
    }
    watch
}

fn strictest() -> WatchPolicy {
    let nothing =
        Thresholds { own_record: Severity::Alarm, surname_per_mille: 1000, suspension_minutes: u32::MAX, ..Thresholds::default() };
    WatchPolicy::tightened(&Thresholds { rate_factor: 0, rate_floor: 0, stranger_floor: 0, unfollowed_floor: 0, ..nothing })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn no_history_holds_up_an_emergency_or_what_was_entered(steps in steps(200)) {
        let mut held_up = 0;
        for policy in [WatchPolicy::default(), strictest()] {
            walk(&policy, &steps, false, |step, _, response| {
                let never = step.access.emergency || matches!(step.access.act, Act::BreakGlass | Act::Write | Act::Refused);
                assert!(!never || response == Response::Nothing, "{step:?} {response:?}");
                assert!(!step.access.related || !matches!(response, Response::SuspendElective { .. }), "{step:?}");
                held_up += u32::from(response != Response::Nothing);
            });
        }
        // The property means something only where something is held up at all.
        prop_assume!(held_up > 0);
    }

    #[test]
    fn a_watch_that_is_kept_and_read_back_is_the_same_watch(steps in steps(100)) {
        let (mut through, mut restarting) = (Vec::new(), Vec::new());
        let policy = WatchPolicy::default();
        let watch = walk(&policy, &steps, false, |_, incidents, response| through.push((incidents.to_vec(), response)));
        let other = walk(&policy, &steps, true, |_, incidents, response| restarting.push((incidents.to_vec(), response)));
        prop_assert_eq!(watch, other);
        prop_assert_eq!(through, restarting);
    }

    /// One pattern is one incident: of each kind and patient there are as many as there are severities, until a verdict.
    #[test]
    fn clocks_that_jump_neither_flood_nor_disarm(mut steps in steps(150)) {
        steps.iter_mut().for_each(|step| step.then = step.then.min(1));
        let mut told: Vec<(Kind, Option<PatientTag>, u32, Severity)> = Vec::new();
        let mut watch = walk(&WatchPolicy::default(), &steps, false, |_, incidents, _| {
            told.extend(incidents.iter().map(|incident| (incident.kind, incident.patient, incident.number, incident.severity)));
        });
        told.iter().enumerate().for_each(|(nth, one)| assert!(!told[..nth].contains(one), "{one:?} twice"));
        // Whatever the clocks did, a harvest in one sitting is seen.
        let found = (0..100).any(|patient| {
            let access = stranger(1_000 + patient);
            let now = Instants { wall: now(0).wall, boot: Moment(patient * 10_000) };
            let told = watch.observe(&WatchPolicy::default(), &access, &now, "another boot").incidents;
            told.iter().any(|incident| incident.kind == Kind::StrangerRate)
        });
        prop_assert!(found || told.iter().any(|(kind, ..)| *kind == Kind::StrangerRate));
    }

    #[test]
    fn work_with_ones_own_patients_is_never_spoken_of(steps in steps(200)) {
        let mut steps = steps;
        for step in &mut steps {
            step.access = Access { related: true, own_record: false, ..step.access };
        }
        let mut told = 0;
        walk(&WatchPolicy::default(), &steps, false, |_, incidents, _| {
            told += incidents.iter().filter(|incident| incident.kind != Kind::ChartRate).count();
        });
        prop_assert_eq!(told, 0);
    }
}
