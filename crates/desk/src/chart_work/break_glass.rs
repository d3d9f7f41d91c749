//! Emergency access: prove who you are, say why, then one chart for an hour.
use std::sync::Arc;

use access::{BreakGlass, DeskMemory, EmergencyGrant, EndBreakGlass, Purpose, PurposeError, Target, admit};
use audit::{Action, Outcome, Subject, record};
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{ErrorCode, GrantId, Instants, PatientId, Phi};
use keys::Passphrase;

use crate::emergency::{self, Access, Told};
use crate::host::Host;
use crate::moment::moment;
use crate::problem::Problem;
use crate::security_key::{Wording, obtain};
use crate::view::{BreakGlassReason, BreakGlassRequest, BreakGlassView, OwnEmergency};
use crate::watch::{self, names};

/// The coded reasons, in the order they are offered.
#[must_use]
pub fn break_glass_reasons() -> Vec<BreakGlassReason> {
    Purpose::ALL.iter().map(|purpose| BreakGlassReason { code: purpose.code().to_owned(), key: purpose.key().to_owned() }).collect()
}

/// Opens a chart by break-glass. Entry, grant, number and what is to be reported are durable before this returns; only then will
/// the chart open. That no number is left hinders nothing. Whoever has a security key is asked for it; without it the access is shorter,
/// and an incident.
///
/// # Errors
/// [`ErrorCode::WrongPassphrase`], [`Problem::SoftLocked`], [`ErrorCode::BreakGlassReason`], [`Problem::Forbidden`].
pub fn break_glass(host: &Arc<Host>, request: BreakGlassRequest) -> Result<BreakGlassView, Problem> {
    let patient = PatientId::new(&request.patient).map_err(|_| ErrorCode::InvalidRequest)?;
    moment("asked");
    let passphrase = Passphrase::new(request.passphrase);
    let statement = host.work(|open, _, _| Wording::of(open, &patient).emergency(&request.reason, &request.text))?;
    let louder = obtain(host, &statement, Some(&passphrase))?.granted.louder();
    moment("proved");
    let (view, ends) = host.work(|open, gate, origin| {
        let user = open.user.clone();
        let why = (request.reason.as_str(), request.text.as_str());
        let grant = EmergencyGrant::new(GrantId::random(), user.user.clone(), patient.clone(), why, &origin.at, &origin.boot_id).map_err(
            |error| match error {
                PurposeError::UnknownCode | PurposeError::NoText => ErrorCode::BreakGlassReason,
            },
        )?;
        let grant = if louder { shorter(grant, &origin.at) } else { grant };
        let names = names!(open);
        let grant = open.vault.transact(origin, |tx| {
            // INVARIANT: number, grant and entry stand or fall together; no number is taken twice.
            let own = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail("grant number"))?;
            let mut book = emergency::kept_or_new(tx, &own)?;
            let numbering = book.number(origin.at.wall);
            let grant = grant.numbered(numbering.number().cloned());
            moment("numbered");
            let permit = admit::<BreakGlass, _>(gate, tx, &user, Target::chart(patient.clone()).detail(said(&grant, louder)))?;
            moment("entered");
            tx.begin_emergency(&permit, &grant, &Phi::new(request.text.clone()))?;
            moment("granted");
            let (reason, sequence) = (request.text.clone().into(), permit.audit_sequence());
            book.begin(Access { grant: grant.clone(), reason, numbering, sequence, ended: None, told: Told::Nothing, verdict: None });
            emergency::keep(tx, &own, &book)?;
            watch::note(tx, &permit, &patient, watchful::Act::BreakGlass, names, origin);
            if louder {
                let detail = Some("emergency_without_security_key warning".to_owned());
                record(tx, Action::Incident, Outcome::Allowed, Subject { patient: Some(patient.clone()), detail, ..Subject::default() })?;
            }
            moment("noted");
            Ok::<_, Problem>(grant)
        })?;
        moment("committed");
        open.glass.changed();
        let seconds_left = grant.seconds_left(&origin.at, &origin.boot_id);
        Ok((view(&grant, seconds_left, false), open.ends.clone()))
    })?;
    emergency::lapses_later(host, ends);
    crate::sync_work::emergency_changed(host);
    Ok(view)
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
            tx.end_emergency(&permit)?;
            let own = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail("emergency access ended"))?;
            let mut book = emergency::kept_or_new(tx, &own)?;
            book.end(patient, origin.at.wall);
            emergency::keep(tx, &own, &book)
        })?;
        open.glass.changed();
        Ok(())
    })?;
    crate::sync_work::emergency_changed(host);
    Ok(())
}

/// The clinician's own emergency accesses of late, latest first, and what the EHR has heard of them.
///
/// # Errors
/// [`Problem`].
pub fn own_emergencies(host: &Host) -> Result<Vec<OwnEmergency>, Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        let book = open.vault.transact(origin, |tx| {
            let own = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail("own emergency accesses"))?;
            emergency::kept_or_new(tx, &own)
        })?;
        let today = origin.at.wall.with_timezone(&chrono::Local).fixed_offset();
        let own = |access: &Access| OwnEmergency {
            patient: access.grant.patient.to_string(),
            name: open.index.row(&access.grant.patient, today).map(|row| row.name),
            reason: access.grant.purpose.code().to_owned(),
            number: access.numbering.number().map(ToString::to_string),
            began: text(access.grant.began),
            ended: access.ended.map(text),
            reported: access.told != Told::Nothing,
        };
        Ok(book.accesses.iter().rev().map(own).collect())
    })
}

/// Minutes of an emergency access by whoever has a security key and did not use it.
const WITHOUT_KEY_MINUTES: u32 = 15;

fn shorter(grant: EmergencyGrant, now: &Instants) -> EmergencyGrant {
    let until = now.wall + TimeDelta::minutes(i64::from(WITHOUT_KEY_MINUTES));
    EmergencyGrant { until, until_boot: now.boot.plus_seconds(u64::from(WITHOUT_KEY_MINUTES) * 60), ..grant }
}

/// For the audit entry: ids and codes.
fn said(grant: &EmergencyGrant, louder: bool) -> String {
    let number = grant.number.as_ref().map_or_else(|| "unnumbered".to_owned(), |number| format!("number {number}"));
    let louder = if louder { " without_security_key" } else { "" };
    format!("grant {} purpose {}{louder} {number}", grant.grant, grant.purpose.code())
}

pub(crate) fn view(grant: &EmergencyGrant, seconds_left: u32, reported: bool) -> BreakGlassView {
    BreakGlassView {
        patient: grant.patient.to_string(),
        reason: grant.purpose.code().to_owned(),
        until: text(grant.until),
        seconds_left,
        number: grant.number.as_ref().map(ToString::to_string),
        reported,
    }
}

fn text(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
