//! Emergency access, as whoever breaks the glass sees it.
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A reason for break-glass (HL7 v3 PurposeOfUse).
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct BreakGlassReason {
    /// Code, "ETREAT".
    pub code: String,
    /// One key that picks it.
    pub key: String,
}

/// Asks to open a chart by break-glass.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct BreakGlassRequest {
    /// Chart.
    pub patient: String,
    /// Re-authentication.
    pub passphrase: String,
    /// Code from the list of reasons.
    pub reason: String,
    /// The reason in words, at least a few.
    pub text: String,
}

/// A break-glass access in force; its banner stands on the chart.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct BreakGlassView {
    /// Chart.
    pub patient: String,
    /// Reason code.
    pub reason: String,
    /// Ends, RFC 3339.
    pub until: String,
    /// Seconds left.
    pub seconds_left: u32,
    /// The EHR's number for it; without one it is an unnumbered access, which is said.
    pub number: Option<String>,
    /// The EHR has heard of it, and with it the privacy officer.
    pub reported: bool,
}

/// One of the clinician's own emergency accesses.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct OwnEmergency {
    /// Chart.
    pub patient: String,
    /// Patient as in lists, if held here.
    pub name: Option<String>,
    /// Reason code.
    pub reason: String,
    /// The EHR's number for it.
    pub number: Option<String>,
    /// When it began, RFC 3339.
    pub began: String,
    /// When it ended, RFC 3339.
    pub ended: Option<String>,
    /// The EHR has heard of it, and with it the privacy officer.
    pub reported: bool,
}
