//! OperationOutcome (R4 §2.28), its codes only: `diagnostics` and `details.text` may quote the record.
use serde::Deserialize;

use crate::loose::{Strict, Text};

/// How bad an issue is (value set issue-severity).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// `information`
    Information,
    /// `warning`
    Warning,
    /// `error`, or a severity that R4 does not know.
    Error,
    /// `fatal`
    Fatal,
}

/// One issue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Issue {
    /// Severity.
    pub severity: Severity,
    /// Code of the R4 value set issue-type, or "unknown". Static, so that no server text can ride on it.
    pub code: &'static str,
}

/// What a server said about an interaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// Issues in the order given.
    pub issues: Vec<Issue>,
}

impl Outcome {
    /// Reads an OperationOutcome; `None` if the text is none.
    #[must_use]
    pub fn read(raw: &str) -> Option<Self> {
        let Strict(wire): Strict<Wire<'_>> = serde_json::from_str(raw).ok()?;
        if wire.resource_type.as_deref() != Some("OperationOutcome") {
            return None;
        }
        let issues = wire.issue.iter().map(|Strict(issue)| Issue {
            severity: match issue.severity.as_deref() {
                Some("information") => Severity::Information,
                Some("warning") => Severity::Warning,
                Some("fatal") => Severity::Fatal,
                _ => Severity::Error,
            },
            code: ISSUE_TYPES.iter().copied().find(|known| issue.code.as_deref() == Some(known)).unwrap_or("unknown"),
        });
        Some(Self { issues: issues.collect() })
    }

    /// The worst issue, the first of equals.
    #[must_use]
    pub fn worst(&self) -> Option<Issue> {
        self.issues.iter().copied().reduce(|worst, next| if next.severity > worst.severity { next } else { worst })
    }
}

const ISSUE_TYPES: [&str; 31] = [
    "invalid",
    "structure",
    "required",
    "value",
    "invariant",
    "security",
    "login",
    "unknown",
    "expired",
    "forbidden",
    "suppressed",
    "processing",
    "not-supported",
    "duplicate",
    "multiple-matches",
    "not-found",
    "deleted",
    "too-long",
    "code-invalid",
    "extension",
    "too-costly",
    "business-rule",
    "conflict",
    "transient",
    "lock-error",
    "no-store",
    "exception",
    "timeout",
    "incomplete",
    "throttled",
    "informational",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(borrow, default)]
    resource_type: Text<'a>,
    #[serde(borrow, default)]
    issue: Vec<Strict<WireIssue<'a>>>,
}

#[derive(Deserialize)]
struct WireIssue<'a> {
    #[serde(borrow, default)]
    severity: Text<'a>,
    #[serde(borrow, default)]
    code: Text<'a>,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn only_known_codes_come_through() {
        let raw = r#"{"resourceType":"OperationOutcome","issue":[
            {"severity":"warning","code":"informational"},
            {"severity":"error","code":"conflict","diagnostics":"Jane Doe has version 3"},
            {"severity":"odd","code":"Jane Doe"}]}"#;
        let outcome = Outcome::read(raw).unwrap();
        assert_eq!(outcome.issues.iter().map(|issue| issue.code).collect::<Vec<_>>(), ["informational", "conflict", "unknown"]);
        assert_eq!(outcome.worst(), Some(Issue { severity: Severity::Error, code: "conflict" }));
        assert!(!format!("{outcome:?}").contains("Jane"));
        assert!(Outcome::read(r#"{"resourceType":"Patient"}"#).is_none());
        assert!(Outcome::read("[").is_none());
    }
}
