//! From bytes to a policy. What cannot be read is named, and what can be read still counts.
use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use url::Url;

use super::problem::PolicyProblem as Problem;
use super::settings::{Act, KeyClass, Policy, Range, SettingName as Name, WatchLimit};

/// Bytes of the largest policy that is read.
pub const MOST_BYTES: usize = 64 << 10;

/// Reads a policy. Every number is within its range; what tightens and stands there twice has the stricter value.
pub fn parse(bytes: &[u8]) -> (Policy, Vec<Problem>) {
    let mut reading = Reading::default();
    if bytes.len() > MOST_BYTES {
        reading.problems.push(Problem::TooLarge);
    } else {
        match serde_json::from_slice::<Entries>(bytes) {
            Ok(entries) => reading.read(&entries),
            Err(_) => reading.problems.push(Problem::NotJson),
        }
    }
    (reading.policy, reading.problems)
}

impl Policy {
    /// Reads a policy that was kept; what this version does not know is left out. `None` if it is none.
    #[must_use]
    pub fn kept(bytes: &[u8]) -> Option<Self> {
        let (policy, problems) = parse(bytes);
        (!problems.iter().any(Problem::unbelievable)).then_some(policy)
    }
}

#[derive(Default)]
struct Reading {
    policy: Policy,
    problems: Vec<Problem>,
}

impl Reading {
    fn read(&mut self, entries: &Entries) {
        let mut seen = BTreeSet::new();
        for (name, value) in &entries.0 {
            let Some(setting) = Name::parse(name) else {
                self.unknown(name);
                continue;
            };
            if !seen.insert(setting) {
                self.problems.push(Problem::Twice { setting });
            }
            if self.set(setting, value.get()).is_none() {
                self.problems.push(Problem::WrongValue { setting });
            }
        }
    }

    /// `None` if the value is not of the setting's kind.
    fn set(&mut self, setting: Name, value: &str) -> Option<()> {
        match setting {
            Name::Serial => self.policy.serial = self.policy.serial.max(Some(json(value)?)),
            Name::IdleSeconds => self.policy.idle_seconds = self.number(setting, Range::IDLE_SECONDS, self.policy.idle_seconds, value)?,
            Name::SessionCapHours => {
                self.policy.session_cap_hours = self.number(setting, Range::SESSION_CAP_HOURS, self.policy.session_cap_hours, value)?;
            }
            Name::OfflineLeaseHours => {
                self.policy.offline_lease_hours =
                    self.number(setting, Range::OFFLINE_LEASE_HOURS, self.policy.offline_lease_hours, value)?;
            }
            Name::MinPassphraseChars => {
                self.policy.min_passphrase_chars =
                    self.number(setting, Range::MIN_PASSPHRASE_CHARS, self.policy.min_passphrase_chars, value)?;
            }
            Name::Factors => self.policy.factors = self.policy.factors.max(Some(json(value)?)),
            Name::StepUp => self.acts(&json::<Vec<String>>(value)?),
            Name::RotationDays => self.rotation(&json(value)?)?,
            Name::Watch => self.watch(&json(value)?)?,
            Name::AllowTls12 => self.policy.allow_tls_1_2 = Some(json(value)?),
            Name::Ehr => self.policy.ehr = Some(fhir_base(&json::<String>(value)?)?),
            Name::FurtherRoot => self.policy.further_root = Some(json::<PathBuf>(value).filter(|path| path.is_absolute())?),
            Name::TokenModule => self.policy.token_module = Some(json::<PathBuf>(value).filter(|path| path.is_absolute())?),
            Name::TokenLabel => self.policy.token_label = Some(json::<String>(value).filter(|label| is_token_label(label))?),
            Name::RequireDiskEncryption => {
                self.policy.require_disk_encryption = self.policy.require_disk_encryption.max(Some(json(value)?))
            }
            Name::RequireSecureSwap => self.policy.require_secure_swap = self.policy.require_secure_swap.max(Some(json(value)?)),
        }
        Some(())
    }

    /// A number within its range, the stricter of it and what stood there before.
    #[allow(clippy::option_option, reason = "outer: readable; inner: as the policy holds it")]
    fn number(&mut self, setting: Name, range: Range, before: Option<u64>, value: &str) -> Option<Option<u64>> {
        let asked = json(value)?;
        let used = range.nearest(asked);
        if range.is_loose(asked) {
            self.problems.push(Problem::BeyondFloor { setting, asked, used });
        } else if used != asked {
            self.problems.push(Problem::TooStrict { setting, asked, used });
        }
        Some(Some(before.map_or(used, |before| range.stricter(before, used))))
    }

    fn acts(&mut self, names: &[String]) {
        let mut acts = self.policy.step_up.take().unwrap_or_default();
        for name in names {
            match Act::parse(name) {
                Some(act) => _ = acts.insert(act),
                None => self.unknown(name),
            }
        }
        self.policy.step_up = Some(acts);
    }

    fn rotation(&mut self, entries: &Entries) -> Option<()> {
        let mut readable = Some(());
        for (name, value) in &entries.0 {
            let Some(class) = KeyClass::parse(name) else {
                self.unknown(name);
                continue;
            };
            let before = self.policy.rotation_days.get(&class).copied();
            match self.number(Name::RotationDays, Range::ROTATION_DAYS, before, value.get()) {
                Some(Some(days)) => _ = self.policy.rotation_days.insert(class, days),
                _ => readable = None,
            }
        }
        readable
    }

    fn watch(&mut self, entries: &Entries) -> Option<()> {
        let mut readable = Some(());
        for (name, value) in &entries.0 {
            let Some(limit) = WatchLimit::parse(name) else {
                self.unknown(name);
                continue;
            };
            let before = self.policy.watch.get(&limit).copied();
            match self.number(Name::Watch, limit.range(), before, value.get()) {
                Some(Some(number)) => _ = self.policy.watch.insert(limit, number),
                _ => readable = None,
            }
        }
        readable
    }

    fn unknown(&mut self, name: &str) {
        let plausible = name.len() <= 40 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        self.problems.push(Problem::UnknownSetting { name: if plausible { name.into() } else { "".into() } });
    }
}

fn json<T: DeserializeOwned>(value: &str) -> Option<T> {
    serde_json::from_str(value).ok()
}

/// A FHIR base address: `https`, a host, no credentials, query or fragment; without a trailing slash.
fn fhir_base(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    (url.scheme() == "https" && url.has_host() && bare).then(|| url.as_str().trim_end_matches('/').to_owned())
}

/// A token's label: 32 bytes at most (PKCS#11 v3.1, `CK_TOKEN_INFO`), padded with blanks that are no part of it.
fn is_token_label(label: &str) -> bool {
    !label.is_empty() && label.len() <= 32 && label.trim_end() == label
}

/// An object's members as they stand there, doubles included.
struct Entries(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Members)
    }
}
