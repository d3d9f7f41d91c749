//! Settings are brought into their range, and tighten.
use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::probe::State;

#[test]
fn without_a_file_the_floors_hold() {
    let effective = Effective::resolve(&Found::Absent, LastKnown::Nothing, &Choice::default());
    assert_eq!((effective.standing(), effective.findings()), (Standing::Absent, &[][..]));
    assert_eq!(*effective.idle_seconds(), by_default(900));
    assert_eq!(*effective.factors(), by_default(Factors::PassphraseAndDevice));
    assert_eq!(*effective.step_up(), by_default(BTreeSet::from([Act::BreakGlass])));
    assert_eq!(*effective.allow_tls_1_2(), by_default(false));
    assert_eq!(effective.to_keep(), None);
    assert_eq!(resolved("{}").standing(), Standing::InForce);
}

#[test]
fn the_bounds_are_the_other_rooms_own() {
    use super::super::settings::Range;
    assert_eq!(Range::IDLE_SECONDS.default, session::IdlePolicy::LONGEST_SECONDS);
    const { assert!(Range::IDLE_SECONDS.extreme >= session::IdlePolicy::SHORTEST_SECONDS) };
    assert_eq!(Range::SESSION_CAP_HOURS.default, session::IdlePolicy::LONGEST_CAP_HOURS);
    assert_eq!(session::LeasePolicy::new(u32::try_from(Range::OFFLINE_LEASE_HOURS.default).unwrap()), session::LeasePolicy::default());
    assert_eq!(Range::MIN_PASSPHRASE_CHARS.default, keys::Passphrase::MIN_CHARS as u64);
    const { assert!(Range::MIN_PASSPHRASE_CHARS.extreme < keys::Passphrase::MAX_CHARS as u64) };
}

#[test]
fn numbers_are_brought_into_their_range_and_said() {
    use SettingName as Name;
    let value = |effective: &Effective, name| match name {
        Name::IdleSeconds => effective.idle_seconds().value,
        Name::SessionCapHours => effective.session_cap_hours().value,
        Name::OfflineLeaseHours => effective.offline_lease_hours().value,
        _ => effective.min_passphrase_chars().value,
    };
    for (setting, asked, used, loose) in [
        (Name::IdleSeconds, 1800, 900, Some(true)),
        (Name::IdleSeconds, 901, 900, Some(true)),
        (Name::IdleSeconds, 900, 900, None),
        (Name::IdleSeconds, 60, 60, None),
        (Name::IdleSeconds, 59, 60, Some(false)),
        (Name::IdleSeconds, 0, 60, Some(false)),
        (Name::IdleSeconds, u64::MAX, 900, Some(true)),
        (Name::SessionCapHours, 24, 12, Some(true)),
        (Name::SessionCapHours, 12, 12, None),
        (Name::SessionCapHours, 0, 1, Some(false)),
        (Name::OfflineLeaseHours, 72, 24, Some(true)),
        (Name::OfflineLeaseHours, 4, 4, None),
        (Name::OfflineLeaseHours, 0, 1, Some(false)),
        (Name::MinPassphraseChars, 8, 12, Some(true)),
        (Name::MinPassphraseChars, 12, 12, None),
        (Name::MinPassphraseChars, 64, 64, None),
        (Name::MinPassphraseChars, 65, 64, Some(false)),
    ] {
        let effective = resolved(json!({ setting.as_str(): asked }).to_string());
        let said = loose.map(|loose| match loose {
            true => PolicyProblem::BeyondFloor { setting, asked, used },
            false => PolicyProblem::TooStrict { setting, asked, used },
        });
        assert_eq!((value(&effective, setting), problems(&effective)), (used, Vec::from_iter(said)), "{setting:?} {asked}");
        assert_eq!(effective.standing(), Standing::InForce);
    }
    let effective = resolved(r#"{"rotation_days": {"group": 700, "door": 7, "audit": 100, "session": 1}}"#);
    assert_eq!(effective.rotation_days(KeyClass::Group), by_policy(365));
    assert_eq!(effective.rotation_days(KeyClass::Door), by_policy(30));
    assert_eq!(effective.rotation_days(KeyClass::Audit), by_policy(100));
    assert_eq!(effective.rotation_days(KeyClass::Patient), by_default(365));
    let setting = SettingName::RotationDays;
    let said = [
        PolicyProblem::BeyondFloor { setting, asked: 700, used: 365 },
        PolicyProblem::TooStrict { setting, asked: 7, used: 30 },
        PolicyProblem::UnknownSetting { name: "session".into() },
    ];
    assert_eq!(problems(&effective), said);
}

#[test]
fn the_watchs_numbers_are_tightened_and_never_loosened() {
    let effective =
        resolved(r#"{"watch": {"stranger_floor": 8, "rate_floor": 500, "grace_minutes": 1, "suspension_minutes": 60, "patience": 1}}"#);
    assert_eq!(effective.watch(WatchLimit::StrangerFloor), by_policy(8));
    assert_eq!(effective.watch(WatchLimit::RateFloor), by_policy(36));
    assert_eq!(effective.watch(WatchLimit::GraceMinutes), by_policy(60));
    assert_eq!(effective.watch(WatchLimit::SuspensionMinutes), by_policy(480), "closed for longer is stricter");
    assert_eq!(effective.watch(WatchLimit::RateCeiling), by_default(120));
    let setting = SettingName::Watch;
    let said = [
        PolicyProblem::BeyondFloor { setting, asked: 500, used: 36 },
        PolicyProblem::TooStrict { setting, asked: 1, used: 60 },
        PolicyProblem::BeyondFloor { setting, asked: 60, used: 480 },
        PolicyProblem::UnknownSetting { name: "patience".into() },
    ];
    assert_eq!(problems(&effective), said);
}

#[test]
fn acts_are_added_and_never_taken_away() {
    for (asked, acts) in [("[]", vec![Act::BreakGlass]), (r#"["sign"]"#, vec![Act::Sign, Act::BreakGlass])] {
        assert_eq!(*resolved(format!(r#"{{"step_up": {asked}}}"#)).step_up(), by_policy(acts.into_iter().collect()));
    }
}

#[test]
fn an_unknown_setting_is_said_loudly_and_the_rest_holds() {
    let effective = resolved(r#"{"idle_second": 120, "session_cap_hours": 8, "step_up": ["fly"], "Dr. Who\n": 1}"#);
    let unknown = |name: &str| PolicyProblem::UnknownSetting { name: name.into() };
    assert_eq!(problems(&effective), [unknown("idle_second"), unknown("fly"), unknown("")]);
    assert!(effective.findings().iter().all(|finding| finding.state == State::Bad));
    assert_eq!((effective.idle_seconds().value, effective.session_cap_hours().value), (900, 8));
    assert_eq!(effective.standing(), Standing::InForce);
}

#[test]
fn a_choice_tightens_and_overrides_nothing_that_is_locked() {
    let choice = |seconds| Choice {
        idle_seconds: Some(seconds),
        ehr: Some("https://mine.example".into()),
        further_root: Some("/tmp/ca.pem".into()),
        token_module: Some("/tmp/module.so".into()),
        token_label: Some("mine".into()),
    };
    let free = Effective::resolve(&Found::Absent, LastKnown::Nothing, &choice(30));
    assert_eq!(*free.idle_seconds(), Setting { value: 30, origin: Origin::Option, locked: false });
    assert_eq!(*free.ehr(), Setting { value: Some("https://mine.example".into()), origin: Origin::Option, locked: false });
    assert_eq!(free.further_root().origin, Origin::Option);
    let bound = Effective::resolve(&read(FULL), LastKnown::Nothing, &choice(301));
    assert_eq!((bound.idle_seconds(), bound.ehr()), (resolved(FULL).idle_seconds(), resolved(FULL).ehr()));
    assert_eq!(bound.further_root(), resolved(FULL).further_root());
    assert_eq!((free.token_module().origin, free.token_label().origin), (Origin::Option, Origin::Option));
    assert_eq!((bound.token_module(), bound.token_label()), (resolved(FULL).token_module(), resolved(FULL).token_label()));
    let stricter = Effective::resolve(&read(FULL), LastKnown::Nothing, &choice(100));
    assert_eq!(*stricter.idle_seconds(), Setting { value: 100, origin: Origin::Option, locked: true });
}

#[test]
fn enrolment_follows_what_the_hospital_demands() {
    let mild = resolved("{}");
    assert_eq!(mild.enrolment(&posture(Detail::DiskPlain, Detail::SwapPlain)), Ok(()));
    let strict = resolved(r#"{"require_disk_encryption": "refuse_enrolment", "require_secure_swap": "refuse_enrolment"}"#);
    assert_eq!(strict.enrolment(&posture(Detail::DiskEncrypted, Detail::SwapInMemory)), Ok(()));
    assert_eq!(
        strict.enrolment(&posture(Detail::DiskUntold, Detail::SwapNone)),
        Err(vec![Refusal::DiskNotEncrypted]),
        "unknown is not met"
    );
    assert_eq!(
        strict.enrolment(&posture(Detail::DiskPlain, Detail::SwapPlain)),
        Err(vec![Refusal::DiskNotEncrypted, Refusal::SwapNotSecure])
    );
}
