//! What became of the records of a load.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Value, json};

/// Counts and failures of one load.
#[derive(Debug, Default)]
pub struct Report {
    stored: BTreeMap<String, u64>,
    updated: u64,
    repeated: u64,
    failures: Vec<(String, Reason)>,
}

/// Why a record was not taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The file, or a line of it, is not JSON.
    NotJson,
    /// The JSON is no R4 resource.
    NotAResource,
    /// It has no valid id.
    NoId,
    /// The EHR had something else under this id before the load.
    IdTaken,
    /// It refers conditionally to something that is nowhere, or to more than one.
    UnresolvedReference,
    /// Audit events come in through the audit repository only.
    AuditEvent,
}

const REASONS: [Reason; 6] =
    [Reason::NotJson, Reason::NotAResource, Reason::NoId, Reason::IdTaken, Reason::UnresolvedReference, Reason::AuditEvent];

impl Report {
    /// Resources stored, all types together.
    pub fn total(&self) -> u64 {
        self.stored.values().sum()
    }

    /// Failures as (`Type/id` or file name, reason).
    pub fn failures(&self) -> &[(String, Reason)] {
        &self.failures
    }

    /// The report as JSON: `{"stored": {type: n}, "updated": n, "repeated": n, "failures": [{"what": …, "why": …}]}`.
    pub fn to_json(&self) -> Value {
        let failures: Vec<Value> = self.failures.iter().map(|(what, why)| json!({"what": what, "why": why.to_string()})).collect();
        json!({"stored": self.stored, "updated": self.updated, "repeated": self.repeated, "failures": failures})
    }

    /// Reads back what [`Report::to_json`] wrote; unknown reasons are left out.
    pub fn from_json(json: &Value) -> Self {
        let numbers = json["stored"].as_object().into_iter().flatten();
        let failures = json["failures"].as_array().into_iter().flatten();
        Self {
            stored: numbers.filter_map(|(kind, n)| Some((kind.clone(), n.as_u64()?))).collect(),
            updated: json["updated"].as_u64().unwrap_or(0),
            repeated: json["repeated"].as_u64().unwrap_or(0),
            failures: failures
                .filter_map(|failure| {
                    let why = REASONS.into_iter().find(|why| failure["why"] == why.to_string().as_str())?;
                    Some((failure["what"].as_str()?.to_owned(), why))
                })
                .collect(),
        }
    }

    pub(super) fn count(&mut self, kind: &str) {
        *self.stored.entry(kind.to_owned()).or_default() += 1;
    }

    pub(super) fn updated(&mut self) {
        self.updated += 1;
    }

    pub(super) fn repeated(&mut self) {
        self.repeated += 1;
    }

    pub(super) fn fail(&mut self, what: &str, why: Reason) {
        self.failures.push((what.to_owned(), why));
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotJson => "not JSON",
            Self::NotAResource => "not an R4 resource",
            Self::NoId => "no valid id",
            Self::IdTaken => "something else has its id",
            Self::UnresolvedReference => "refers to something that is not there",
            Self::AuditEvent => "audit events are not loaded",
        })
    }
}
