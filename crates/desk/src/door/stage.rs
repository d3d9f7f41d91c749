//! Where the program stands.
use crate::host::Host;
use crate::problem::Problem;
use crate::state::{Desk, Open, softlock};
use crate::token;
use crate::view::{DeskView, EnrolledUser, Stage};

/// Where the program stands.
///
/// # Errors
/// [`Problem`].
pub fn stage(host: &Host) -> Result<Stage, Problem> {
    host.lock_if_due(None);
    let mut desk = host.desk();
    if matches!(&*desk, Desk::Closed(_)) {
        *desk = Desk::found(&host.profile).unwrap_or_else(Desk::Closed);
    }
    match &mut *desk {
        Desk::FirstRun => Ok(Stage::FirstRun { suggested_ehr: host.policy().ehr().value.clone(), token: token::of_first_run(host) }),
        Desk::Moving => Err(Problem::Locked),
        Desk::Closed(problem) => Err(*problem),
        Desk::Locked(locked) => {
            let now = host.now();
            let softlock = softlock(locked.vault.files(), &now, host.boot_id());
            let left =
                locked.key_file.users().iter().map(|user| softlock.seconds_left(user.user(), &now, host.boot_id())).min().unwrap_or(0);
            let users = locked.key_file.users().iter().map(|user| EnrolledUser {
                user: user.user().to_string(),
                name: user.display_name().to_owned(),
                role: user.role().to_owned(),
                disabled: user.is_disabled(),
                security_key: user.needs_security_key(),
            });
            Ok(Stage::Locked {
                users: users.collect(),
                retry_after_seconds: u32::try_from(left).ok().filter(|left| *left > 0),
                reason: Some(locked.reason),
                ehr: locked.site.name.clone(),
                token: token::of_site(&locked.site),
            })
        }
        Desk::Open(open) => Ok(Stage::Open { desk: Box::new(desk_view(host, open)?) }),
    }
}

/// The open desk as the window shows it.
///
/// # Errors
/// [`Problem`].
pub fn desk_view(host: &Host, open: &mut Open) -> Result<DeskView, Problem> {
    let origin = host.origin(Some(open.actor()), &open.site);
    let memory = crate::memory::recall(open, &host.gate, &origin)?;
    Ok(DeskView {
        user: EnrolledUser { security_key: open.check.is_some(), ..open.person.view() },
        may: open.user.reads().chain(open.user.writes()).map(str::to_owned).collect(),
        memory,
        sync: crate::sync_work::standing(open, &origin)?,
        idle_limit_seconds: u32::try_from(host.idle_policy().limit_seconds()).unwrap_or(900),
        lease_until: open.lease_until(&origin),
        workstation: host.workstation().to_owned(),
        token: token::of_site(&open.site),
    })
}
