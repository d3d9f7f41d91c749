//! Today.
use access::{ReadSchedule, Target, admit};
use chart::{Schedule, ScheduleContext, schedule_rows};
use chrono::{Local, NaiveTime, SecondsFormat, TimeDelta, TimeZone as _};

use super::open_chart::stored;
use crate::host::Host;
use crate::problem::Problem;
use crate::view::ScheduleView;

/// Today's appointments on this workstation, by time.
///
/// # Errors
/// [`Problem::Forbidden`] for roles that see no schedule.
pub fn schedule_today(host: &Host) -> Result<ScheduleView, Problem> {
    host.work(|open, gate, origin| {
        let as_of = crate::sync_work::last_success(open, origin)?;
        let user = open.user.clone();
        let today = origin.at.wall.with_timezone(&Local);
        let midnight = today.date_naive().and_time(NaiveTime::MIN);
        let from = Local.from_local_datetime(&midnight).earliest().map_or(0, |at| at.timestamp());
        let until = Local.from_local_datetime(&(midnight + TimeDelta::days(1))).earliest().map_or(0, |at| at.timestamp());
        let rows = open.vault.transact(origin, |tx| {
            let permit = admit::<ReadSchedule, _>(gate, tx, &user, Target::workstation().detail("today"))?;
            Ok::<_, Problem>(tx.appointments(&permit, from, until)?)
        })?;
        let about = ScheduleContext {
            day: today.date_naive(),
            offset: *today.offset(),
            practitioner: Some(&user.practitioner),
            directory: &open.directory,
        };
        let Schedule { rows, unreadable } = schedule_rows(stored(&rows), &about, |patient| open.index.row(patient, today.fixed_offset()));
        let as_of = as_of.map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true));
        let unreadable = u32::try_from(unreadable.len()).unwrap_or(u32::MAX);
        Ok(ScheduleView { day: today.format("%A %d-%b-%Y").to_string(), rows, unreadable, as_of })
    })
}
