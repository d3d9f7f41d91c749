//! Emergency access: prove who you are, say why, then one chart for an hour.
use std::sync::Arc;

use access::{BreakGlass, EmergencyGrant, EndBreakGlass, Purpose, PurposeError, Target, admit};
use kernel::{ErrorCode, GrantId, PatientId, Phi};
use keys::Passphrase;

use crate::door::reauthenticate;
use crate::host::Host;
use crate::problem::Problem;
use crate::view::{BreakGlassReason, BreakGlassRequest, BreakGlassView};

/// The coded reasons, in the order they are offered.
#[must_use]
pub fn break_glass_reasons() -> Vec<BreakGlassReason> {
    Purpose::ALL.iter().map(|purpose| BreakGlassReason { code: purpose.code().to_owned(), key: purpose.key().to_owned() }).collect()
}

/// Opens a chart by break-glass. The entry is durable before this returns; only then will the chart open.
///
/// # Errors
/// [`ErrorCode::WrongPassphrase`], [`Problem::SoftLocked`], [`ErrorCode::BreakGlassReason`], [`Problem::Forbidden`].
pub fn break_glass(host: &Arc<Host>, request: BreakGlassRequest) -> Result<BreakGlassView, Problem> {
    let patient = PatientId::new(&request.patient).map_err(|_| ErrorCode::InvalidRequest)?;
    reauthenticate(host, &Passphrase::new(request.passphrase))?;
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        let why = (request.reason.as_str(), request.text.as_str());
        let grant = EmergencyGrant::new(GrantId::random(), user.user.clone(), patient.clone(), why, &origin.at, &origin.boot_id).map_err(
            |error| match error {
                PurposeError::UnknownCode | PurposeError::NoText => ErrorCode::BreakGlassReason,
            },
        )?;
        open.vault.transact(origin, |tx| {
            let detail = format!("grant {} purpose {}", grant.grant, grant.purpose.code());
            let permit = admit::<BreakGlass, _>(gate, tx, &user, Target::chart(patient.clone()).detail(detail))?;
            Ok::<_, Problem>(tx.begin_emergency(&permit, &grant, &Phi::new(request.text.clone()))?)
        })?;
        let seconds_left = grant.seconds_left(&origin.at, &origin.boot_id);
        Ok(view(&grant, seconds_left))
    })
}

/// Ends it before its time.
///
/// # Errors
/// [`ErrorCode::NotFound`] if none is in force.
pub fn end_break_glass(host: &Host, patient: &PatientId) -> Result<(), Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        open.vault.transact(origin, |tx| {
            let permit = admit::<EndBreakGlass, _>(gate, tx, &user, Target::chart(patient.clone()))?;
            Ok(tx.end_emergency(&permit)?)
        })
    })
}

pub(crate) fn view(grant: &EmergencyGrant, seconds_left: u32) -> BreakGlassView {
    BreakGlassView {
        patient: grant.patient.to_string(),
        reason: grant.purpose.code().to_owned(),
        until: grant.until.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        seconds_left,
    }
}
