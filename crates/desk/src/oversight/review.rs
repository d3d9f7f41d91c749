//! The privacy officer's queue of emergency accesses. It stands on the EHR; here nothing of it is kept.
use std::sync::Arc;
use std::time::Duration;

use access::{ReviewBreakGlass, Target, admit};
use chrono::{DateTime, Utc};
use kernel::{ErrorCode, PatientId, Phi, VersionId};
use remote::FhirClient;
use serde_json::Value;
use sync::{Address, Failure, Found, Page, Put};

use crate::emergency::{Judgement, QUERY, Reviewer, closed, judged, review_row};
use crate::host::Host;
use crate::problem::Problem;
use crate::sync_work::{renewing, task_to_send};
use crate::view::{JudgeReview, ReviewQuery, ReviewQueue, ReviewRow};

/// Reports on a page.
const PAGE: u32 = 50;
/// How long renewing the sign-in's token may take.
const RENEWAL: Duration = Duration::from_secs(10);
/// Characters of a note.
const MOST_NOTE: usize = 4096;

/// Emergency accesses, newest first, a page at a time.
///
/// # Errors
/// [`Problem::Forbidden`] but for reviewers; [`ErrorCode::EhrUnreachable`] without a network, for the queue is the EHR's;
/// [`ErrorCode::SignInNeeded`], [`ErrorCode::EhrRefused`], [`ErrorCode::EhrBadAnswer`].
pub async fn review_queue(host: &Arc<Host>, query: ReviewQuery) -> Result<ReviewQueue, Problem> {
    let (client, _) = admitted(host, "list".to_owned()).await?;
    let status = if query.closed { "" } else { "&status=requested,in-progress" };
    let address = query.next.map_or_else(
        || Address::Query(Phi::new(format!("{QUERY}{status}&_sort=-authored-on&_count={PAGE}").into())),
        |next| Address::Next(Phi::new(next.into())),
    );
    let page = page(host, &client, address).await?;
    let unreadable = page.unreadable.len();
    let mut rows: Vec<ReviewRow> = page.records.iter().filter_map(row_of).collect();
    let unreadable = unreadable + page.records.len() - rows.len();
    name_patients(host, &mut rows)?;
    Ok(ReviewQueue {
        rows,
        unreadable: u32::try_from(unreadable).unwrap_or(u32::MAX),
        // EXPOSE: the EHR's own link, which comes back here and goes nowhere else.
        next: page.next.map(|next| next.expose().to_string()),
    })
}

/// Judges one, on the version that was shown. A judgement may be changed until the review is closed.
///
/// # Errors
/// As [`review_queue`]; [`ErrorCode::ReviewChanged`] if someone else was faster or it is closed; [`ErrorCode::InvalidRequest`]
/// without a note.
pub async fn judge_review(host: &Arc<Host>, request: JudgeReview) -> Result<ReviewRow, Problem> {
    let judgement = Judgement::from_code(&request.judgement).ok_or(ErrorCode::InvalidRequest)?;
    let note = request.note.trim().to_owned();
    if note.is_empty() || note.chars().count() > MOST_NOTE {
        return Err(ErrorCode::InvalidRequest.into());
    }
    let said = format!("judge {} {}", id(&request.task)?, judgement.code());
    change(host, &request.task, &request.version, said, move |task, by, now| judged(task, judgement, &note, by, now)).await
}

/// Closes one that was judged.
///
/// # Errors
/// As [`judge_review`]; [`ErrorCode::ReviewChanged`] too unless it was judged.
pub async fn close_review(host: &Arc<Host>, task: &str, version: &str) -> Result<ReviewRow, Problem> {
    let said = format!("close {}", id(task)?);
    let row = change(host, task, version, said, |task, _, now| closed(task, now)).await?;
    host.work(|open, _, _| {
        open.glass.reviews = open.glass.reviews.map(|reviews| reviews.saturating_sub(1));
        Ok(())
    })?;
    if let Ok(view) = crate::sync_work::sync_status(host) {
        host.notices.sync(&view);
    }
    Ok(row)
}

/// Reads the Task anew, changes it if it is as shown, and puts it under that very version.
async fn change(
    host: &Arc<Host>,
    task: &str,
    version: &str,
    said: String,
    change: impl FnOnce(Value, &Reviewer, DateTime<Utc>) -> Option<Value>,
) -> Result<ReviewRow, Problem> {
    // INVARIANT: the entry is durable before the EHR hears of it.
    let (client, by) = admitted(host, said.clone()).await?;
    let shown = VersionId::new(version);
    let wanted = task_to_send(task, None, &Value::Null).ok_or(ErrorCode::InvalidRequest)?;
    let look = |client: FhirClient| {
        let wanted = wanted.clone();
        async move { client.look(&wanted).await }
    };
    let Found::Record(held) = asked(host, &client, look).await? else {
        return Err(ErrorCode::ReviewChanged.into());
    };
    if held.version.as_ref() != Some(&shown) {
        return Err(ErrorCode::ReviewChanged.into());
    }
    // EXPOSE: the EHR's own Task, changed for its reviewer, goes back to the EHR.
    let before: Value = serde_json::from_str(held.body.expose()).map_err(|_| ErrorCode::EhrBadAnswer)?;
    let after = change(before, &by, host.now().wall).ok_or(ErrorCode::ReviewChanged)?;
    let out = task_to_send(task, Some(shown), &after).ok_or(ErrorCode::InvalidRequest)?;
    let put = |client: FhirClient| {
        let out = out.clone();
        async move { client.put(&out).await }
    };
    match asked(host, &client, put).await? {
        Put::Taken { version, record } => {
            admitted(host, format!("{said}: taken")).await?;
            let record = sync::Incoming { version: Some(version), ..record };
            let mut rows: Vec<_> = row_of(&record).into_iter().collect();
            name_patients(host, &mut rows)?;
            rows.pop().ok_or_else(|| ErrorCode::EhrBadAnswer.into())
        }
        Put::PreconditionFailed => Err(ErrorCode::ReviewChanged.into()),
        Put::Refused(_) => Err(ErrorCode::EhrRefused.into()),
    }
}

/// Decides and takes down; the client to ask with, and who asks.
pub(super) async fn admitted(host: &Arc<Host>, said: String) -> Result<(FhirClient, Reviewer), Problem> {
    let host = Arc::clone(host);
    let admitted = tokio::task::spawn_blocking(move || {
        host.work(|open, gate, origin| {
            let user = open.user.clone();
            let target = Target::workstation().detail(said);
            open.vault.transact(origin, |tx| admit::<ReviewBreakGlass, _>(gate, tx, &user, target).map(drop).map_err(Problem::from))?;
            let client = open.sync.as_ref().map(|running| running.client.clone()).ok_or(ErrorCode::SignInNeeded)?;
            Ok((client, Reviewer { practitioner: open.person.practitioner.clone(), name: open.person.name.clone() }))
        })
    });
    admitted.await.map_err(|_| Problem::Locked)?
}

pub(super) async fn page(host: &Host, client: &FhirClient, address: Address) -> Result<Page, Problem> {
    let page = |client: FhirClient| {
        let address = address.clone();
        async move { client.page(&address).await }
    };
    asked(host, client, page).await
}

/// Asks the EHR; once more after the drive has renewed a token that ran out meanwhile.
pub(super) async fn asked<R, F: Future<Output = Result<R, Failure>>>(
    host: &Host,
    client: &FhirClient,
    ask: impl Fn(FhirClient) -> F,
) -> Result<R, Problem> {
    let replaced = client.session().replaced();
    let mut answer = ask(client.clone()).await;
    if matches!(answer, Err(Failure::Unauthorised)) {
        renewing(host);
        let renewed = async {
            while client.session().replaced() == replaced {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        if tokio::time::timeout(RENEWAL, renewed).await.is_ok() {
            answer = ask(client.clone()).await;
        }
    }
    answer.map_err(|failure| {
        let code = match failure {
            Failure::Unreachable | Failure::Interrupted | Failure::Busy { .. } => ErrorCode::EhrUnreachable,
            Failure::Unauthorised => ErrorCode::SignInNeeded,
            Failure::Forbidden | Failure::NotFound | Failure::Refused => ErrorCode::EhrRefused,
            Failure::TooLarge | Failure::BadAnswer => ErrorCode::EhrBadAnswer,
        };
        code.into()
    })
}

pub(super) fn row_of(record: &sync::Incoming) -> Option<ReviewRow> {
    // EXPOSE: read for the reviewer who asked.
    let task: Value = serde_json::from_str(record.body.expose()).ok()?;
    review_row(&task, record.version.as_ref()?.as_str())
}

/// Names stand where this workstation knows the patient.
fn name_patients(host: &Host, rows: &mut [ReviewRow]) -> Result<(), Problem> {
    host.work(|open, _, origin| {
        let today = origin.at.wall.with_timezone(&chrono::Local).fixed_offset();
        for row in rows {
            let patient = PatientId::new(&row.patient).ok();
            row.patient_name = patient.and_then(|patient| open.index.row(&patient, today)).map(|known| known.name);
        }
        Ok(())
    })
}

/// An id that may stand in an audit entry.
fn id(task: &str) -> Result<kernel::RecordId, Problem> {
    kernel::RecordId::new(task).map_err(|_| ErrorCode::InvalidRequest.into())
}
