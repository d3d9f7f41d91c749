//! Break-glass: who broke it, why, and until when (IHE BTG; HL7 v3 PurposeOfUse).
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{GrantId, Moment, PatientId, UserId};
use serde::{Deserialize, Serialize};

use crate::stock::GrantNumber;

/// An emergency access lasts this long, for one patient.
pub const EMERGENCY_MINUTES: u32 = 60;

/// The written reason has at least this many characters.
pub const MIN_REASON_CHARS: usize = 8;

/// Coded reasons, HL7 v3 code system PurposeOfUse (urn:oid:2.16.840.1.113883.1.11.20448).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
pub enum Purpose {
    /// Emergency treatment.
    #[serde(rename = "ETREAT")]
    EmergencyTreatment,
    /// Break the glass: another pressing reason of care.
    #[serde(rename = "BTG")]
    BreakTheGlass,
    /// Care management: covering for a colleague.
    #[serde(rename = "CAREMGT")]
    CareManagement,
    /// The patient asks.
    #[serde(rename = "PATRQT")]
    PatientRequest,
    /// Disaster.
    #[serde(rename = "DISASTER")]
    Disaster,
}

impl Purpose {
    /// In the order they are offered.
    pub const ALL: &'static [Self] =
        &[Self::EmergencyTreatment, Self::CareManagement, Self::PatientRequest, Self::Disaster, Self::BreakTheGlass];

    /// HL7's code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::EmergencyTreatment => "ETREAT",
            Self::BreakTheGlass => "BTG",
            Self::CareManagement => "CAREMGT",
            Self::PatientRequest => "PATRQT",
            Self::Disaster => "DISASTER",
        }
    }

    /// The key that picks it.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::EmergencyTreatment => "e",
            Self::BreakTheGlass => "b",
            Self::CareManagement => "c",
            Self::PatientRequest => "p",
            Self::Disaster => "d",
        }
    }

    /// The reason behind a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|p| p.code() == code)
    }
}

/// Why a grant cannot be made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PurposeError {
    /// No such code.
    #[error("unknown purpose of use")]
    UnknownCode,
    /// The written reason is missing or too short.
    #[error("no written reason")]
    NoText,
}

/// An emergency access.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EmergencyGrant {
    /// Its id, chosen here.
    pub grant: GrantId,
    /// The number the EHR issued for it; `None` is an unnumbered access, which is said wherever it shows.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub number: Option<GrantNumber>,
    /// Whose.
    pub user: UserId,
    /// To which chart; one only.
    pub patient: PatientId,
    /// Why, coded.
    pub purpose: Purpose,
    /// When it began, wall clock.
    pub began: DateTime<Utc>,
    /// When it ends, wall clock.
    pub until: DateTime<Utc>,
    /// Boot it began in.
    pub boot_id: Box<str>,
    /// When it ends on that boot's clock.
    pub until_boot: Moment,
}

impl EmergencyGrant {
    /// Checks code and text and dates the grant.
    ///
    /// # Errors
    /// [`PurposeError`].
    pub fn new(
        grant: GrantId,
        user: UserId,
        patient: PatientId,
        (code, text): (&str, &str),
        now: &kernel::Instants,
        boot_id: &str,
    ) -> Result<Self, PurposeError> {
        let purpose = Purpose::from_code(code).ok_or(PurposeError::UnknownCode)?;
        if text.trim().chars().count() < MIN_REASON_CHARS {
            return Err(PurposeError::NoText);
        }
        Ok(Self {
            grant,
            number: None,
            user,
            patient,
            purpose,
            began: now.wall,
            until: now.wall + TimeDelta::minutes(i64::from(EMERGENCY_MINUTES)),
            boot_id: boot_id.into(),
            until_boot: now.boot.plus_seconds(u64::from(EMERGENCY_MINUTES) * 60),
        })
    }

    /// With the number taken for it.
    #[must_use]
    pub fn numbered(mut self, number: Option<GrantNumber>) -> Self {
        self.number = number;
        self
    }

    /// Seconds left, 0 when over. The boot clock decides within the boot it began in, so that setting the wall clock back
    /// prolongs nothing; after a restart the wall clock decides, and a time before the beginning counts as over.
    #[must_use]
    pub fn seconds_left(&self, now: &kernel::Instants, boot_id: &str) -> u32 {
        let by_boot = self.until_boot.since(now.boot) / 1000;
        let by_wall = u64::try_from((self.until - now.wall).num_seconds()).unwrap_or(0);
        // More left than was given: that boot's clock runs behind, so it is another boot, whatever its name.
        let same_boot = !boot_id.is_empty() && *self.boot_id == *boot_id && by_boot <= u64::from(EMERGENCY_MINUTES) * 60;
        let left = if same_boot {
            by_boot
        } else if now.wall < self.began {
            0
        } else {
            by_wall
        };
        u32::try_from(left).unwrap_or(0).min(EMERGENCY_MINUTES * 60)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use chrono::TimeZone as _;
    use kernel::Instants;

    use super::*;

    fn at(minute: i64) -> Instants {
        let boot = Moment(u64::try_from(minute.max(0)).unwrap() * 60_000);
        Instants { wall: Utc.with_ymd_and_hms(2026, 3, 1, 8, 0, 0).unwrap() + TimeDelta::minutes(minute), boot }
    }

    fn grant(code: &str, text: &str) -> Result<EmergencyGrant, PurposeError> {
        let (user, patient) = (UserId::new("u").unwrap(), PatientId::new("p").unwrap());
        EmergencyGrant::new(GrantId::random(), user, patient, (code, text), &at(0), "boot-1")
    }

    #[test]
    fn needs_a_code_and_words() {
        assert_eq!(grant("TREAT?", "unconscious, no relatives").unwrap_err(), PurposeError::UnknownCode);
        assert_eq!(grant("ETREAT", "   x   ").unwrap_err(), PurposeError::NoText);
        assert_eq!(grant("ETREAT", "unconscious, no relatives").unwrap().seconds_left(&at(0), "boot-1"), 3600);
    }

    #[test]
    fn ends_after_an_hour_whatever_the_wall_clock_says() {
        let given = grant("BTG", "unconscious, no relatives").unwrap();
        assert_eq!(given.seconds_left(&at(60), "boot-1"), 0);
        let set_back = Instants { wall: at(-600).wall, boot: at(60).boot };
        assert_eq!(given.seconds_left(&set_back, "boot-1"), 0);
        assert_eq!(given.seconds_left(&Instants { wall: at(-1).wall, boot: Moment(0) }, "boot-2"), 0);
        assert_eq!(given.seconds_left(&Instants { wall: at(30).wall, boot: Moment(0) }, "boot-2"), 1800);
    }

    #[test]
    fn a_boot_without_a_name_of_its_own_prolongs_nothing() {
        let (user, patient) = (UserId::new("u").unwrap(), PatientId::new("p").unwrap());
        let late = Instants { wall: at(0).wall, boot: Moment(36_000_000) };
        for boot in ["", "boot-1"] {
            let given =
                EmergencyGrant::new(GrantId::random(), user.clone(), patient.clone(), ("BTG", "unconscious, no relatives"), &late, boot)
                    .unwrap();
            assert_eq!(given.seconds_left(&Instants { wall: at(90).wall, boot: Moment(60_000) }, boot), 0, "{boot:?}");
        }
    }
}
