//! An open desk whose secret a token keeps is open no longer than the token is there.
use std::sync::Arc;
use std::time::Duration;

use keys::SecretName;
use tokio_util::sync::CancellationToken;

use crate::host::Host;
use crate::state::Desk;
use crate::token::TokenWork;
use crate::token::uses::NoUse;

/// How often the token is looked for.
const EVERY: Duration = Duration::from_millis(1500);

/// Looks for the token until the desk locks, and locks it when the token is gone. What was noted at the door meanwhile goes into the
/// chain. Does nothing where a keyring keeps the secret.
pub(crate) fn watch(host: &Arc<Host>) {
    let (store, ends) = {
        let desk = host.desk();
        let Desk::Open(open) = &*desk else { return };
        let Some(token) = &open.site.token else { return };
        let (site, device) = (open.key_file.site(), open.key_file.device());
        (host.token_store(token, (site, device), SecretName::Device, &TokenWork::unattended(), Arc::new(NoUse)), open.ends.child_token())
    };
    let (host, store) = (Arc::clone(host), Arc::new(store));
    host.runtime().clone().spawn(async move {
        loop {
            let (looking, asked, until) = (Arc::clone(&host), Arc::clone(&store), ends.clone());
            let looked = tokio::task::spawn_blocking(move || look(&looking, asked.token_present(), &until)).await;
            if looked.is_err() {
                // Whoever cannot be asked is not there.
                host.token_removed();
            }
            tokio::select! {
                () = ends.cancelled() => break,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    });
}

/// The token may have taken its time: by now the desk may be another's.
fn look(host: &Host, is_there: bool, ends: &CancellationToken) {
    if ends.is_cancelled() {
        return;
    }
    if is_there {
        host.absorb_door();
    } else {
        host.token_removed();
    }
}

impl Host {
    /// Takes what was noted at the door into the chain of the open desk. What cannot be taken now stays at the door.
    fn absorb_door(&self) {
        let mut desk = self.desk();
        let Desk::Open(open) = &mut *desk else { return };
        let origin = self.origin(Some(open.actor()), &open.site);
        if let Err(error) = open.vault.absorb_door(&origin) {
            tracing::warn!(%error, "the door's log waits for the next unlock");
        }
    }
}
