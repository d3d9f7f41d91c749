//! What one clinician has to report and to ask for, and what came of it, in that clinician's own book.
use access::{DeskMemory, GrantNumber, Target, admit};
use chrono::TimeDelta;
use kernel::GrantId;
use watchful::Verdict;

use super::LATER;
use crate::emergency::{self, Access, Reporter, Told};
use crate::host::Host;
use crate::problem::Problem;

/// What is to be done now.
pub(super) struct Todo {
    pub waiting: Vec<Access>,
    /// Reported, and not known to have been judged.
    pub in_review: Vec<Access>,
    pub wanted: Option<u32>,
    pub unused: Vec<GrantNumber>,
    pub reporter: Reporter,
}

/// `None` without an entry while nothing is due.
pub(super) fn what_is_due(host: &Host) -> Result<Option<Todo>, Problem> {
    if !host.work(|open, _, origin| Ok(open.glass.is_due(origin.at.wall)))? {
        return Ok(None);
    }
    emergency::settle_lapsed(host)?;
    let workstation = host.workstation().to_owned();
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        let book = open.vault.transact(origin, |tx| {
            let own = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail("emergency accesses to report"))?;
            emergency::kept_or_new(tx, &own)
        })?;
        let now = origin.at.wall;
        // Set at once: what changes while this is being done makes it due again.
        open.glass.rest_until(now + LATER);
        Ok(Some(Todo {
            waiting: book.accesses.iter().filter(|access| access.waits()).cloned().collect(),
            in_review: book.accesses.iter().filter(|access| access.told == Told::Ended && access.verdict.is_none()).cloned().collect(),
            wanted: book.stock.wants(now),
            unused: book.stock.unused(now).cloned().collect(),
            reporter: Reporter {
                practitioner: open.person.practitioner.clone(),
                name: open.person.name.clone(),
                device: open.key_file.device().clone(),
                workstation,
            },
        }))
    })
}

/// The EHR has acknowledged an access as it stood when it was sent; it may have ended since.
pub(super) fn told(host: &Host, sent: &Access) -> Result<(), Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        let grant: GrantId = sent.grant.grant;
        open.vault.transact(origin, |tx| {
            let own = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail(format!("reported {grant}")))?;
            let mut book = emergency::kept_or_new(tx, &own)?;
            for access in book.accesses.iter_mut().filter(|access| access.grant.grant == grant && access.told != Told::Ended) {
                access.acknowledged(sent.ended.is_some());
            }
            emergency::keep(tx, &own, &book)
        })?;
        open.glass.reported.insert(grant);
        Ok(())
    })?;
    host.notices.chart_changed(&sent.grant.patient);
    Ok(())
}

/// The watch learns what the review found, once.
pub(crate) fn reviewed(host: &Host, access: &Access, verdict: Verdict) -> Result<(), Problem> {
    host.work(|open, gate, origin| {
        let (user, grant) = (open.user.clone(), access.grant.grant);
        let standing = &open.watch;
        open.vault.transact(origin, |tx| {
            let own = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail(format!("reviewed {grant}")))?;
            let mut book = emergency::kept_or_new(tx, &own)?;
            for known in book.accesses.iter_mut().filter(|known| known.grant.grant == grant) {
                known.verdict = Some(verdict);
            }
            emergency::keep(tx, &own, &book)?;
            crate::watch::reviewed(tx, &own, &access.grant.patient, verdict, standing)
        })
    })
}

/// Changes the numbers in stock.
pub(crate) fn stock(host: &Host, change: impl FnOnce(&mut access::Stock, chrono::DateTime<chrono::Utc>)) -> Result<(), Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        open.vault.transact(origin, |tx| {
            let own = admit::<DeskMemory, _>(gate, tx, &user, Target::workstation().detail("grant numbers"))?;
            let mut book = emergency::kept_or_new(tx, &own)?;
            change(&mut book.stock, origin.at.wall);
            emergency::keep(tx, &own, &book)
        })
    })
}

/// Unless something was begun or ended meanwhile.
pub(super) fn rest_for(host: &Host, rest: TimeDelta) -> Result<(), Problem> {
    host.work(|open, _, origin| {
        if !open.glass.is_due(origin.at.wall) {
            open.glass.rest_until(origin.at.wall + rest);
        }
        Ok(())
    })
}
