//! What is set on this workstation, and by whom. To be looked at; the hospital's policy file and the command line set it.
use posture::{Origin, Shown, Standing, Value};

use crate::host::Host;
use crate::view::{PolicyStanding, SetBy, SettingRow, SettingValue, SettingsView};

/// Every setting as it holds now. While locked, what only the vault knows of the policy is not in it.
#[must_use]
pub fn settings(host: &Host) -> SettingsView {
    let policy = host.policy();
    SettingsView {
        standing: match policy.standing() {
            Standing::Absent => PolicyStanding::Absent,
            Standing::Gone => PolicyStanding::Gone,
            Standing::InForce => PolicyStanding::InForce,
            Standing::NotTheAdministrators => PolicyStanding::NotTheAdministrators,
            Standing::Unbelievable => PolicyStanding::Unbelievable,
        },
        findings: policy.findings().iter().map(|finding| crate::policy::words(&finding.problem)).collect(),
        min_passphrase_chars: narrow(policy.min_passphrase_chars().value),
        settings: policy.every().map(row).collect(),
    }
}

fn row(Shown { name, value, origin, locked }: Shown) -> SettingRow {
    SettingRow {
        name: name.as_str().to_owned(),
        words: value.to_string(),
        value: match value {
            Value::Nothing => SettingValue::Nothing,
            Value::Number(n) => SettingValue::Number { n: narrow(n) },
            Value::Seconds(n) => SettingValue::Seconds { n: narrow(n) },
            Value::Hours(n) => SettingValue::Hours { n: narrow(n) },
            Value::Characters(n) => SettingValue::Characters { n: narrow(n) },
            Value::Days(classes) => {
                SettingValue::Days { classes: classes.into_iter().map(|(class, days)| (class.to_owned(), narrow(days))).collect() }
            }
            Value::Numbers(named) => {
                SettingValue::Numbers { named: named.into_iter().map(|(name, number)| (name.to_owned(), narrow(number))).collect() }
            }
            Value::Switch(on) => SettingValue::Switch { on },
            Value::Names(names) => SettingValue::Names { names: names.into_iter().map(str::to_owned).collect() },
            Value::Text(text) => SettingValue::Text { text },
        },
        by: match origin {
            Origin::Default => SetBy::Default,
            Origin::Policy => SetBy::Hospital,
            Origin::Option => SetBy::Option,
        },
        locked,
    }
}

fn narrow(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use posture::{Act, Factors, Found, KeyClass, Requirement, SettingName, WatchLimit};

    use super::*;
    use crate::test_host::TestHost;

    fn under(policy: &str) -> SettingsView {
        let found = Found::Read { bytes: policy.as_bytes().to_vec(), administrators_alone: true };
        settings(&TestHost::new().restart_with(found, Some(120)).host)
    }

    #[test]
    fn every_setting_is_there_with_its_value_and_who_set_it() {
        let view = under(r#"{"session_cap_hours": 8, "min_passphrase_chars": 20, "allow_tls_1_2": true, "idle_second": 1}"#);
        let names: Vec<_> = view.settings.iter().map(|row| row.name.as_str()).collect();
        assert!(names.iter().copied().eq(SettingName::ALL.iter().map(|name| name.as_str())));
        let row = |name: &str| view.settings.iter().find(|row| row.name == name).unwrap();
        let told = |name| (row(name).value.clone(), row(name).by, row(name).locked);
        assert_eq!(told("session_cap_hours"), (SettingValue::Hours { n: 8 }, SetBy::Hospital, true));
        assert_eq!(told("idle_seconds"), (SettingValue::Seconds { n: 120 }, SetBy::Option, false));
        assert_eq!(told("offline_lease_hours"), (SettingValue::Hours { n: 24 }, SetBy::Default, false));
        assert_eq!(told("allow_tls_1_2"), (SettingValue::Switch { on: true }, SetBy::Hospital, true));
        assert_eq!((view.min_passphrase_chars, view.standing), (20, PolicyStanding::InForce));
        assert_eq!(view.findings.len(), 2, "{:?}", view.findings);
    }

    #[test]
    fn a_policy_that_cannot_be_believed_is_shown_as_such() {
        let view = under("{");
        assert_eq!(view.standing, PolicyStanding::Unbelievable);
        assert!(view.settings.iter().filter(|row| row.locked).count() > 5 && !view.findings.is_empty());
        assert_eq!(settings(&TestHost::new().host).standing, PolicyStanding::Absent);
    }

    #[test]
    fn the_window_has_words_for_every_setting_and_every_name_in_one() {
        let words = include_str!("../../../ui/src/words/en/settings.ts");
        let names = SettingName::ALL.iter().map(|name| name.as_str());
        let values = Act::ALL.iter().map(|act| act.as_str()).chain(Factors::ALL.iter().map(|factors| factors.as_str()));
        let values = values.chain(Requirement::ALL.iter().map(|requirement| requirement.as_str()));
        let values = values.chain(KeyClass::ALL.iter().map(|class| class.as_str()));
        let values = values.chain(WatchLimit::ALL.iter().map(|limit| limit.as_str()));
        for key in names.map(|name| format!("'setting.{name}'")).chain(values.map(|value| format!("'setting.value.{value}'"))) {
            assert!(words.contains(&key), "{key}");
        }
    }
}
