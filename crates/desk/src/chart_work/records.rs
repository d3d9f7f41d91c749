//! A chart's records as FHIR, exactly as the EHR sent them: for scripts and for moving a chart elsewhere.
use access::{Export, NoExport, ReadSchedule, Target, admit};
use kernel::PatientId;
use vault::{ChartRows, VaultError};

use crate::host::Host;
use crate::problem::Problem;
use crate::watch::read_chart;

/// Every record of a chart, one JSON text each, digit for digit.
///
/// # Errors
/// As [`super::open_chart`]; [`Problem::Forbidden`] under break-glass, which shows and does not export;
/// [`VaultError::Seal`] if a record does not open: an export is whole or not at all.
pub fn chart_records(host: &Host, patient: &PatientId) -> Result<Vec<String>, Problem> {
    host.work(|open, gate, origin| {
        let target = Target::chart(patient.clone()).detail("as FHIR");
        read_chart(open, gate, origin, patient, target, |tx, permit| {
            let leave = permit.export().map_err(|NoExport| Problem::Forbidden)?;
            exported(&tx.chart(permit)?, &leave)
        })
    })
}

/// Every record that belongs to no patient.
///
/// # Errors
/// As [`chart_records`].
pub fn directory_records(host: &Host) -> Result<Vec<String>, Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        let rows = open.vault.transact(origin, |tx| {
            let permit = admit::<ReadSchedule, _>(gate, tx, &user, Target::workstation().detail("directory as FHIR"))?;
            Ok::<_, Problem>(tx.directory(&permit)?)
        })?;
        whole(&rows)
    })
}

/// A chart's records leave only with leave.
fn exported(rows: &ChartRows, _: &Export<'_>) -> Result<Vec<String>, Problem> {
    whole(rows)
}

fn whole(rows: &ChartRows) -> Result<Vec<String>, Problem> {
    if !rows.unreadable.is_empty() {
        return Err(VaultError::Seal.into());
    }
    // EXPOSE: to the holder of the permit it was read under, who asked for it as FHIR.
    Ok(rows.rows.iter().map(|row| row.body.expose().to_string()).collect())
}
