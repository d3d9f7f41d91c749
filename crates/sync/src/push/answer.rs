//! What the EHR's answer to an entry means.
use fhir::{Json, Limits, equal_apart_from_server_meta};
use kernel::{Phi, VersionId};

use super::{Item, Phase, Push};
use crate::event::{Failure, Found, Instruction, Now, Put};
use crate::outbox::{EntryId, EntryState, Outgoing, Rejection, Settlement};
use crate::record::Incoming;

impl Push {
    /// It is on disk that the EHR may hold the entry: it is sent, unless the EHR has meanwhile gone out of reach.
    pub(crate) fn marked(&mut self, entry: EntryId, reachable: bool, now: Now) -> Option<Instruction> {
        let item = self.entries.get_mut(&entry).filter(|item| matches!(item.phase, Phase::Marking))?;
        if !reachable {
            return Some(item.postpone(now, None));
        }
        item.out.state = EntryState::Attempted;
        item.phase = Phase::Putting;
        Some(Instruction::Put(item.out.clone()))
    }

    pub(crate) fn put_answered(&mut self, entry: EntryId, answer: Result<Put, Failure>, now: Now) -> Option<Instruction> {
        let item = self.entries.get_mut(&entry).filter(|item| matches!(item.phase, Phase::Putting))?;
        Some(match answer {
            Ok(Put::Taken { version, record }) => item.settle(Settlement::Acknowledged { version, record }),
            Ok(Put::PreconditionFailed) => {
                item.phase = Phase::Looking;
                Instruction::Look(item.out.clone())
            }
            Ok(Put::Refused(reason)) => item.settle(Settlement::Rejected(reason)),
            Err(failure) => item.failed(failure, now),
        })
    }

    pub(crate) fn looked(&mut self, entry: EntryId, answer: Result<Found, Failure>, now: Now) -> Option<Instruction> {
        let item = self.entries.get_mut(&entry).filter(|item| matches!(item.phase, Phase::Looking))?;
        let is_create = item.out.base_version.is_none();
        Some(match answer {
            Ok(Found::Record(theirs)) => match holds(&theirs, &item.out) {
                Some(version) => item.settle(Settlement::Acknowledged { version, record: theirs }),
                None => {
                    let recall = Instruction::Recall(item.out.clone());
                    item.phase = Phase::Recalling(theirs);
                    recall
                }
            },
            // Refused as existing and yet not there: not again at once.
            Ok(Found::Nothing) if is_create && std::mem::replace(&mut item.sought, true) => {
                item.sought = false;
                item.postpone(now, None)
            }
            Ok(Found::Nothing) if is_create => {
                item.phase = Phase::Marking;
                Instruction::MarkSending(item.out.entry)
            }
            Ok(Found::Gone) if is_create => item.settle(Settlement::Rejected(Rejection::Gone)),
            Ok(Found::Nothing | Found::Gone) => item.settle(Settlement::Conflict(None)),
            Err(failure) => item.failed(failure, now),
        })
    }

    pub(crate) fn recalled(&mut self, entry: EntryId, answer: Result<Vec<Incoming>, Failure>, now: Now) -> Option<Instruction> {
        let item = self.entries.get_mut(&entry)?;
        let Phase::Recalling(theirs) = &item.phase else { return None };
        let versions = match answer {
            Ok(versions) => versions,
            // An EHR without histories cannot tell: a person must.
            Err(Failure::NotFound | Failure::Forbidden | Failure::Refused | Failure::BadAnswer | Failure::TooLarge) => Vec::new(),
            Err(failure) => return Some(item.failed(failure, now)),
        };
        // Only what came after the edited version can be this entry: an older version may hold the same content.
        let since_base = versions.iter().take_while(|version| version.version != item.out.base_version || version.version.is_none());
        let ours = since_base.filter_map(|version| holds(version, &item.out)).next();
        let record = theirs.clone();
        Some(match ours {
            Some(version) => item.settle(Settlement::Acknowledged { version, record }),
            None => item.settle(Settlement::Conflict(Some(record))),
        })
    }

    /// The access token the entry was last sent with.
    pub(crate) fn generation(&self, entry: EntryId) -> Option<u32> {
        self.entries.get(&entry).map(|item| item.generation)
    }
}

impl Item {
    fn failed(&mut self, failure: Failure, now: Now) -> Instruction {
        match failure {
            Failure::Forbidden => self.settle(Settlement::Rejected(Rejection::Forbidden)),
            Failure::NotFound => self.settle(Settlement::Rejected(Rejection::Gone)),
            Failure::Refused => self.settle(Settlement::Rejected(Rejection::Other)),
            Failure::Busy { retry_after } => self.postpone(now, retry_after),
            Failure::Unauthorised | Failure::Unreachable | Failure::Interrupted | Failure::TooLarge | Failure::BadAnswer => {
                self.postpone(now, None)
            }
        }
    }
}

/// The version under which `theirs` is exactly our entry's content; `None` if it is another, or has no version to build on.
fn holds(theirs: &Incoming, ours: &Outgoing) -> Option<VersionId> {
    // EXPOSE: compared, not kept.
    let json = |body: &Phi<Box<str>>| Json::parse(body.expose().as_bytes(), &Limits::RESOURCE).ok();
    let (theirs_json, ours_json) = (json(&theirs.body)?, json(&ours.body)?);
    if equal_apart_from_server_meta(&theirs_json, &ours_json) { theirs.version.clone() } else { None }
}
