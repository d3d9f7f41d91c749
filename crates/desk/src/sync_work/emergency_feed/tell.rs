//! One emergency access at the EHR: told there as a Task, and looked at for its reviewer's judgement.
use std::sync::Arc;

use kernel::{Phi, RecordId, ResourceType, VersionId};
use remote::FhirClient;
use serde_json::Value;
use sync::{EntryId, EntryState, Failure, Found, Outgoing, Put};
use watchful::Verdict;

use crate::emergency::{self, Access, Reporter, report, with_end};

/// Tells the EHR. Looked up first, so that what was sent before and never acknowledged is not sent over a judgement.
pub(super) async fn tell(client: &FhirClient, access: &Access, by: &Reporter) -> Result<(), Failure> {
    let mut out = outgoing(access, report(access, by))?;
    if let Found::Record(held) = client.look(&out).await? {
        let Some(ended) = access.ended else { return Ok(()) };
        // EXPOSE: the EHR's own Task, with the end added, goes back to the EHR.
        let task: Value = serde_json::from_str(held.body.expose()).map_err(|_| Failure::BadAnswer)?;
        let Some(task) = with_end(task, ended) else { return Ok(()) };
        out = Outgoing { base_version: held.version, ..outgoing(access, task)? };
    }
    match client.put(&out).await? {
        Put::Taken { .. } => Ok(()),
        // Someone reviewed it in between: the next look sees that.
        Put::PreconditionFailed => Err(Failure::Interrupted),
        Put::Refused(_) => Err(Failure::Refused),
    }
}

/// What the privacy officer found, once the review is closed.
pub(super) async fn found(client: &FhirClient, access: &Access) -> Result<Option<Verdict>, Failure> {
    let Found::Record(held) = client.look(&outgoing(access, Value::Null)?).await? else { return Ok(None) };
    // EXPOSE: read for the judgement on one's own access.
    let task: Value = serde_json::from_str(held.body.expose()).map_err(|_| Failure::BadAnswer)?;
    Ok(emergency::verdict(&task))
}

fn outgoing(access: &Access, task: Value) -> Result<Outgoing, Failure> {
    task_to_send(&access.grant.grant.to_string(), None, &task).ok_or(Failure::BadAnswer)
}

/// A Task as the client puts it; `None` for an id that is none.
pub(crate) fn task_to_send(id: &str, base_version: Option<VersionId>, task: &Value) -> Option<Outgoing> {
    Some(Outgoing {
        entry: EntryId(0),
        kind: ResourceType::new("Task").ok()?,
        id: RecordId::new(id).ok()?,
        base_version,
        patient: None,
        body: Arc::new(Phi::new(task.to_string().into())),
        state: EntryState::Attempted,
    })
}
