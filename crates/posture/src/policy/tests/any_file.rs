//! Any file at all: nothing in it loosens a floor.
use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// The floors, written down a second time.
fn keeps_the_floors(effective: &Effective) -> bool {
    (1..=900).contains(&effective.idle_seconds().value)
        && (1..=12).contains(&effective.session_cap_hours().value)
        && (1..=24).contains(&effective.offline_lease_hours().value)
        && (12..=64).contains(&effective.min_passphrase_chars().value)
        && effective.step_up().value.contains(&Act::BreakGlass)
        && KeyClass::ALL.iter().all(|class| (30..=365).contains(&effective.rotation_days(*class).value))
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
        let (remembered, _) = super::super::parse::parse(remembered.as_bytes());
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
