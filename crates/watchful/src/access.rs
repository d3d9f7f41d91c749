//! What the watch is told: a keyed tag and facts, never a name, an address or a patient's id.
use std::fmt;

use serde::{Deserialize, Serialize};

/// A patient as the vault's keyed digest of the id, so that the watch's memory names nobody.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PatientTag([u8; 16]);

impl PatientTag {
    /// The vault's tag.
    #[must_use]
    pub const fn new(tag: [u8; 16]) -> Self {
        Self(tag)
    }

    /// The vault's tag.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for PatientTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl From<PatientTag> for String {
    fn from(tag: PatientTag) -> Self {
        format!("{tag:?}")
    }
}

/// Not 32 lower-case hexadecimal digits.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[error("not a patient tag")]
pub struct NotATag;

impl TryFrom<String> for PatientTag {
    type Error = NotATag;
    fn try_from(text: String) -> Result<Self, NotATag> {
        let digits = text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        let number = u128::from_str_radix(&text, 16).map_err(|_| NotATag)?;
        if digits { Ok(Self(number.to_be_bytes())) } else { Err(NotATag) }
    }
}

/// What was done, or tried, with a chart.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Act {
    /// The chart is about to be shown.
    Open,
    /// Break-glass was granted. It counts as an emergency whatever [`Access::emergency`] says.
    BreakGlass,
    /// Policy refused the chart; nothing was shown.
    Refused,
    /// Care was documented in the chart: a note signed, an order, a dose, a verification.
    Write,
}

/// One access of one user, as facts that the caller computed inside the transaction that decided it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Access {
    /// Whose chart.
    pub patient: PatientTag,
    /// What with it.
    pub act: Act,
    /// A care team, appointment, encounter or general practitioner ties the user to the patient now, or did within the last 30
    /// days (following up a patient one has treated is care, not curiosity).
    pub related: bool,
    /// Break-glass is in force for this user and chart.
    pub emergency: bool,
    /// The chart is labelled restricted (confidentiality R or V).
    pub restricted: bool,
    /// It is the user's own chart.
    pub own_record: bool,
    /// The patient works here.
    pub colleague: bool,
    /// The patient lives at the user's address.
    pub same_address: bool,
    /// The patient bears the user's surname.
    pub same_surname: bool,
    /// How many patients held here bear that surname; zero if none, or if it is not known.
    pub surname_bearers: u32,
    /// How many patients are held here.
    pub patients_held: u32,
}

impl Access {
    /// INVARIANT: whatever this is true of is answered with [`crate::Response::Nothing`]: emergency care is never in the way of
    /// the watch's doubts, and what a clinician has entered is never lost to them.
    pub(crate) const fn is_never_held_up(&self) -> bool {
        self.is_emergency() || matches!(self.act, Act::Write)
    }

    pub(crate) const fn is_emergency(&self) -> bool {
        self.emergency || matches!(self.act, Act::BreakGlass)
    }
}
