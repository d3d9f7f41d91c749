//! The watch over who looks into which chart: told of every look before the chart is shown, kept in the same commit.
//!
//! ```text
//! decision ──> watch ──> Nothing ─────────> the chart
//!                   └──> StepUp, Suspend ─> committed: incidents, and an entry that the chart was withheld
//! ```
//!
//! Not known here, and therefore false: who lives at the user's address (no address of staff is held), and whether a namesake is
//! the same person (no birth date of staff is held). One's own record is told by surname and first name.
use access::{Act, DeskMemory, Gate, Permit, ReadChart, Refusal, Target, admit};
use audit::{Action, Origin, Outcome, Subject, record};
use chart::{Directory, Namesake, PatientIndex, PatientName};
use kernel::{ErrorCode, PatientId};
use keys::{KeyFile, Passphrase};
use vault::{Tx, VaultError, Watched};
use watchful::{Access, Assessment, Evidence, Incident, PatientTag, Response, Restored, Severity, Watch, WatchPolicy};

use crate::door::reauthenticate;
use crate::host::Host;
use crate::problem::Problem;
use crate::state::Open;

/// What the open desk knows of patients' and colleagues' names.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a> {
    pub(crate) index: &'a PatientIndex,
    pub(crate) directory: &'a Directory,
    pub(crate) key_file: &'a KeyFile,
    pub(crate) own: &'a str,
}

/// The names an open desk knows, while its vault is at work.
macro_rules! names {
    ($open:expr) => {
        $crate::watch::Names { index: &$open.index, directory: &$open.directory, key_file: &$open.key_file, own: &$open.person.name }
    };
}
pub(crate) use names;

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
    let user = open.user.clone();
    let names = names!(open);
    open.vault.transact(origin, |tx| {
        let permit = match admit::<ReadChart, _>(gate, tx, &user, target) {
            Ok(permit) => permit,
            Err(Refusal::BreakGlassRequired) => {
                match admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail("watch")) {
                    Ok(own) => note(tx, &own, patient, watchful::Act::Refused, names, origin),
                    Err(refusal) => unwatched(refusal.into()),
                }
                return Ok(Err(Problem::BreakGlassRequired));
            }
            Err(refusal) => return Err(refusal.into()),
        };
        let response = match observe(tx, &permit, patient, watchful::Act::Open, names, origin) {
            // INVARIANT: whatever ails the watch, emergency care is not held up.
            Err(problem) if permit.emergency() => {
                unwatched(problem);
                Response::Nothing
            }
            response => response?,
        };
        match response {
            Response::Nothing => read(tx, &permit).map(Ok),
            Response::StepUp { why } => withhold(tx, patient, ErrorCode::StepUpRequired, why),
            Response::SuspendElective { why, .. } => withhold(tx, patient, ErrorCode::AccessSuspended, why),
        }
    })?
}

/// Tells the watch of what is never held up: break-glass, a refusal, something written. Its troubles are logged and no more.
pub(crate) fn note<A: Act>(
    tx: &Tx<'_>,
    permit: &Permit<'_, A>,
    patient: &PatientId,
    act: watchful::Act,
    names: Names<'_>,
    origin: &Origin,
) {
    if let Err(problem) = observe(tx, permit, patient, act, names, origin) {
        unwatched(problem);
    }
}

/// Unlocking has just proved who this is; and what nothing came of is judged.
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
        let user = open.user.clone();
        open.vault.transact(origin, |tx| {
            let own = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail("watch"))?;
            let mut watch = kept(tx, &own)?;
            for incident in watch.look_back(&WatchPolicy::default(), &origin.at, &origin.boot_id) {
                take_down(tx, &own, &incident)?;
            }
            watch.stepped_up(&origin.at, &origin.boot_id);
            tx.keep_watch(&own, &watch.to_bytes())?;
            if by == Action::StepUp {
                record(tx, by, Outcome::Allowed, Subject::default())?;
            }
            Ok(())
        })
    })
}

fn observe<A: Act>(
    tx: &Tx<'_>,
    permit: &Permit<'_, A>,
    patient: &PatientId,
    act: watchful::Act,
    names: Names<'_>,
    origin: &Origin,
) -> Result<Response, Problem> {
    let access = facts(&tx.watched(permit, patient)?, patient, act, names);
    let mut watch = kept(tx, permit)?;
    let Assessment { incidents, response } = watch.observe(&WatchPolicy::default(), &access, &origin.at, &origin.boot_id);
    tx.keep_watch(permit, &watch.to_bytes())?;
    for incident in &incidents {
        take_down(tx, permit, incident)?;
    }
    Ok(response)
}

fn facts(watched: &Watched, patient: &PatientId, act: watchful::Act, names: Names<'_>) -> Access {
    let Names { index, directory, key_file, own } = names;
    let name = index.name_of(patient);
    let namesake = |staff: &str| name.as_ref().map_or(Namesake::No, |name: &PatientName| name.namesake(staff));
    let own = namesake(own);
    // Who is tied to the user by work gives no cue, so that only a stranger is held against everybody who works here.
    let stranger = !watched.related;
    let works_here = || {
        let enrolled = key_file.users().iter().any(|user| namesake(user.display_name()) == Namesake::Both);
        enrolled || directory.practitioner_names().any(|staff| namesake(staff) == Namesake::Both)
    };
    let same_surname = own >= Namesake::Surname;
    Access {
        patient: PatientTag::new(watched.tag),
        act,
        related: watched.related,
        emergency: watched.emergency,
        restricted: watched.restricted,
        own_record: own == Namesake::Both,
        colleague: stranger && own != Namesake::Both && works_here(),
        same_address: false,
        same_surname,
        surname_bearers: name.as_ref().filter(|_| stranger && same_surname).map_or(0, |name| index.surname_bearers(name)),
        patients_held: u32::try_from(index.len()).unwrap_or(u32::MAX),
    }
}

/// What does not open is not forgotten silently: the watch begins anew and says so.
fn kept<A: Act>(tx: &Tx<'_>, permit: &Permit<'_, A>) -> Result<Watch, Problem> {
    let user = &permit.actor().user;
    let (watch, restored) = match tx.watch(permit) {
        Ok(None) => return Ok(Watch::new(user.clone())),
        Ok(Some(bytes)) => Watch::restore(&bytes, user),
        Err(VaultError::Seal) => Watch::restore(&[], user),
        Err(error) => return Err(error.into()),
    };
    if restored == Restored::Distrusted {
        tracing::error!("the watch's memory could not be read");
    }
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

fn unwatched(problem: Problem) {
    tracing::error!(code = problem.code().as_str(), "an access was not watched");
}
