//! The watch over who looks into which chart: told of every look before the chart is shown, kept in the same commit.
//!
//! ```text
//! decision ──> watch ──> Nothing ─────────> the chart
//!                   └──> StepUp, Suspend ─> committed: incidents, and an entry that the chart was withheld
//! ```
//!
//! A watch that fails lets the chart open, louder: an incident, and a mark that `doctor` finds. Errors of our own machinery keep nobody
//! from a chart that the decision allowed.
mod facts;
mod verdict;

use std::path::PathBuf;

use access::{Act, DeskMemory, Gate, Ingest, Permit, ReadChart, Refusal, Target, admit};
use audit::{Action, Origin, Outcome, Subject, record};
use chart::Particulars;
use kernel::{ErrorCode, PatientId, RecordId, ResourceType};
use keys::Passphrase;
use vault::{Tx, VaultError};
use watchful::{Assessment, Evidence, Incident, Response, Restored, Severity, Ties, Watch, WatchPolicy};

use crate::door::reauthenticate;
use crate::host::Host;
use crate::problem::Problem;
use crate::state::Open;
use facts::facts;
pub(crate) use facts::{Names, names};
pub(crate) use verdict::reviewed;
pub use verdict::settle_incident;

/// What the open desk holds for the watch.
pub struct Standing {
    /// The hospital's thresholds.
    pub policy: WatchPolicy,
    /// Whether a round of sync has brought this opening the ties as they are.
    pub ties: Ties,
    /// Where it is noted that an access was not watched.
    pub mark: PathBuf,
}

/// Decides on reading a chart, tells the watch, and only then reads.
///
/// A refusal for want of a tie, and a chart that the watch withholds, are committed with what the watch made of them.
///
/// # Errors
/// The decision's; [`ErrorCode::StepUpRequired`], [`ErrorCode::AccessSuspended`]; what `read` says.
pub(crate) fn read_chart<R>(
    open: &mut Open,
    gate: &Gate,
    origin: &Origin,
    patient: &PatientId,
    target: Target,
    read: impl FnOnce(&Tx<'_>, &Permit<'_, ReadChart>) -> Result<R, Problem>,
) -> Result<R, Problem> {
    let judge = |tx: &Tx<'_>, permit: &Permit<'_, ReadChart>, names: Names<'_>| {
        let home = home(tx, permit, patient);
        observe(tx, permit, patient, watchful::Act::Open, names, home.as_ref(), origin)
    };
    read_chart_judged(open, gate, origin, patient, target, judge, read)
}

/// The same, whoever judges.
pub(crate) fn read_chart_judged<R>(
    open: &mut Open,
    gate: &Gate,
    origin: &Origin,
    patient: &PatientId,
    target: Target,
    judge: impl FnOnce(&Tx<'_>, &Permit<'_, ReadChart>, Names<'_>) -> Result<Response, Problem>,
    read: impl FnOnce(&Tx<'_>, &Permit<'_, ReadChart>) -> Result<R, Problem>,
) -> Result<R, Problem> {
    let user = open.user.clone();
    let names = names!(open);
    open.vault.transact(origin, |tx| {
        let permit = match admit::<ReadChart, _>(gate, tx, &user, target) {
            Ok(permit) => permit,
            Err(Refusal::BreakGlassRequired) => {
                match admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail("watch")) {
                    Ok(own) => note(tx, &own, patient, watchful::Act::Refused, names, origin),
                    Err(refusal) => tracing::error!(code = Problem::from(refusal).code().as_str(), "a refusal was not watched"),
                }
                return Ok(Err(Problem::BreakGlassRequired));
            }
            Err(refusal) => return Err(refusal.into()),
        };
        let response = judge(tx, &permit, names).or_else(|problem| {
            let said = unwatched(tx, patient, problem, names, origin);
            // INVARIANT: whatever ails the watch, the chart opens; and not silently, unless it is an emergency, which nothing holds up.
            if permit.emergency() { Ok(Response::Nothing) } else { said.map(|()| Response::Nothing) }
        })?;
        match response {
            // INVARIANT: nothing that the watch says holds up an emergency.
            _ if permit.emergency() => read(tx, &permit).map(Ok),
            Response::Nothing => read(tx, &permit).map(Ok),
            Response::StepUp { why } => withhold(tx, patient, ErrorCode::StepUpRequired, why),
            Response::SuspendElective { why, .. } => withhold(tx, patient, ErrorCode::AccessSuspended, why),
        }
    })?
}

/// Where the patient lives, from the patient's own record; what cannot be read gives no cue.
fn home(tx: &Tx<'_>, permit: &Permit<'_, ReadChart>, patient: &PatientId) -> Option<Particulars> {
    let (kind, id) = (ResourceType::new("Patient").ok()?, RecordId::new(patient.as_str()).ok()?);
    // EXPOSE: read for the watch by the holder of the permit; nothing of it is kept.
    tx.record(permit, &kind, &id).ok().and_then(|row| Particulars::read("Patient", row.body.expose()))
}

/// Tells the watch of what is never held up: break-glass, a refusal, something written.
pub(crate) fn note<A: Act>(
    tx: &Tx<'_>,
    permit: &Permit<'_, A>,
    patient: &PatientId,
    act: watchful::Act,
    names: Names<'_>,
    origin: &Origin,
) {
    if let Err(problem) = observe(tx, permit, patient, act, names, None, origin)
        && unwatched(tx, patient, problem, names, origin).is_err()
    {
        tracing::error!("nor could that be taken down");
    }
}

/// Unlocking has just proved who this is; and what the privacy officer has settled is taken up.
///
/// # Errors
/// [`Problem`]; then the next access is asked about as if nobody had unlocked.
pub(crate) fn begin(host: &Host) -> Result<(), Problem> {
    proved(host, Action::Unlock)
}

/// Asks for the passphrase once more, because of unusual access; the chart is then asked for again.
///
/// # Errors
/// [`ErrorCode::WrongPassphrase`], [`Problem::SoftLocked`], the keyring's, the vault's.
pub fn step_up(host: &Host, passphrase: &Passphrase) -> Result<(), Problem> {
    reauthenticate(host, passphrase)?;
    proved(host, Action::StepUp)
}

fn proved(host: &Host, by: Action) -> Result<(), Problem> {
    host.work(|open, gate, origin| {
        let (user, standing) = (open.user.clone(), &open.watch);
        open.vault.transact(origin, |tx| {
            let own = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail("watch"))?;
            let site = admit::<Ingest, _>(gate, tx, &user, Target::workstation().detail("verdicts on incidents"))?;
            let mut watch = kept(tx, &own, standing)?;
            verdict::take_up(tx, &site, &mut watch)?;
            judge_due(tx, &own, &mut watch, standing, origin)?;
            watch.stepped_up(&origin.at, &origin.boot_id);
            tx.keep_watch(&own, &watch.to_bytes())?;
            if by == Action::StepUp {
                record(tx, by, Outcome::Allowed, Subject::default())?;
            }
            Ok(())
        })
    })
}

/// A round of sync has brought the ties as they are: what nothing came of is judged.
///
/// # Errors
/// [`Problem`]; then the next access does it.
pub(crate) fn ties_current(host: &Host) -> Result<(), Problem> {
    host.work(|open, gate, origin| {
        if open.watch.ties == Ties::Current {
            return Ok(());
        }
        open.watch.ties = Ties::Current;
        let (user, standing) = (open.user.clone(), &open.watch);
        open.vault.transact(origin, |tx| {
            let own = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail("watch"))?;
            let mut watch = kept(tx, &own, standing)?;
            judge_due(tx, &own, &mut watch, standing, origin)?;
            Ok(tx.keep_watch(&own, &watch.to_bytes())?)
        })
    })
}

fn judge_due(tx: &Tx<'_>, own: &Permit<'_, DeskMemory>, watch: &mut Watch, standing: &Standing, origin: &Origin) -> Result<(), Problem> {
    forget_tied(tx, own, watch, standing, origin)?;
    for incident in watch.look_back(&standing.policy, &origin.at, &origin.boot_id) {
        take_down(tx, own, &incident)?;
    }
    Ok(())
}

/// A look at somebody who is tied to the user by now was none, whether or not that chart was opened again.
fn forget_tied<A: Act>(
    tx: &Tx<'_>,
    permit: &Permit<'_, A>,
    watch: &mut Watch,
    standing: &Standing,
    origin: &Origin,
) -> Result<(), Problem> {
    for tag in watch.due(&standing.policy, &origin.at, &origin.boot_id) {
        if let Some(patient) = tx.watched_patient(permit, tag.as_bytes())?
            && tx.watched(permit, &patient)?.related
        {
            watch.tied(tag);
        }
    }
    Ok(())
}

fn observe<A: Act>(
    tx: &Tx<'_>,
    permit: &Permit<'_, A>,
    patient: &PatientId,
    act: watchful::Act,
    names: Names<'_>,
    home: Option<&Particulars>,
    origin: &Origin,
) -> Result<Response, Problem> {
    let standing = names.standing;
    let access = facts(&tx.watched(permit, patient)?, patient, act, names, home);
    let mut watch = kept(tx, permit, standing)?;
    forget_tied(tx, permit, &mut watch, standing, origin)?;
    let Assessment { incidents, response } = watch.observe(&standing.policy, &access, &origin.at, &origin.boot_id);
    tx.keep_watch(permit, &watch.to_bytes())?;
    for incident in &incidents {
        take_down(tx, permit, incident)?;
    }
    Ok(response)
}

/// What does not open is not forgotten silently: the watch begins anew and says so.
fn kept<A: Act>(tx: &Tx<'_>, permit: &Permit<'_, A>, standing: &Standing) -> Result<Watch, Problem> {
    let user = &permit.actor().user;
    let (mut watch, restored) = match tx.watch(permit) {
        Ok(None) => (Watch::new(user.clone()), Restored::Intact),
        Ok(Some(bytes)) => Watch::restore(&bytes, user),
        Err(VaultError::Seal) => Watch::restore(&[], user),
        Err(error) => return Err(error.into()),
    };
    if restored == Restored::Distrusted {
        tracing::error!("the watch's memory could not be read");
    }
    watch.ties_are(standing.ties);
    Ok(watch)
}

/// One entry for one incident; the feed tells the EHR.
fn take_down<A: Act>(tx: &Tx<'_>, permit: &Permit<'_, A>, incident: &Incident) -> Result<(), Problem> {
    let patient = match &incident.patient {
        Some(tag) => tx.watched_patient(permit, tag.as_bytes())?,
        None => None,
    };
    record(tx, Action::Incident, Outcome::Allowed, Subject { patient, detail: Some(said(incident)), ..Subject::default() })?;
    Ok(())
}

/// INVARIANT: codes and numbers.
fn said(incident: &Incident) -> String {
    let severity = match incident.severity {
        Severity::Notice => "notice",
        Severity::Warning => "warning",
        Severity::Alarm => "alarm",
    };
    let numbers = match incident.evidence {
        Evidence::Hour { charts, usual, limit } => format!(" charts {charts} usual {usual} limit {limit}"),
        Evidence::Shifts { looks, usual, limit, shifts } => format!(" looks {looks} usual {usual} limit {limit} shifts {shifts}"),
        Evidence::Surname { bearers, held } => format!(" bearers {bearers} held {held}"),
        Evidence::Plain {} => String::new(),
    };
    format!("{} {severity} number {}{numbers}", incident.kind.as_str(), incident.number)
}

/// The decision's own entry says allowed; this one says that nothing was shown all the same.
fn withhold<R>(tx: &Tx<'_>, patient: &PatientId, code: ErrorCode, why: watchful::Kind) -> Result<Result<R, Problem>, Problem> {
    let detail = Some(format!("{} {}", code.as_str(), why.as_str()));
    record(tx, Action::ReadChart, Outcome::Refused, Subject { patient: Some(patient.clone()), detail, ..Subject::default() })?;
    Ok(Err(code.into()))
}

/// An access that the watch could not judge: an incident, told like any other, and a mark for `doctor`.
fn unwatched(tx: &Tx<'_>, patient: &PatientId, problem: Problem, names: Names<'_>, origin: &Origin) -> Result<(), Problem> {
    let code = problem.code().as_str();
    tracing::error!(code, "an access was not watched");
    let when = origin.at.wall.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    if keys::replace_file(&names.standing.mark, when.as_bytes()).is_err() {
        tracing::error!("the mark of an access that was not watched could not be written");
    }
    let detail = Some(format!("watch_failed alarm {code}"));
    record(tx, Action::Incident, Outcome::Failed, Subject { patient: Some(patient.clone()), detail, ..Subject::default() })?;
    Ok(())
}
