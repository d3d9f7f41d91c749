//! The door: first run, sign-in, the clinicians enrolled, and the desk once it is open.
use serde::Serialize;
use ts_rs::TS;

use super::SyncView;

/// Where the program stands; the first thing the window asks.
#[derive(Serialize, TS, Clone)]
#[serde(tag = "stage", rename_all = "snake_case")]
#[ts(export)]
pub enum Stage {
    /// No vault on this workstation.
    FirstRun {
        /// Address given on the command line, to be offered.
        suggested_ehr: Option<String>,
        /// The token that is to keep this workstation's secret: its PIN is given before enrolling.
        token: Option<TokenView>,
    },
    /// A vault, locked.
    Locked {
        /// Who may unlock.
        users: Vec<EnrolledUser>,
        /// Seconds until the next try is allowed.
        retry_after_seconds: Option<u32>,
        /// Why it locked, for the screen.
        reason: Option<LockReason>,
        /// The EHR's name.
        ehr: String,
        /// The token that keeps this workstation's secret: its PIN is given before unlocking.
        token: Option<TokenView>,
    },
    /// Open.
    Open {
        /// The desk.
        desk: Box<DeskView>,
    },
}

/// A token whose PIN is part of proving who one is.
#[derive(Serialize, TS, Clone, PartialEq, Eq, Debug)]
#[ts(export)]
pub struct TokenView {
    /// What its owner called it, if one was named.
    pub label: Option<String>,
}

/// Why the desk locked.
#[derive(Serialize, TS, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum LockReason {
    /// The clinician asked.
    Asked,
    /// Nobody touched keyboard or mouse.
    Idle,
    /// The machine went to sleep.
    Suspend,
    /// The operating system's session was locked.
    OsLock,
    /// Twelve hours.
    Cap,
    /// The token that keeps this workstation's secret was removed.
    TokenRemoved,
    /// The program was started or restarted.
    Start,
}

/// A clinician enrolled on this workstation.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct EnrolledUser {
    /// Id for `unlock`.
    pub user: String,
    /// Name.
    pub name: String,
    /// Role, "physician".
    pub role: String,
    /// Kept from unlocking.
    pub disabled: bool,
    /// Unlocks with one of their security keys besides.
    pub security_key: bool,
}

/// The open desk.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct DeskView {
    /// Who is working.
    pub user: EnrolledUser,
    /// What the role may do, for hiding what cannot be used; the core decides anyway.
    pub may: Vec<String>,
    /// What the UI asked to keep: tabs, scroll, caret (opaque to the core, sealed).
    pub memory: Option<String>,
    /// Where sync stands.
    pub sync: SyncView,
    /// Idle limit in force, seconds.
    pub idle_limit_seconds: u32,
    /// Offline lease ends, RFC 3339.
    pub lease_until: Option<String>,
    /// The workstation's name for audit and print.
    pub workstation: String,
    /// The token that keeps this workstation's secret: its PIN is given wherever the passphrase is asked for.
    pub token: Option<TokenView>,
}

/// What the EHR said of itself.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct EhrView {
    /// FHIR base address.
    pub url: String,
    /// Software name from the CapabilityStatement.
    pub name: String,
    /// "4.0.1".
    pub fhir_version: String,
}

/// A finished sign-in, before the passphrase is set.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct SignedInView {
    /// Name from the EHR.
    pub name: String,
    /// Role.
    pub role: String,
    /// Has a place on this workstation already.
    pub enrolled: bool,
}
