#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::parse::MOST_BYTES;
use super::*;
use crate::probe::{Check, Detail, Finding, Posture, State};

const FULL: &str = include_str!("../../vectors/policy.json");

fn read(text: impl Into<Vec<u8>>) -> Found {
    Found::Read { bytes: text.into(), administrators_alone: true }
}

fn resolved(text: impl Into<Vec<u8>>) -> Effective {
    Effective::resolve(&read(text), LastKnown::Nothing, &Choice::default())
}

fn known(effective: &Effective) -> LastKnown<'_> {
    LastKnown::Policy(effective.to_keep().unwrap())
}

fn problems(effective: &Effective) -> Vec<PolicyProblem> {
    effective.findings().iter().map(|finding| finding.problem.clone()).collect()
}

fn by_policy<T>(value: T) -> Setting<T> {
    Setting { value, origin: Origin::Policy, locked: true }
}

fn by_default<T>(value: T) -> Setting<T> {
    Setting { value, origin: Origin::Default, locked: false }
}

/// The floors, written down a second time.
fn keeps_the_floors(effective: &Effective) -> bool {
    (1..=900).contains(&effective.idle_seconds().value)
        && (1..=12).contains(&effective.session_cap_hours().value)
        && (1..=24).contains(&effective.offline_lease_hours().value)
        && (12..=64).contains(&effective.min_passphrase_chars().value)
        && effective.step_up().value.contains(&Act::BreakGlass)
        && KeyClass::ALL.iter().all(|class| (30..=365).contains(&effective.rotation_days(*class).value))
}

/// Whether `one` lets no one do what `other` does not.
fn is_no_looser(one: &Effective, other: &Effective) -> bool {
    one.idle_seconds().value <= other.idle_seconds().value
        && one.session_cap_hours().value <= other.session_cap_hours().value
        && one.offline_lease_hours().value <= other.offline_lease_hours().value
        && one.factors().value >= other.factors().value
        && one.step_up().value.is_superset(&other.step_up().value)
        && one.min_passphrase_chars().value >= other.min_passphrase_chars().value
        && KeyClass::ALL.iter().all(|class| one.rotation_days(*class).value <= other.rotation_days(*class).value)
        && one.allow_tls_1_2().value <= other.allow_tls_1_2().value
        && one.require_disk_encryption().value >= other.require_disk_encryption().value
        && one.require_secure_swap().value >= other.require_secure_swap().value
}

#[test]
fn a_full_file_is_in_force_as_it_stands() {
    let effective = resolved(FULL);
    assert_eq!(effective.standing(), Standing::InForce);
    assert_eq!(*effective.idle_seconds(), by_policy(300));
    assert_eq!(*effective.session_cap_hours(), by_policy(10));
    assert_eq!(*effective.offline_lease_hours(), by_policy(12));
    assert_eq!(*effective.factors(), by_policy(Factors::WithSecurityKey));
    assert_eq!(*effective.step_up(), by_policy(Act::ALL.iter().copied().collect()));
    assert_eq!(*effective.min_passphrase_chars(), by_policy(16));
    let days = KeyClass::ALL.iter().map(|class| effective.rotation_days(*class));
    let asked = [180, 180, 365, 90, 90].map(by_policy).into_iter();
    assert_eq!(days.collect::<Vec<_>>(), asked.chain([365, 365].map(by_default)).collect::<Vec<_>>());
    assert_eq!(*effective.allow_tls_1_2(), by_policy(true));
    assert_eq!(*effective.ehr(), by_policy(Some("https://ehr.example.org/fhir/r4".to_owned())));
    assert_eq!(*effective.further_root(), by_policy(Some("/etc/satchel/hospital-root.pem".into())));
    assert_eq!(*effective.token_module(), by_policy(Some("/usr/lib/opensc-pkcs11.so".into())));
    assert_eq!(*effective.token_label(), by_policy(Some("ward-3".to_owned())));
    assert_eq!(*effective.require_disk_encryption(), by_policy(Requirement::RefuseEnrolment));
    assert_eq!(*effective.require_secure_swap(), by_policy(Requirement::Warn));
    assert_eq!(problems(&effective), [PolicyProblem::Tls12Allowed], "an exception is always told");
}

#[test]
fn what_is_kept_as_last_known_has_the_files_form() {
    let kept = serde_json::to_value(resolved(FULL).to_keep().unwrap()).unwrap();
    let mut file: Value = serde_json::from_str(FULL).unwrap();
    // A set has its own order.
    file["step_up"] = json!(["sign", "break_glass", "export", "key_operations"]);
    assert_eq!(kept, file);
    assert_eq!(resolved(kept.to_string()), resolved(FULL));
}

#[test]
fn every_setting_has_a_place_in_the_frozen_file() {
    let file: Value = serde_json::from_str(FULL).unwrap();
    let names: BTreeSet<_> = file.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, SettingName::ALL.iter().map(|name| name.as_str()).collect());
}

#[test]
fn the_screen_is_told_value_origin_lock_and_findings() {
    let told = serde_json::to_value(resolved(r#"{"idle_seconds": 1800, "step_up": ["sign"], "idle": 1}"#)).unwrap();
    assert_eq!(told["standing"], "in_force");
    assert_eq!(told["idle_seconds"], json!({"value": 900, "origin": "policy", "locked": true}));
    assert_eq!(told["step_up"]["value"], json!(["sign", "break_glass"]));
    assert_eq!(told["rotation_days"]["door"], json!({"value": 365, "origin": "default", "locked": false}));
    let findings = json!([
        {"state": "warn", "problem": "beyond_floor", "setting": "idle_seconds", "asked": 1800, "used": 900},
        {"state": "bad", "problem": "unknown_setting", "name": "idle"},
    ]);
    assert_eq!(told["findings"], findings);
    let disk = serde_json::to_value(Finding::new(Check::Disk, Detail::DiskPlain)).unwrap();
    assert_eq!(disk, json!({"what": "disk", "state": "bad", "detail": "disk_plain"}));
}

#[test]
fn the_administrators_page_shows_the_frozen_file_and_every_name() {
    let page = include_str!("../../../../docs/policy.md");
    assert!(page.contains(FULL.trim_end()));
    let names = SettingName::ALL.iter().map(|name| name.as_str()).chain(Act::ALL.iter().map(|act| act.as_str()));
    let names = names.chain(Factors::ALL.iter().map(|factors| factors.as_str())).chain(KeyClass::ALL.iter().map(|class| class.as_str()));
    for name in names.chain(Requirement::ALL.iter().map(|requirement| requirement.as_str())) {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}

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
    use super::settings::Range;
    assert_eq!(Range::IDLE_SECONDS.default, session::IdlePolicy::LONGEST_SECONDS);
    const { assert!(Range::IDLE_SECONDS.extreme >= session::IdlePolicy::SHORTEST_SECONDS) };
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
fn a_file_that_cannot_be_believed_is_strict_and_refuses_enrolment() {
    let huge = format!(r#"{{"idle_seconds": 900{}}}"#, " ".repeat(MOST_BYTES));
    let setting = SettingName::IdleSeconds;
    for (found, problem) in [
        (Found::Unreadable, PolicyProblem::Unreadable),
        (read(huge), PolicyProblem::TooLarge),
        (read(""), PolicyProblem::NotJson),
        (read("null"), PolicyProblem::NotJson),
        (read("[]"), PolicyProblem::NotJson),
        (read(&FULL[..FULL.len() - 3]), PolicyProblem::NotJson),
        (read(format!("{FULL}{FULL}")), PolicyProblem::NotJson),
        (read(b"\xff\xfe{\0}\0".to_vec()), PolicyProblem::NotJson),
        (read(r#"{"idle_seconds": "900"}"#), PolicyProblem::WrongValue { setting }),
        (read(r#"{"idle_seconds": -1}"#), PolicyProblem::WrongValue { setting }),
        (read(r#"{"idle_seconds": 900.5}"#), PolicyProblem::WrongValue { setting }),
        (read(r#"{"idle_seconds": null}"#), PolicyProblem::WrongValue { setting }),
        (read(r#"{"idle_seconds": 99999999999999999999999}"#), PolicyProblem::WrongValue { setting }),
        (read(r#"{"idle_seconds": 900, "idle_seconds": 900}"#), PolicyProblem::Twice { setting }),
        (read(r#"{"factors": "passphrase"}"#), PolicyProblem::WrongValue { setting: SettingName::Factors }),
        (read(r#"{"step_up": "sign"}"#), PolicyProblem::WrongValue { setting: SettingName::StepUp }),
        (read(r#"{"rotation_days": {"group": "soon"}}"#), PolicyProblem::WrongValue { setting: SettingName::RotationDays }),
        (read(r#"{"allow_tls_1_2": 1}"#), PolicyProblem::WrongValue { setting: SettingName::AllowTls12 }),
        (read(r#"{"ehr": "http://ehr.example.org/fhir"}"#), PolicyProblem::WrongValue { setting: SettingName::Ehr }),
        (read(r#"{"ehr": "https://a:b@ehr.example.org/"}"#), PolicyProblem::WrongValue { setting: SettingName::Ehr }),
        (read(r#"{"further_root": "root.pem"}"#), PolicyProblem::WrongValue { setting: SettingName::FurtherRoot }),
        (read(r#"{"token_module": "opensc-pkcs11.so"}"#), PolicyProblem::WrongValue { setting: SettingName::TokenModule }),
        (read(r#"{"token_label": ""}"#), PolicyProblem::WrongValue { setting: SettingName::TokenLabel }),
        (read(r#"{"token_label": "ward-3 "}"#), PolicyProblem::WrongValue { setting: SettingName::TokenLabel }),
        (read(r#"{"token_label": "a label of thirty-three characters"}"#), PolicyProblem::WrongValue { setting: SettingName::TokenLabel }),
        (read(r#"{"require_disk_encryption": true}"#), PolicyProblem::WrongValue { setting: SettingName::RequireDiskEncryption }),
    ] {
        let effective = Effective::resolve(&found, LastKnown::Nothing, &Choice::default());
        assert_eq!((effective.standing(), problems(&effective)), (Standing::Unbelievable, vec![problem]), "{found:?}");
        assert_eq!(effective.findings()[0].state, State::Bad);
        assert_eq!(*effective.idle_seconds(), by_policy(300));
        assert_eq!((effective.session_cap_hours().value, effective.offline_lease_hours().value), (8, 8));
        assert_eq!(*effective.allow_tls_1_2(), by_policy(false));
        assert_eq!(effective.enrolment(&posture(Detail::DiskEncrypted, Detail::SwapNone)), Err(vec![Refusal::PolicyUnbelievable]));
        assert_eq!(effective.to_keep(), None, "nothing to remember");
    }
}

#[test]
fn damage_loosens_nothing_that_could_be_read_or_was_known() {
    let readable = resolved(r#"{"idle_seconds": 120, "session_cap_hours": "ten", "allow_tls_1_2": true, "ehr": "https://evil.example"}"#);
    assert_eq!(*readable.idle_seconds(), by_policy(120), "stricter than what holds without belief");
    assert_eq!((readable.allow_tls_1_2().value, &readable.ehr().value), (false, &None));
    let not_honoured = |setting| PolicyProblem::NotHonoured { setting };
    assert_eq!(problems(&readable)[1..], [not_honoured(SettingName::AllowTls12), not_honoured(SettingName::Ehr)]);

    let before = resolved(
        r#"{"idle_seconds": 90, "offline_lease_hours": 2, "rotation_days": {"door": 60}, "ehr": "https://ehr.example.org", "allow_tls_1_2": true}"#,
    );
    let after = Effective::resolve(&Found::Unreadable, known(&before), &Choice::default());
    assert_eq!((after.idle_seconds().value, after.offline_lease_hours().value, after.rotation_days(KeyClass::Door).value), (90, 2, 60));
    assert_eq!(after.ehr(), before.ehr(), "the EHR stays fixed");
    assert!(!after.allow_tls_1_2().value, "an exception needs a file that can be believed");
    assert_eq!(problems(&after), [PolicyProblem::Unreadable, PolicyProblem::LastKnownHolds]);
    assert!(is_no_looser(&after, &before));
}

#[test]
fn a_policy_that_is_gone_still_holds_unless_it_asked_nothing() {
    let before = resolved(r#"{"serial": 3, "idle_seconds": 90, "ehr": "https://ehr.example.org", "allow_tls_1_2": true}"#);
    let after = Effective::resolve(&Found::Absent, known(&before), &Choice::default());
    assert_eq!((after.standing(), after.idle_seconds(), after.ehr()), (Standing::Gone, before.idle_seconds(), before.ehr()));
    assert!(!after.allow_tls_1_2().value);
    assert_eq!((problems(&after), after.to_keep()), (vec![PolicyProblem::LastKnownHolds], None));
    let retired = resolved(r#"{"serial": 4}"#);
    let after = Effective::resolve(&Found::Absent, known(&retired), &Choice::default());
    assert_eq!((after.standing(), after.findings()), (Standing::Absent, &[][..]));
}

#[test]
fn only_a_higher_serial_loosens() {
    let before = resolved(r#"{"serial": 3, "idle_seconds": 90, "step_up": ["sign"], "further_root": "/etc/a.pem"}"#);
    let after = |file: &str| Effective::resolve(&read(file), known(&before), &Choice::default());
    let still = |setting| PolicyProblem::StillHolds { setting };
    use SettingName as Name;

    let same = after(r#"{"serial": 3, "idle_seconds": 600, "session_cap_hours": 8, "allow_tls_1_2": true, "further_root": "/etc/b.pem"}"#);
    assert_eq!((same.idle_seconds().value, same.session_cap_hours().value), (90, 8), "what tightens holds at once");
    assert_eq!((same.step_up(), same.allow_tls_1_2().value, same.further_root()), (before.step_up(), false, before.further_root()));
    assert_eq!(problems(&same), [Name::IdleSeconds, Name::StepUp, Name::AllowTls12, Name::FurtherRoot].map(still));

    for file in [r#"{"serial": 2, "idle_seconds": 600}"#, r#"{"idle_seconds": 600}"#] {
        let older = after(file);
        assert_eq!((older.idle_seconds().value, older.serial().value), (90, Some(3)));
        assert!(matches!(problems(&older)[0], PolicyProblem::Older { known: 3, .. }));
        assert_eq!(older.to_keep(), before.to_keep(), "nothing is forgotten");
    }

    let higher = after(r#"{"serial": 4, "idle_seconds": 600, "allow_tls_1_2": true}"#);
    assert_eq!((higher.idle_seconds().value, higher.allow_tls_1_2().value), (600, true));
    assert_eq!(*higher.step_up(), by_default(BTreeSet::from([Act::BreakGlass])));
    assert_eq!(problems(&higher), [PolicyProblem::Tls12Allowed]);
}

#[test]
fn a_memory_that_cannot_be_read_is_strict_and_is_replaced_by_what_can_be_believed() {
    let strict = Effective::resolve(&read(r#"{"idle_seconds": 600}"#), LastKnown::Damaged, &Choice::default());
    assert_eq!((strict.idle_seconds().value, strict.allow_tls_1_2().value), (300, false));
    assert_eq!(problems(&strict), [PolicyProblem::LastKnownDamaged]);
    assert_eq!(strict.to_keep().unwrap().idle_seconds, Some(600));
    assert_eq!(Policy::kept(b"{"), None);
    assert_eq!(Policy::kept(br#"{"of_a_later_version": 1}"#), Some(Policy::default()));
}

#[test]
fn every_setting_is_a_line_of_the_list() {
    let lines = |effective: &Effective| effective.every().map(|line| (line.name, line.locked, line.value.to_string())).collect::<Vec<_>>();
    let full = lines(&resolved(FULL));
    assert!(full.iter().map(|line| line.0).eq(SettingName::ALL.iter().copied()));
    assert!(full.iter().all(|line| line.1), "every setting of the full file is the hospital's");
    assert!(lines(&resolved("{}")).iter().all(|line| !line.1));
    let value = |name: SettingName| full.iter().find(|line| line.0 == name).unwrap().2.as_str();
    assert_eq!(value(SettingName::IdleSeconds), "300 s");
    assert!(value(SettingName::RotationDays).starts_with("database 180, group 180, patient 365, door 90, audit 90"));
    assert_eq!(value(SettingName::StepUp), "sign, break_glass, export, key_operations");
    assert_eq!((value(SettingName::AllowTls12), value(SettingName::Ehr)), ("yes", "https://ehr.example.org/fhir/r4"));
}

#[test]
fn a_file_that_others_may_write_tightens_only() {
    let found = Found::Read { bytes: FULL.into(), administrators_alone: false };
    let effective = Effective::resolve(&found, LastKnown::Nothing, &Choice::default());
    assert_eq!(effective.standing(), Standing::NotTheAdministrators);
    assert_eq!(*effective.idle_seconds(), by_policy(300));
    assert_eq!(*effective.factors(), by_policy(Factors::WithSecurityKey));
    assert_eq!(*effective.allow_tls_1_2(), by_default(false));
    assert_eq!((effective.ehr(), effective.further_root()), (&by_default(None), &by_default(None)));
    let not_honoured = |setting| PolicyProblem::NotHonoured { setting };
    assert_eq!((effective.token_module(), effective.token_label()), (&by_default(None), &by_default(None)));
    use SettingName as Name;
    let said = [Name::AllowTls12, Name::Ehr, Name::FurtherRoot, Name::TokenModule, Name::TokenLabel].map(not_honoured);
    assert_eq!(problems(&effective)[0], PolicyProblem::NotTheAdministrators);
    assert_eq!(problems(&effective)[1..], said);
    assert!(effective.findings().iter().all(|finding| finding.state == State::Bad));
    assert_eq!(effective.to_keep(), None);
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

fn posture(disk: Detail, swap: Detail) -> Posture {
    let of = |check, detail| Finding::new(check, detail);
    Posture {
        disk: of(Check::Disk, disk),
        swap: of(Check::Swap, swap),
        hibernation: of(Check::Hibernation, Detail::HibernationOff),
        screen_lock: of(Check::ScreenLock, Detail::ScreenLockNoDesktop),
        clock: of(Check::Clock, Detail::ClockUntold),
        core_dumps: of(Check::CoreDumps, Detail::CoreDumpsOff),
        locked_memory: of(Check::LockedMemory, Detail::LockedMemoryEnough),
        attach: of(Check::Attach, Detail::AttachRefused),
    }
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

/// Any JSON at all, and JSON that is nearly a policy.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (0u64..2000).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            "sign",
            "export",
            "passphrase_and_device",
            "with_security_key",
            "warn",
            "refuse_enrolment",
            "https://evil.example",
            "/tmp/x"
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let class = prop::sample::select(KeyClass::ALL).prop_map(|class| class.as_str().to_owned());
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((prop_oneof![class, ".{0,8}"], inner), 0..5)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// A value of the setting's kind, within its range or not.
fn fitting(name: SettingName) -> BoxedStrategy<Value> {
    use SettingName as Name;
    let number = || prop_oneof![0u64..2000, any::<u64>()];
    match name {
        Name::Serial | Name::IdleSeconds | Name::SessionCapHours | Name::OfflineLeaseHours | Name::MinPassphraseChars => {
            number().prop_map(Value::from).boxed()
        }
        Name::Factors => prop::sample::select(Factors::ALL).prop_map(|factors| factors.as_str().into()).boxed(),
        Name::StepUp => {
            prop::sample::subsequence(Act::ALL, 0..=Act::ALL.len()).prop_map(|acts| acts.iter().map(|act| act.as_str()).collect()).boxed()
        }
        Name::RotationDays => {
            let class = prop::sample::select(KeyClass::ALL).prop_map(|class| class.as_str().to_owned());
            prop::collection::btree_map(class, number().prop_map(Value::from), 0..5).prop_map(|days| days.into_iter().collect()).boxed()
        }
        Name::Watch => {
            let limit = prop::sample::select(WatchLimit::ALL).prop_map(|limit| limit.as_str().to_owned());
            prop::collection::btree_map(limit, number().prop_map(Value::from), 0..5).prop_map(|all| all.into_iter().collect()).boxed()
        }
        Name::AllowTls12 => any::<bool>().prop_map(Value::from).boxed(),
        Name::Ehr => Just("https://ehr.example.org/fhir".into()).boxed(),
        Name::FurtherRoot => Just("/etc/satchel/root.pem".into()).boxed(),
        Name::TokenModule => Just("/usr/lib/opensc-pkcs11.so".into()).boxed(),
        Name::TokenLabel => Just("ward-3".into()).boxed(),
        Name::RequireDiskEncryption | Name::RequireSecureSwap => {
            prop::sample::select(Requirement::ALL).prop_map(|requirement| requirement.as_str().into()).boxed()
        }
    }
}

fn object(entries: &[(String, Value)]) -> String {
    let entries: Vec<_> = entries.iter().map(|(name, value)| format!("{}:{value}", Value::from(name.as_str()))).collect();
    format!("{{{}}}", entries.join(","))
}

/// A file that is in force.
fn good_file() -> impl Strategy<Value = String> {
    let names = prop::sample::subsequence(SettingName::ALL, 0..=SettingName::ALL.len());
    let entry = |name: SettingName| fitting(name).prop_map(move |value| (name.as_str().to_owned(), value));
    names.prop_flat_map(move |names| names.into_iter().map(entry).collect::<Vec<_>>()).prop_map(|entries| object(&entries))
}

/// A file that is or is not: settings twice, unknown ones, values of any kind.
fn any_file() -> impl Strategy<Value = String> {
    let known = prop::sample::select(SettingName::ALL);
    let fits = known.clone().prop_flat_map(|name| fitting(name).prop_map(move |value| (name.as_str().to_owned(), value)));
    let misfits = (known, any_json()).prop_map(|(name, value)| (name.as_str().to_owned(), value));
    let unknown = (".{0,12}", any_json());
    let entry = prop_oneof![6 => fits, 1 => misfits, 1 => unknown];
    prop_oneof![good_file(), prop::collection::vec(entry, 0..8).prop_map(|entries| object(&entries))]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_file_loosens_a_floor(file in any_file(), administrators_alone: bool, idle: Option<u64>) {
        let found = Found::Read { bytes: file.into_bytes(), administrators_alone };
        let choice = Choice { idle_seconds: idle.map(|seconds| seconds.max(1)), ..Choice::default() };
        let effective = Effective::resolve(&found, LastKnown::Nothing, &choice);
        prop_assert!(keeps_the_floors(&effective));
        let floors = Effective::resolve(&Found::Absent, LastKnown::Nothing, &Choice::default());
        let exempt = effective.allow_tls_1_2().value;
        prop_assert!(exempt || is_no_looser(&effective, &floors));
        if effective.standing() != Standing::InForce {
            prop_assert!(!exempt && effective.ehr().value.is_none() && effective.further_root().value.is_none());
            prop_assert!(effective.token_module().value.is_none());
        }
        prop_assert_eq!(exempt, problems(&effective).contains(&PolicyProblem::Tls12Allowed));
    }

    #[test]
    fn no_text_at_all_loosens_a_floor(value in any_json(), noise in prop::collection::vec(any::<u8>(), 0..200)) {
        for bytes in [value.to_string().into_bytes(), noise] {
            let effective = resolved(bytes);
            prop_assert!(keeps_the_floors(&effective) && !effective.allow_tls_1_2().value);
        }
    }

    #[test]
    fn a_truncated_file_is_no_looser_than_it_was(file in good_file(), cut: prop::sample::Index) {
        let before = resolved(file.clone());
        prop_assert_eq!(before.standing(), Standing::InForce);
        let after = Effective::resolve(&read(&file.as_bytes()[..cut.index(file.len())]), known(&before), &Choice::default());
        prop_assert_eq!(after.standing(), Standing::Unbelievable);
        prop_assert!(is_no_looser(&after, &before));
    }

    #[test]
    fn a_setting_that_stands_twice_has_the_stricter_value(one in 0u64..2000, other in 0u64..2000) {
        for name in ["idle_seconds", "session_cap_hours", "offline_lease_hours", "min_passphrase_chars"] {
            let twice = resolved(format!(r#"{{"{name}":{one},"{name}":{other}}}"#));
            for each in [one, other] {
                let once = resolved(format!(r#"{{"{name}":{each}}}"#));
                prop_assert!(is_no_looser(&twice, &once));
            }
        }
    }

    #[test]
    fn nothing_but_a_higher_serial_loosens_what_was_in_force(
        file in any_file(),
        administrators_alone: bool,
        remembered in any_file(),
        idle: Option<u64>,
    ) {
        let choice = Choice { idle_seconds: idle, ..Choice::default() };
        let found = Found::Read { bytes: file.into_bytes(), administrators_alone };
        let plain = Effective::resolve(&found, LastKnown::Nothing, &choice);
        let (remembered, _) = super::parse::parse(remembered.as_bytes());
        let effective = Effective::resolve(&found, LastKnown::Policy(&remembered), &choice);
        prop_assert!(is_no_looser(&effective, &plain));
        let before = resolved(serde_json::to_vec(&remembered).unwrap());
        let higher = effective.standing() == Standing::InForce && plain.serial().value > remembered.serial;
        prop_assert!(higher || is_no_looser(&effective, &before));
        prop_assert!(effective.serial().value >= remembered.serial || effective.to_keep().is_none());
        let gone = Effective::resolve(&Found::Absent, LastKnown::Policy(&remembered), &choice);
        prop_assert!(is_no_looser(&gone, &before));
    }
}

#[cfg(unix)]
mod on_disk {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::path::PathBuf;

    use tempfile::TempDir;

    use super::*;

    struct Etc(TempDir);

    impl Etc {
        fn new() -> Self {
            let etc = Self(tempfile::tempdir().unwrap());
            fs::create_dir(etc.0.path().join("satchel")).unwrap();
            fs::write(etc.policy(), "{}").unwrap();
            etc.mode("satchel", 0o755);
            etc.mode("satchel/policy.json", 0o644);
            etc
        }

        fn policy(&self) -> PathBuf {
            self.0.path().join("satchel/policy.json")
        }

        fn mode(&self, path: &str, mode: u32) {
            fs::set_permissions(self.0.path().join(path), Permissions::from_mode(mode)).unwrap();
        }

        fn look(&self) -> Found {
            Found::in_file(&self.policy(), Owner::this_process())
        }
    }

    fn read_as(administrators_alone: bool) -> Found {
        Found::Read { bytes: b"{}".to_vec(), administrators_alone }
    }

    #[test]
    fn who_may_write_a_file_is_seen() {
        let etc = Etc::new();
        for (mode, alone) in [(0o644, true), (0o600, true), (0o664, false), (0o646, false), (0o666, false)] {
            etc.mode("satchel/policy.json", mode);
            assert_eq!(etc.look(), read_as(alone), "{mode:o}");
        }
    }

    #[test]
    fn who_may_replace_it_is_seen_too() {
        let etc = Etc::new();
        for (mode, alone) in [(0o755, true), (0o775, false), (0o757, false), (0o1777, true)] {
            etc.mode("satchel", mode);
            assert_eq!(etc.look(), read_as(alone), "{mode:o}");
        }
        etc.mode("satchel", 0o755);
        etc.mode("", 0o777);
        assert_eq!(etc.look(), read_as(false), "a folder further up");
    }

    #[test]
    fn a_link_is_as_good_as_where_it_leads() {
        let etc = Etc::new();
        let elsewhere = etc.0.path().join("elsewhere");
        fs::create_dir(&elsewhere).unwrap();
        fs::rename(etc.policy(), elsewhere.join("policy.json")).unwrap();
        symlink(elsewhere.join("policy.json"), etc.policy()).unwrap();
        assert_eq!(etc.look(), read_as(true));
        etc.mode("elsewhere", 0o777);
        assert_eq!(etc.look(), read_as(false));
        etc.mode("elsewhere", 0o755);
        etc.mode("satchel", 0o777);
        assert_eq!(etc.look(), read_as(false), "where the link is");
        fs::remove_file(elsewhere.join("policy.json")).unwrap();
        assert_eq!(etc.look(), Found::Unreadable, "a link to nowhere is not no policy");
    }

    #[test]
    fn what_is_no_file_is_unreadable_and_what_is_not_there_absent() {
        let etc = Etc::new();
        fs::remove_file(etc.policy()).unwrap();
        assert_eq!(etc.look(), Found::Absent);
        fs::create_dir(etc.policy()).unwrap();
        assert_eq!(etc.look(), Found::Unreadable);
        fs::remove_dir(etc.policy()).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, etc.policy(), rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
        assert_eq!(etc.look(), Found::Unreadable, "and does not wait for a writer");
        fs::remove_dir_all(etc.0.path().join("satchel")).unwrap();
        assert_eq!(etc.look(), Found::Absent);
        fs::write(etc.0.path().join("satchel"), "").unwrap();
        assert_eq!(etc.look(), Found::Unreadable, "a file in the folder's place");
    }

    #[test]
    fn another_owner_is_seen() {
        let etc = Etc::new();
        if !rustix::process::geteuid().is_root() {
            assert!(matches!(Found::in_file(&etc.policy(), Owner::ROOT), Found::Read { administrators_alone: false, .. }));
            return;
        }
        let nobody = Some(rustix::process::Uid::from_raw(65534));
        rustix::fs::chownat(rustix::fs::CWD, etc.policy(), nobody, None, rustix::fs::AtFlags::empty()).unwrap();
        assert_eq!(etc.look(), read_as(false));
        assert_eq!(read_admin_file(&etc.policy(), 100), Err(AdminFileError::NotTheAdministrators));
    }

    #[test]
    fn a_large_file_is_read_no_further_than_shows_that_it_is() {
        let etc = Etc::new();
        fs::write(etc.policy(), vec![b' '; 10 * MOST_BYTES]).unwrap();
        let Found::Read { bytes, .. } = etc.look() else { panic!("not read") };
        assert_eq!(bytes.len(), MOST_BYTES + 1);
        assert_eq!(resolved(bytes).standing(), Standing::Unbelievable);
        assert_eq!(read_admin_file(&etc.policy(), MOST_BYTES), Err(AdminFileError::TooLarge));
        assert_eq!(read_admin_file(&etc.0.path().join("none"), 1), Err(AdminFileError::Absent));
    }
}
