//! The way to a chart: the day, the search, the chart opened.
use chart::view::{PatientRow, ScheduleRow};
use serde::Serialize;
use ts_rs::TS;

use super::{BreakGlassView, DraftView};

/// Today.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct ScheduleView {
    /// The day, "Sunday 22-Nov-2026".
    pub day: String,
    /// Lines by time.
    pub rows: Vec<ScheduleRow>,
    /// Appointments that could not be read: one of them may be today.
    pub unreadable: u32,
    /// When the EHR last answered for the schedule, RFC 3339.
    pub as_of: Option<String>,
}

/// Answer to a search.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct SearchView {
    /// Best first, 50 at most.
    pub rows: Vec<PatientRow>,
    /// All that match.
    pub total: u32,
    /// How many patients this workstation knows.
    pub searched: u32,
}

/// A chart opened: the chart, the drafts of this clinician in it, and the access it was opened under.
#[derive(Serialize, TS, Clone)]
#[ts(export)]
pub struct OpenedChart {
    /// The chart.
    pub chart: chart::view::ChartView,
    /// Unsigned notes of this clinician.
    pub drafts: Vec<DraftView>,
    /// Break-glass in force.
    pub break_glass: Option<BreakGlassView>,
    /// Pinned by this clinician: kept on this workstation.
    pub pinned: bool,
}
