//! Reading one note or document.
use access::Target;
use chart::StoredRecord;
use chart::view::DocumentView;
use kernel::{ErrorCode, PatientId, RecordId, ResourceType};

use super::open_chart::state;
use crate::host::Host;
use crate::problem::Problem;
use crate::watch::read_chart;

/// Opens a document of a chart.
///
/// # Errors
/// As [`super::open_chart`]; [`ErrorCode::NotFound`] if it is no document of this chart.
pub fn open_document(host: &Host, patient: &PatientId, kind: &str, id: &str) -> Result<DocumentView, Problem> {
    let kind = ResourceType::new(kind).map_err(|_| ErrorCode::InvalidRequest)?;
    let id = RecordId::new(id).map_err(|_| ErrorCode::InvalidRequest)?;
    host.work(|open, gate, origin| {
        let target = Target::record(patient.clone(), kind.clone(), id.clone());
        let row = read_chart(open, gate, origin, patient, target, |tx, permit| Ok(tx.record(permit, &kind, &id)?))?;
        // EXPOSE: shown to the holder of the permit it was read under.
        let record = StoredRecord { kind: kind.as_str(), id: Some(id.as_str()), state: state(row.state), body: Some(row.body.expose()) };
        let view = chart::open_document(&record, &open.directory).ok_or(ErrorCode::NotFound)?;
        // INVARIANT: what is shown under a patient's name says itself that it is that patient's.
        if view.patient == patient.as_str() { Ok(view) } else { Err(ErrorCode::WrongPatient.into()) }
    })
}
