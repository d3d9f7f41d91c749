//! The keys that whoever is working unlocks with.
use access::{DeskMemory, Target, admit};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::records::{self, Record};
use crate::host::Host;
use crate::problem::Problem;
use crate::view::SecurityKeyView;

/// One's own security keys, in the order of enrolment.
///
/// # Errors
/// [`Problem::Locked`].
pub fn security_keys(host: &Host) -> Result<Vec<SecurityKeyView>, Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        let kept = open.vault.transact(origin, |tx| {
            let own = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail("security keys"))?;
            records::kept(tx, &own)
        })?;
        Ok(open.key_file.security_keys(&user.user).map(|(id, _)| view(id, &kept)).collect())
    })
}

/// A key whose record is lost is listed all the same, without a name: it unlocks, and can be removed.
fn view(id: &[u8], kept: &[Record]) -> SecurityKeyView {
    let record = kept.iter().find(|record| record.credential.id() == id);
    SecurityKeyView {
        id: URL_SAFE_NO_PAD.encode(id),
        name: record.map(|record| record.name.clone()).unwrap_or_default(),
        enrolled_at: record.map(|record| record.enrolled_at.clone()).unwrap_or_default(),
    }
}
