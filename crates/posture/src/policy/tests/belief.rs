//! Files that cannot be believed, are gone, older, or not the administrators'.
use std::collections::BTreeSet;

use super::super::parse::MOST_BYTES;
use super::*;
use crate::probe::State;

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
