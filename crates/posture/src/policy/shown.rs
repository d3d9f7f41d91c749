//! Every setting as a line of a list, for a screen, a terminal and a document.
use std::fmt;
use std::path::Path;

use super::effective::{Effective, Origin, Setting};
use super::settings::{KeyClass, SettingName, WatchLimit};

/// One setting as it holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shown {
    /// Which.
    pub name: SettingName,
    /// What holds.
    pub value: Value,
    /// Who decided it.
    pub origin: Origin,
    /// Whether the hospital has spoken.
    pub locked: bool,
}

/// A setting's value, with what it counts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    /// Nothing is set.
    Nothing,
    /// A bare number.
    Number(u64),
    /// Seconds.
    Seconds(u64),
    /// Hours.
    Hours(u64),
    /// Characters.
    Characters(u64),
    /// Days for each class.
    Days(Vec<(&'static str, u64)>),
    /// A number for each name.
    Numbers(Vec<(&'static str, u64)>),
    /// A switch.
    Switch(bool),
    /// Names of the policy file's closed lists.
    Names(Vec<&'static str>),
    /// An address or a path.
    Text(String),
}

impl Effective {
    /// Every setting, in the order of [`SettingName::ALL`].
    pub fn every(&self) -> impl Iterator<Item = Shown> {
        SettingName::ALL.iter().map(|name| self.shown(*name))
    }

    /// One setting.
    #[must_use]
    pub fn shown(&self, name: SettingName) -> Shown {
        use SettingName as Name;
        match name {
            Name::Serial => line(name, self.serial(), |serial| serial.map_or(Value::Nothing, Value::Number)),
            Name::IdleSeconds => line(name, self.idle_seconds(), |seconds| Value::Seconds(*seconds)),
            Name::SessionCapHours => line(name, self.session_cap_hours(), |hours| Value::Hours(*hours)),
            Name::OfflineLeaseHours => line(name, self.offline_lease_hours(), |hours| Value::Hours(*hours)),
            Name::Factors => line(name, self.factors(), |factors| Value::Names(vec![factors.as_str()])),
            Name::StepUp => line(name, self.step_up(), |acts| Value::Names(acts.iter().map(|act| act.as_str()).collect())),
            Name::MinPassphraseChars => line(name, self.min_passphrase_chars(), |chars| Value::Characters(*chars)),
            Name::RotationDays => each(name, KeyClass::ALL.iter().map(|class| (class.as_str(), self.rotation_days(*class))), Value::Days),
            Name::Watch => each(name, WatchLimit::ALL.iter().map(|limit| (limit.as_str(), self.watch(*limit))), Value::Numbers),
            Name::AllowTls12 => line(name, self.allow_tls_1_2(), |allowed| Value::Switch(*allowed)),
            Name::Ehr => line(name, self.ehr(), |ehr| ehr.clone().map_or(Value::Nothing, Value::Text)),
            Name::FurtherRoot => line(name, self.further_root(), |path| file(path.as_deref())),
            Name::TokenModule => line(name, self.token_module(), |path| file(path.as_deref())),
            Name::TokenLabel => line(name, self.token_label(), |label| label.clone().map_or(Value::Nothing, Value::Text)),
            Name::RequireDiskEncryption => line(name, self.require_disk_encryption(), |asked| Value::Names(vec![asked.as_str()])),
            Name::RequireSecureSwap => line(name, self.require_secure_swap(), |asked| Value::Names(vec![asked.as_str()])),
        }
    }
}

/// One setting of several named parts: the hospital's as soon as one of them is.
fn each(
    name: SettingName,
    parts: impl Iterator<Item = (&'static str, Setting<u64>)>,
    value: impl FnOnce(Vec<(&'static str, u64)>) -> Value,
) -> Shown {
    let parts: Vec<_> = parts.collect();
    let locked = parts.iter().any(|(_, part)| part.locked);
    let origin = if locked { Origin::Policy } else { Origin::Default };
    Shown { name, value: value(parts.into_iter().map(|(part, setting)| (part, setting.value)).collect()), origin, locked }
}

fn file(path: Option<&Path>) -> Value {
    path.map_or(Value::Nothing, |path| Value::Text(path.display().to_string()))
}

fn line<T>(name: SettingName, setting: &Setting<T>, value: impl FnOnce(&T) -> Value) -> Shown {
    Shown { name, value: value(&setting.value), origin: setting.origin, locked: setting.locked }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nothing => f.write_str("none"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Seconds(seconds) => write!(f, "{seconds} s"),
            Self::Hours(hours) => write!(f, "{hours} h"),
            Self::Characters(characters) => write!(f, "{characters} characters"),
            Self::Days(classes) => {
                let each: Vec<_> = classes.iter().map(|(class, days)| format!("{class} {days}")).collect();
                write!(f, "{} days", each.join(", "))
            }
            Self::Numbers(named) => {
                let each: Vec<_> = named.iter().map(|(name, number)| format!("{name} {number}")).collect();
                f.write_str(&each.join(", "))
            }
            Self::Switch(on) => f.write_str(if *on { "yes" } else { "no" }),
            Self::Names(names) => f.write_str(&names.join(", ")),
            Self::Text(text) => f.write_str(text),
        }
    }
}
