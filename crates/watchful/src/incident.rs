//! What the watch says: numbers and static words only. The words for a person belong to the screen.
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::access::PatientTag;

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What was seen.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
        pub enum Kind {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
        }

        impl Kind {
            /// Every kind, for the words' catalogue to be checked against.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable code.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

kinds! {
    /// Far more charts within an hour than the user's busy hours have.
    ChartRate = "chart_rate",
    /// Far more charts of patients that nothing ties to the user within an hour than usual, and no care documented in them.
    StrangerRate = "stranger_rate",
    /// Many such charts within a shift, and still no care documented when the time for it was over.
    ManyStrangers = "many_strangers",
    /// More such charts over the shifts than usual: low and slow.
    SlowBrowsing = "slow_browsing",
    /// The same such chart again and again, over several shifts.
    RepeatedLook = "repeated_look",
    /// The user's own record.
    OwnRecord = "own_record",
    /// A stranger to the user's work, but not to the user: same address and same surname.
    Household = "household",
    /// A colleague's record, without a tie and without care documented.
    Colleague = "colleague",
    /// A restricted record, without a tie and without care documented.
    Restricted = "restricted",
    /// The user's address, without a tie and without care documented.
    SameAddress = "same_address",
    /// The user's surname, which few bear, without a tie and without care documented.
    SameSurname = "same_surname",
    /// The watch's memory could not be read: it begins anew, and someone should know.
    MemoryLost = "memory_lost",
}

/// How much it matters, and with it what follows ([`Response`]).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// To be looked at: nothing follows.
    Notice,
    /// The user proves once more who they are.
    Warning,
    /// Charts of strangers stay closed for a while, but for emergencies.
    Alarm,
}

/// The numbers behind an incident.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Evidence {
    /// "23 charts in the last hour; 6 in a busy hour; spoken of from 18".
    Hour {
        /// Distinct charts within 60 minutes.
        charts: u32,
        /// What nine of ten of the user's hours stay within.
        usual: u32,
        /// From how many it is an incident.
        limit: u32,
    },
    /// "11 charts in 7 shifts; usual is 1; spoken of from 8".
    Shifts {
        /// Charts nothing was documented in, or looks at the one chart.
        looks: u32,
        /// How many the user has in so many shifts.
        usual: u32,
        /// From how many it is an incident.
        limit: u32,
        /// Over how many of the user's shifts.
        shifts: u32,
    },
    /// "1 of 20,000 patients here bears the surname".
    Surname {
        /// How many patients bear it.
        bearers: u32,
        /// Of how many.
        held: u32,
    },
    /// The kind says it all.
    Plain {},
}

/// One pattern, once. It comes again, under the same number, only if its severity rises.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Incident {
    /// Number of the incident among this user's on this workstation, from 1.
    pub number: u32,
    /// What was seen.
    pub kind: Kind,
    /// How much it matters.
    pub severity: Severity,
    /// When it was found, by the wall clock.
    pub at: DateTime<Utc>,
    /// Whose chart, if it is about one.
    pub patient: Option<PatientTag>,
    /// The numbers that explain it.
    pub evidence: Evidence,
}

/// What the caller does before it shows the chart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Response {
    /// Go on.
    Nothing,
    /// Ask for the passphrase, tell [`crate::Watch::stepped_up`], then ask the watch again.
    StepUp {
        /// Why, for the words.
        why: Kind,
    },
    /// The charts of strangers stay closed, but for break-glass.
    SuspendElective {
        /// For how long, by the wall clock as it stands.
        until: DateTime<Utc>,
        /// Why, for the words.
        why: Kind,
    },
}

/// The watch's answer to one access.
#[derive(Clone, PartialEq, Eq, Debug)]
#[must_use]
pub struct Assessment {
    /// New incidents and raised ones: to be kept, and told to the server at the next sync.
    pub incidents: Vec<Incident>,
    /// What to do about this access.
    pub response: Response,
}

/// What the privacy officer found.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// There was a good reason: what followed is lifted, and the same is not spoken of again for a while.
    Explained,
    /// It was what it looked like: the same again is a new incident.
    Confirmed,
}
