//! Emergency access, as its reviewer sees it: the queue, a judgement, how often.
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Which emergency accesses are asked for.
#[derive(Deserialize, TS, Clone, Debug, Default)]
#[ts(export)]
pub struct ReviewQuery {
    /// Closed ones as well.
    pub closed: bool,
    /// The page after another, as that one named it.
    pub next: Option<String>,
}

/// A page of the queue, newest first.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct ReviewQueue {
    /// Emergency accesses.
    pub rows: Vec<ReviewRow>,
    /// Reports that could not be read: one of them may matter.
    pub unreadable: u32,
    /// For the next page.
    pub next: Option<String>,
}

/// Where a review stands.
#[derive(Serialize, TS, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ReviewState {
    /// Nobody has judged it.
    Waiting,
    /// Judged; the judgement may still change.
    Judged,
    /// Closed.
    Closed,
}

/// An emergency access as its reviewer reads it.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct ReviewRow {
    /// Id.
    pub task: String,
    /// The EHR's version shown, to be named when judging.
    pub version: String,
    /// Where it stands.
    pub state: ReviewState,
    /// Who broke the glass: practitioner's id.
    pub user: String,
    /// Name.
    pub user_name: String,
    /// Chart.
    pub patient: String,
    /// Patient as in lists, if known here.
    pub patient_name: Option<String>,
    /// Reason code.
    pub reason: String,
    /// The reason in words.
    pub text: String,
    /// When it began, RFC 3339.
    pub began: String,
    /// When it ended, RFC 3339; absent while it lasts or the EHR has not heard.
    pub ended: Option<String>,
    /// From where.
    pub workstation: String,
    /// Its number.
    pub number: Option<String>,
    /// What the EHR found of the number: `good`, `unnumbered`, `not-issued`, `used-twice`, `of-another`, `out-of-time`; `unchecked` if
    /// it says nothing.
    pub worth: String,
    /// `appropriate`, `inappropriate`, `follow-up`.
    pub judgement: Option<String>,
    /// The reviewer's latest note.
    pub note: Option<String>,
    /// The reviewer's name.
    pub judged_by: Option<String>,
}

/// A judgement of one emergency access.
#[derive(Deserialize, TS, Clone)]
#[ts(export)]
pub struct JudgeReview {
    /// Which.
    pub task: String,
    /// The version it was read in.
    pub version: String,
    /// `appropriate`, `inappropriate`, `follow-up`.
    pub judgement: String,
    /// Why, in words.
    pub note: String,
}

/// How often the glass was broken.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct EmergencyStatistics {
    /// In so many days.
    pub days: u32,
    /// By clinician, most first.
    pub uses: Vec<EmergencyUse>,
    /// Charts opened on this workstation in these days.
    pub openings: ChartOpenings,
    /// There are more reports than were read, or some could not be.
    pub incomplete: bool,
    /// Numbers that ended without a word of their use; absent where the EHR issues none.
    pub unreported: Option<u32>,
}

/// Charts opened on a workstation, by its audit chain: one clinician in one chart on one day is one opening.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct ChartOpenings {
    /// Of all clinicians; names nobody.
    pub all: OpeningsBy,
    /// By clinician, most emergencies first.
    pub by: Vec<OpeningsBy>,
    /// Entries of the chain could not be read: one of them may be an opening.
    pub unreadable: bool,
}

/// Openings of one clinician, or of all.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct OpeningsBy {
    /// Clinician's id.
    pub user: String,
    /// Name; empty where no place on this workstation is known.
    pub name: String,
    /// With an ordinary reason.
    pub ordinary: u32,
    /// With broken glass.
    pub emergency: u32,
    /// Part of the emergencies in all, in percent; absent where there are no openings.
    pub percent: Option<f64>,
}

/// One clinician's emergency accesses.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct EmergencyUse {
    /// Practitioner's id.
    pub user: String,
    /// Name.
    pub name: String,
    /// How many.
    pub uses: u32,
    /// Of them without a number.
    pub unnumbered: u32,
    /// Of them with a number the EHR objects to, or has not checked.
    pub doubtful: u32,
    /// Of them judged inappropriate.
    pub inappropriate: u32,
    /// Of them nobody has judged yet.
    pub waiting: u32,
}
