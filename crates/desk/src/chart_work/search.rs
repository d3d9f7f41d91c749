//! Finding a patient, as you type.
use access::{Search, Target, admit};

use crate::host::Host;
use crate::problem::Problem;
use crate::view::SearchView;

/// Searches the patients this workstation knows, by name, birth date or identifier, in any order, with typing slips.
///
/// # Errors
/// [`Problem::Forbidden`] for roles that see no patients.
pub fn search_patients(host: &Host, query: &str) -> Result<SearchView, Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        let today = origin.at.wall.with_timezone(&chrono::Local).fixed_offset();
        let found = open.index.search(query, today);
        let total = found.total;
        // The entry says that and how many were found, not what was typed: a query is a name.
        open.vault.transact(origin, |tx| {
            admit::<Search, _>(gate, tx, &user, Target::workstation().detail(format!("{total} found")))?;
            Ok::<_, Problem>(())
        })?;
        let searched = u32::try_from(open.index.len()).unwrap_or(u32::MAX);
        Ok(SearchView { rows: found.rows, total, searched })
    })
}
