//! A new generation of the vault's keys: begun on schedule, on a clinician's removal, or when asked; carried on beside the work.
use std::sync::Arc;
use std::time::{Duration, Instant};

use access::{Gate, RotateKeys, Target, admit};
use audit::Origin;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use kernel::ErrorCode;
use keys::{FindSecret, KeyFile, Passphrase, SecretName, StoreError, WorkstationSecrets};
use tokio_util::sync::CancellationToken;
use vault::{Resealed, VaultError};

use super::renewal;
use crate::host::Host;
use crate::problem::Problem;
use crate::security_key::key_operation;
use crate::state::{Desk, Open};
use crate::token::{TokenWork, keyring_problem};
use crate::view::{KeyStatusView, RotationView};

/// A step takes no longer than a keystroke may wait.
const STEP: Duration = Duration::from_millis(30);
const PAUSE: Duration = Duration::from_millis(20);

/// Whether a generation has served its time. One of a vault of the first form has no secret of its own, and goes at once.
pub(super) fn is_due(made_at: Option<i64>, days: i64, now: DateTime<Utc>) -> bool {
    ends(made_at, days).is_none_or(|ends| now >= ends)
}

fn ends(made_at: Option<i64>, days: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(made_at?, 0)?.checked_add_signed(TimeDelta::try_days(days)?)
}

/// Where the keys stand.
///
/// # Errors
/// [`Problem::Locked`].
pub fn key_status(host: &Host) -> Result<KeyStatusView, Problem> {
    host.work(|open, gate, origin| {
        let rotation = if open.vault.keys().is_rotating() { Some(progress(open, gate, origin)?) } else { None };
        let paused = open.rotation.as_ref().is_none_or(CancellationToken::is_cancelled);
        let enrolled = open.key_file.users().iter().find(|enrolled| *enrolled.user() == open.user.user);
        let own_made_at = enrolled.and_then(keys::EnrolledUser::own_keys_made_at);
        let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
        Ok(KeyStatusView {
            generation: open.key_file.generation(),
            made_at: open.key_file.made_at().and_then(|at| DateTime::from_timestamp(at, 0)).map(time),
            due_at: ends(open.key_file.made_at(), host.generation_days()).map(time),
            own_due_at: ends(own_made_at, host.own_keys_days()).map(time),
            device_due_at: ends(open.key_file.device_secret_made_at(), host.device_secret_days()).map(time),
            awaited: u32::try_from(open.key_file.awaited().count()).unwrap_or(u32::MAX),
            rotation: rotation.map(|done| view(done, paused)),
            recovery: open.key_file.recovery().is_some(),
            locked_in_memory: open.vault.keys().are_locked_in_memory(),
        })
    })
}

/// Begins a rotation now, or resumes a paused one, which takes nothing.
///
/// # Errors
/// The keyring's or token's, the disk's; what a key operation takes. The former generation holds then.
pub fn rotate_keys(host: &Arc<Host>, passphrase: Option<&Passphrase>) -> Result<(), Problem> {
    // One that is under way asks nobody anything.
    if !host.work(|open, _, _| Ok(open.vault.keys().is_rotating()))? {
        let token_work = key_operation(host, passphrase, "Renews the keys of this workstation", None)?.token_work(host)?;
        host.work(|open, gate, origin| begin_generation(host, open, gate, origin, "asked", &token_work))?;
    }
    carry_on(host);
    Ok(())
}

/// Stops the carrying on, until it is asked for again or the desk is opened the next time. Everything opens meanwhile.
///
/// # Errors
/// [`Problem::Locked`].
pub fn pause_rotation(host: &Host) -> Result<(), Problem> {
    host.work(|open, gate, origin| {
        if let Some(running) = &open.rotation {
            running.cancel();
        }
        if open.vault.keys().is_rotating() {
            host.notices.rotation(Some(view(progress(open, gate, origin)?, true)));
        }
        Ok(())
    })
}

/// After an opening: deletes what a former rotation or renewal left in the keyring, and begins or carries on what is due. Nothing of it is in
/// the way of the work, so its problems are logged and tried again at the next opening. `token_work` is the opening's.
pub fn begin(host: &Arc<Host>, token_work: TokenWork) {
    let standing = host.work(|open, _, origin| {
        let why = if open.vault.is_generation_spent()? {
            Some("after what was taken away")
        } else {
            is_due(open.key_file.made_at(), host.generation_days(), origin.at.wall).then_some("due")
        };
        Ok((open.vault.keys().is_rotating(), why, open.key_file.clone()))
    });
    let Ok((is_rotating, why, file)) = standing else { return };
    if is_rotating {
        return carry_on(host);
    }
    // Both ask the keyring or token, which may take its time.
    let (host, token_work) = (Arc::clone(host), token_work.left_alone());
    let runtime = host.runtime().clone();
    runtime.spawn_blocking(move || {
        if let Err(error) = renewal::delete_spent(&host.secrets_of(&file, &token_work), &file) {
            tracing::warn!(%error, "the former device secret was not deleted");
        }
        let Some(why) = why else { return delete_former_or_warn(&host.secrets_of(&file, &token_work), &file) };
        let begun = host.work(|open, gate, origin| begin_generation(&host, open, gate, origin, why, &token_work));
        match begun {
            Ok(()) => carry_on(&host),
            Err(Problem::Locked) => {}
            Err(problem) => tracing::warn!(code = problem.code().as_str(), "rotation did not begin"),
        }
    });
}

/// Makes the next generation. Its secret is in the keyring before the key file names it, and its entry in the chain before both.
pub(super) fn begin_generation(
    host: &Host,
    open: &mut Open,
    gate: &Gate,
    origin: &Origin,
    why: &str,
    token_work: &TokenWork,
) -> Result<(), Problem> {
    if open.vault.keys().is_rotating() {
        return Ok(());
    }
    let user = open.user.clone();
    let next = open.key_file.generation().saturating_add(1);
    open.vault.transact(origin, |tx| {
        let detail = format!("generation {next} begins {why}");
        admit::<RotateKeys, _>(gate, tx, &user, Target::workstation().detail(detail))?;
        Ok::<_, Problem>(())
    })?;
    let find = host.secrets_of(&open.key_file, token_work);
    // INVARIANT: at most two generations' secrets are kept; the one before these two is forgotten by the key file's next change.
    // Where a token keeps it, the end of the former rotation had no PIN to have it deleted with.
    let deleted = delete_former(&find, &open.key_file);
    let workstation =
        deleted.and_then(|()| WorkstationSecrets::load(&open.key_file, &find)).and_then(|secrets| secrets.with_generation(next, &find));
    let workstation = workstation.map_err(keyring_problem)?;
    let at = origin.at.wall.timestamp();
    let (file, keys) = open.vault.keys().begin_generation(&open.key_file, &workstation, at).map_err(|_| ErrorCode::Internal)?;
    file.write(&open.vault.files().keys()).map_err(VaultError::from)?;
    open.vault.take_up(keys);
    open.key_file = file;
    Ok(())
}

/// Carries a rotation on beside the work, until it ends, is paused, or the desk locks.
pub(super) fn carry_on(host: &Arc<Host>) {
    let stops = {
        let mut desk = host.desk();
        let Desk::Open(open) = &mut *desk else { return };
        if open.rotation.as_ref().is_some_and(|running| !running.is_cancelled()) {
            return;
        }
        open.rotation.insert(open.ends.child_token()).clone()
    };
    let host = Arc::clone(host);
    host.runtime().clone().spawn(async move {
        while !stops.is_cancelled() {
            let stepping = Arc::clone(&host);
            let stepped = tokio::task::spawn_blocking(move || step(&stepping)).await;
            match stepped {
                Ok(Ok(true)) => tokio::time::sleep(PAUSE).await,
                Ok(Ok(false)) => break,
                Ok(Err(problem)) => {
                    tracing::warn!(code = problem.code().as_str(), "rotation stopped");
                    break;
                }
                Err(_) => break,
            }
        }
        stops.cancel();
    });
}

/// A few charts; `false` once the rotation has ended.
fn step(host: &Host) -> Result<bool, Problem> {
    let ended = host.work(|open, gate, origin| {
        if !open.vault.keys().is_rotating() {
            return Ok(None);
        }
        let user = open.user.clone();
        let (more, done) = open.vault.transact(origin, |tx| {
            let permit = admit::<RotateKeys, _>(gate, tx, &user, Target::workstation().detail("charts"))?;
            let began = Instant::now();
            let mut more = true;
            while more && began.elapsed() < STEP {
                more = tx.reseal_next(&permit)?;
            }
            Ok::<_, Problem>((more, tx.resealed(&permit)?))
        })?;
        host.notices.rotation(Some(view(done, false)));
        if more { Ok(Some(None)) } else { end_generation(open, gate, origin).map(|file| Some(Some(file))) }
    })?;
    match ended {
        Some(None) => Ok(true),
        Some(Some(file)) => {
            let unattended = TokenWork::unattended();
            delete_former_or_warn(&host.secrets_of(&file, &unattended), &file);
            let again = host.work(|open, gate, origin| {
                let again = open.vault.is_generation_spent()?;
                if again { begin_generation(host, open, gate, origin, "again", &unattended).map(|()| true) } else { Ok(false) }
            })?;
            if !again {
                host.notices.rotation(None);
            }
            Ok(again)
        }
        None => Ok(false),
    }
}

/// The database goes under the new key, what is sealed to the former door is taken in, the chain says so, and the key file names the
/// former generation no more.
fn end_generation(open: &mut Open, gate: &Gate, origin: &Origin) -> Result<KeyFile, Problem> {
    open.vault.rekey()?;
    open.vault.absorb_door(origin)?;
    let user = open.user.clone();
    let file = open.vault.keys().end_generation(&open.key_file).map_err(|_| ErrorCode::Internal)?;
    open.vault.transact(origin, |tx| {
        let detail = format!("generation {} in force", file.generation());
        admit::<RotateKeys, _>(gate, tx, &user, Target::workstation().detail(detail))?;
        Ok::<_, Problem>(())
    })?;
    file.write(&open.vault.files().keys()).map_err(VaultError::from)?;
    open.vault.step_over()?;
    open.key_file = file.clone();
    Ok(file)
}

/// From here on no older copy of the vault opens. What the keyring does not delete now it is asked to delete at the next opening; so is
/// a token, which wants its PIN for it.
fn delete_former_or_warn(find: FindSecret<'_>, file: &KeyFile) {
    match delete_former(find, file) {
        Ok(()) => {}
        Err(StoreError::PinNeeded) => tracing::info!("a former generation's key is deleted when the token's PIN is given next"),
        Err(error) => tracing::warn!(%error, "a former generation's secret was not deleted"),
    }
}

fn delete_former(find: FindSecret<'_>, file: &KeyFile) -> Result<(), StoreError> {
    let former = file.generation().checked_sub(1).filter(|former| *former > 0 && file.next_generation().is_none());
    former.map_or(Ok(()), |former| delete(find, SecretName::Generation(former)))
}

/// One that is gone already was to be deleted at a former opening.
pub(super) fn delete(find: FindSecret<'_>, name: SecretName) -> Result<(), StoreError> {
    match find(name).delete() {
        Err(StoreError::Emptied) => Ok(()),
        other => other,
    }
}

fn progress(open: &mut Open, gate: &Gate, origin: &Origin) -> Result<Resealed, Problem> {
    let user = open.user.clone();
    open.vault.transact(origin, |tx| {
        let permit = admit::<RotateKeys, _>(gate, tx, &user, Target::workstation().detail("progress"))?;
        Ok(tx.resealed(&permit)?)
    })
}

fn view(done: Resealed, paused: bool) -> RotationView {
    let count = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    RotationView { done: count(done.done), of: count(done.of), paused }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_generation_serves_its_days() {
        let made: DateTime<Utc> = "2026-03-01T08:00:00Z".parse().unwrap();
        let at = |days| made + TimeDelta::days(days);
        for days in [365, 30] {
            let is_due = |now| is_due(Some(made.timestamp()), days, at(now));
            assert!(!is_due(days - 1) && is_due(days), "{days}");
        }
        assert!(!is_due(Some(made.timestamp()), 365, at(-10)), "a clock that was set back brings nothing forward");
        assert!(is_due(None, 365, made), "a vault of the first form");
    }
}
