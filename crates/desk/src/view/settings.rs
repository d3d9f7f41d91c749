//! What is set on this workstation, and by whom.
use serde::Serialize;
use ts_rs::TS;

/// What is set on this workstation, and by whom.
#[derive(Serialize, TS, Clone, PartialEq, Eq, Debug)]
#[ts(export)]
pub struct SettingsView {
    /// How the hospital's policy stands.
    pub standing: PolicyStanding,
    /// What an administrator must look at, in English: names of settings and numbers.
    pub findings: Vec<String>,
    /// Fewest characters of a new passphrase.
    pub min_passphrase_chars: u32,
    /// Every setting there is.
    pub settings: Vec<SettingRow>,
}

/// How the hospital's policy stands.
#[derive(Serialize, TS, Clone, Copy, PartialEq, Eq, Debug)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum PolicyStanding {
    /// There is none.
    Absent,
    /// There was one, and what it said holds.
    Gone,
    /// In force.
    InForce,
    /// Someone besides the administrator may write it: it only tightens.
    NotTheAdministrators,
    /// It cannot be believed: strict settings hold.
    Unbelievable,
}

/// One setting as it holds.
#[derive(Serialize, TS, Clone, PartialEq, Eq, Debug)]
#[ts(export)]
pub struct SettingRow {
    /// Its name in the policy file.
    pub name: String,
    /// What holds.
    pub value: SettingValue,
    /// The same in English, for a terminal.
    pub words: String,
    /// Who decided it.
    pub by: SetBy,
    /// Whether the hospital has spoken: whoever works here can tighten it at most.
    pub locked: bool,
}

/// Who decided a setting.
#[derive(Serialize, TS, Clone, Copy, PartialEq, Eq, Debug)]
#[ts(export)]
#[serde(rename_all = "snake_case")]
pub enum SetBy {
    /// No one.
    Default,
    /// The hospital.
    Hospital,
    /// Whoever started the program.
    Option,
}

/// A setting's value, and what it counts.
#[derive(Serialize, TS, Clone, PartialEq, Eq, Debug)]
#[ts(export)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SettingValue {
    /// Nothing is set.
    Nothing,
    /// A bare number.
    Number {
        /// How much.
        n: u32,
    },
    /// Seconds.
    Seconds {
        /// How many.
        n: u32,
    },
    /// Hours.
    Hours {
        /// How many.
        n: u32,
    },
    /// Characters.
    Characters {
        /// How many.
        n: u32,
    },
    /// Days for each class of keys.
    Days {
        /// Class and days.
        classes: Vec<(String, u32)>,
    },
    /// A number for each name.
    Numbers {
        /// Name and number.
        named: Vec<(String, u32)>,
    },
    /// A switch.
    Switch {
        /// Whether it is on.
        on: bool,
    },
    /// Names of the policy file's closed lists.
    Names {
        /// Which.
        names: Vec<String>,
    },
    /// An address or a path.
    Text {
        /// As it is.
        text: String,
    },
}
