//! What crosses between the EHR, the machine and the vault while pulling.
use chrono::{DateTime, Utc};
use kernel::{PatientId, Phi, RecordId, ResourceType, VersionId};
use serde::{Deserialize, Serialize};

/// One version of one resource as the EHR sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// Resource type.
    pub kind: ResourceType,
    /// Logical id on the EHR.
    pub id: RecordId,
    /// `meta.versionId`; `None` where the EHR keeps no versions.
    pub version: Option<VersionId>,
    /// `meta.lastUpdated`, the EHR's clock; `None` where absent.
    pub last_updated: Option<DateTime<Utc>>,
    /// Whose compartment it belongs to; `None` for directory records (organisations, medications, ...).
    pub patient: Option<PatientId>,
    /// The resource's exact JSON text, digit for digit.
    pub body: Phi<Box<str>>,
}

/// Coding system and code of a Task that reports an emergency access: a matter between workstation, EHR and privacy officer. It names
/// a patient and is no part of that patient's chart.
pub const REPORT: (&str, &str) = ("urn:satchel:task", "break-glass-review");

#[derive(Deserialize)]
struct Task {
    code: Option<Concept>,
}

#[derive(Deserialize)]
struct Concept {
    #[serde(default)]
    coding: Vec<Coding>,
}

#[derive(Deserialize)]
struct Coding {
    system: Option<String>,
    code: Option<String>,
}

impl Incoming {
    /// Whether it reports an emergency access. One that cannot be read does not.
    pub(crate) fn is_report(&self) -> bool {
        if self.kind.as_str() != "Task" {
            return false;
        }
        // EXPOSE: read for its code alone.
        let task: Option<Task> = serde_json::from_str(self.body.expose()).ok();
        let coding = task.and_then(|task| task.code).map_or_else(Vec::new, |code| code.coding);
        coding.iter().any(|coding| (coding.system.as_deref(), coding.code.as_deref()) == (Some(REPORT.0), Some(REPORT.1)))
    }
}

/// A resource the EHR says is deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tombstone {
    /// Resource type.
    pub kind: ResourceType,
    /// Logical id on the EHR.
    pub id: RecordId,
    /// When, by the EHR's clock; `None` where it does not say.
    pub deleted_at: Option<DateTime<Utc>>,
}

/// Why a patient's chart is held here; earlier tiers are pulled first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tier {
    /// On the signed-in practitioner's schedule today.
    Today,
    /// The signed-in practitioner is on the patient's care team.
    CareTeam,
    /// Pinned by a clinician on this workstation.
    Pinned,
    /// Opened lately on this workstation.
    Recent,
    /// Every other patient the EHR lets this user see (the "whole practice" policy).
    Practice,
}

/// One patient of the panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub patient: PatientId,
    /// Why, by the strongest reason.
    pub tier: Tier,
    /// True once every page of the chart has been committed; only then may the chart be shown as whole.
    pub complete: bool,
}

/// One page's outcome, to be made durable in a single transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commit {
    /// Records to hold.
    pub records: Vec<Incoming>,
    /// Records to hide and remember as deleted.
    pub tombstones: Vec<Tombstone>,
    /// Panel rows to insert or replace, keyed by patient.
    pub members: Vec<Member>,
    /// Replaces the stored checkpoint: opaque text, it may name patients (seal it like any record).
    pub checkpoint: Phi<Box<str>>,
}

/// What a commit did, for the progress line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ingested {
    /// Records not held before.
    pub added: u32,
    /// Records whose newer version replaced the held one.
    pub replaced: u32,
    /// Records already held at this version or a newer one.
    pub unchanged: u32,
    /// Records hidden because the EHR deleted them.
    pub deleted: u32,
}
