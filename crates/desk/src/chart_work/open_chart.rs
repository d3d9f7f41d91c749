//! Opening a chart.
use access::Target;
use chart::view::RecordState;
use chart::{ChartContext, StoredRecord, build_chart};
use kernel::PatientId;
use vault::{ChartRows, State};

use crate::host::Host;
use crate::moment::moment;
use crate::notes::draft_view;
use crate::problem::Problem;
use crate::view::OpenedChart;
use crate::watch::read_chart;

/// Opens a chart: the entry is on disk before anything of it leaves.
///
/// # Errors
/// [`Problem::BreakGlassRequired`], [`Problem::Forbidden`], not found; [`kernel::ErrorCode::StepUpRequired`] and
/// [`kernel::ErrorCode::AccessSuspended`] where the access is unusual, but never under break-glass.
pub fn open_chart(host: &Host, patient: &PatientId) -> Result<OpenedChart, Problem> {
    let opened = host.work(|open, gate, origin| {
        let (user, target) = (open.user.clone(), Target::chart(patient.clone()));
        let (rows, drafts, standing, emergency) = read_chart(open, gate, origin, patient, target, |tx, permit| {
            moment("admitted");
            let standing = tx.note_opened(permit)?;
            moment("read");
            Ok((tx.chart(permit)?, tx.drafts(permit)?, standing, tx.emergency(permit, &user)?))
        })?;
        moment("opened");
        let context = ChartContext {
            patient,
            now: origin.at.wall.with_timezone(&chrono::Local).fixed_offset(),
            directory: &open.directory,
            similar_name: open.index.has_similar(patient),
            as_of: standing.as_of.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
            incomplete: !standing.complete,
            withheld: rows.withheld,
        };
        Ok(OpenedChart {
            chart: build_chart(stored(&rows), &context),
            drafts: drafts.iter().map(draft_view).collect(),
            break_glass: emergency.map(|in_force| {
                let reported = open.glass.reported.contains(&in_force.grant.grant);
                super::break_glass::view(&in_force.grant, in_force.seconds_left, reported)
            }),
            pinned: standing.pinned,
        })
    })?;
    crate::sync_work::panel_changed(host);
    Ok(opened)
}

/// The rows as the chart room reads them; an unreadable one has no text.
pub(crate) fn stored(rows: &ChartRows) -> impl Iterator<Item = StoredRecord<'_>> {
    // EXPOSE: read by the chart room for the holder of the permit.
    let readable =
        rows.rows.iter().map(|row| StoredRecord { kind: &row.kind, id: None, state: state(row.state), body: Some(row.body.expose()) });
    let unreadable = rows.unreadable.iter().map(|row| StoredRecord { kind: &row.kind, id: None, state: RecordState::Synced, body: None });
    readable.chain(unreadable)
}

pub(crate) const fn state(state: State) -> RecordState {
    match state {
        State::Synced => RecordState::Synced,
        State::LocalOnly => RecordState::LocalOnly,
        State::Sending => RecordState::Sending,
        State::Rejected => RecordState::Rejected,
        State::Conflict => RecordState::Conflict,
    }
}
