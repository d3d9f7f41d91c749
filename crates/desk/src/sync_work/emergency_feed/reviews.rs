//! For whoever reviews emergency accesses: how many wait.
use std::sync::Arc;

use access::{ReviewBreakGlass, Target, admit};
use kernel::Phi;
use remote::FhirClient;
use sync::Address;

use super::in_background;
use crate::emergency::QUERY;
use crate::host::Host;
use crate::problem::Problem;

/// How many emergency accesses wait for a review. Only a number comes, and only to those who may review.
pub(super) async fn count_reviews(host: &Arc<Host>, client: &FhirClient) -> Result<(), Problem> {
    let reviews = in_background(host, |host| {
        host.work(|open, gate, origin| {
            if !open.user.writes().any(|area| area == "break_glass_reviews") {
                return Ok(false);
            }
            let user = open.user.clone();
            let target = Target::workstation().detail("count");
            open.vault.transact(origin, |tx| admit::<ReviewBreakGlass, _>(gate, tx, &user, target).map(drop).map_err(Problem::from))?;
            Ok(true)
        })
    });
    if !reviews.await? {
        return Ok(());
    }
    let query = format!("{QUERY}&status=requested,in-progress&_summary=count");
    let counted = client.page(&Address::Query(Phi::new(query.into()))).await;
    // A role that may read the chain but no Tasks has no queue.
    let open_reviews = counted.ok().and_then(|page| page.total).map(|total| u32::try_from(total).unwrap_or(u32::MAX));
    in_background(host, move |host| {
        let changed = host.work(|open, _, _| Ok(std::mem::replace(&mut open.glass.reviews, open_reviews) != open_reviews))?;
        if changed && let Ok(view) = crate::sync_work::sync_status(host) {
            host.notices.sync(&view);
        }
        Ok(())
    })
    .await
}
