//! Unsigned work: sealed on disk with every save.
use access::{Permit, ReadChart, ReadOutbox, SignNote, WriteDraft};
use chrono::{DateTime, Utc};
use kernel::{DraftId, PatientId, Phi, UserId};
use keys::RecordContext;
use rusqlite::{OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::error::VaultError;
use crate::recovery::Unsent;
use crate::states::SealedState;
use crate::tx::Tx;

/// A draft's content.
#[derive(Clone, Serialize, Deserialize)]
pub struct DraftText {
    /// Text.
    pub text: Zeroizing<String>,
    /// Caret, UTF-16 units.
    pub caret: u32,
}

/// A draft.
pub struct Draft {
    /// Its id.
    pub draft: DraftId,
    /// The chart it belongs to.
    pub patient: PatientId,
    /// LOINC code of the note's type.
    pub note_type: String,
    /// Counts up with every save.
    pub revision: u32,
    /// When last saved.
    pub saved_at: DateTime<Utc>,
    /// Content.
    pub content: Phi<DraftText>,
}

/// Where a draft is.
pub struct UnsignedDraft {
    /// Its id.
    pub draft: DraftId,
    /// The chart it belongs to.
    pub patient: PatientId,
    /// LOINC code of the note's type.
    pub note_type: String,
    /// When last saved.
    pub saved_at: DateTime<Utc>,
}

struct Sealed {
    id: [u8; 16],
    patient: i64,
    note_type: String,
    revision: u32,
    saved_at: i64,
    body: Vec<u8>,
}

impl Sealed {
    fn state(&self) -> SealedState {
        state(self.patient, self.id, self.revision, self.body.clone())
    }
}

fn state(patient: i64, tag: [u8; 16], revision: u32, body: Vec<u8>) -> SealedState {
    SealedState { patient, kind: KIND.into(), tag, version: revision.to_string(), body }
}

const KIND: &str = "draft";
const COLUMNS: &str = "draft, patient, note_type, revision, saved_at, body";

impl Tx<'_> {
    /// Begins a draft in the permitted chart.
    ///
    /// # Errors
    /// [`VaultError::DraftConflict`] if there is a draft of this id, whose ever.
    pub fn begin_draft(
        &self,
        permit: &Permit<'_, WriteDraft>,
        draft: DraftId,
        note_type: &str,
        content: &Phi<DraftText>,
    ) -> Result<(), VaultError> {
        let patient = self.permitted_row(permit.patient())?;
        let body = self.seal_draft(patient, *draft.as_bytes(), 1, content)?;
        let begun = self
            .sql()
            .prepare_cached(
                "INSERT INTO draft (draft, patient, user, note_type, revision, saved_at, body) VALUES (?1, ?2, ?3, ?4, 1, ?5, ?6)
                 ON CONFLICT (draft) DO NOTHING",
            )?
            .execute(params![draft.as_bytes(), patient, permit.actor().user.as_str(), note_type, self.now_ms(), body])?;
        if begun != 1 {
            return Err(VaultError::DraftConflict);
        }
        self.keep_copy(permit, draft, note_type, content)?;
        self.changed_states(permit, None, Some(&state(patient, *draft.as_bytes(), 1, body)))
    }

    /// Saves over revision `base`; the new revision.
    ///
    /// # Errors
    /// [`VaultError::DraftConflict`] unless `base` is the revision on disk; [`VaultError::WrongPatient`] if the draft is of
    /// another chart; [`VaultError::NotFound`] if there is none of this user.
    pub fn save_draft(
        &self,
        permit: &Permit<'_, WriteDraft>,
        draft: DraftId,
        base: u32,
        content: &Phi<DraftText>,
    ) -> Result<u32, VaultError> {
        let held = self.own_draft(permit.patient(), &permit.actor().user, draft)?;
        if held.revision != base {
            return Err(VaultError::DraftConflict);
        }
        let revision = base.checked_add(1).ok_or(VaultError::Fault)?;
        let body = self.seal_draft(held.patient, held.id, revision, content)?;
        self.sql().prepare_cached("UPDATE draft SET revision = ?2, saved_at = ?3, body = ?4 WHERE draft = ?1")?.execute(params![
            held.id,
            revision,
            self.now_ms(),
            body
        ])?;
        self.keep_copy(permit, draft, &held.note_type, content)?;
        let after = state(held.patient, held.id, revision, body);
        self.changed_states(permit, Some(&held.state()), Some(&after))?;
        Ok(revision)
    }

    /// Throws a draft away.
    ///
    /// # Errors
    /// As [`Self::save_draft`].
    pub fn discard_draft(&self, permit: &Permit<'_, WriteDraft>, draft: DraftId) -> Result<(), VaultError> {
        let held = self.own_draft(permit.patient(), &permit.actor().user, draft)?;
        self.remove_draft(held.id)?;
        self.changed_states(permit, Some(&held.state()), None)
    }

    /// A draft as it would be signed, for its signer to be shown. It stays where it is.
    ///
    /// # Errors
    /// As [`Self::save_draft`].
    pub fn draft_to_sign(&self, permit: &Permit<'_, SignNote>, draft: DraftId, revision: u32) -> Result<Draft, VaultError> {
        let held = self.own_draft(permit.patient(), &permit.actor().user, draft)?;
        if held.revision != revision {
            return Err(VaultError::DraftConflict);
        }
        self.open_draft(held, draft)
    }

    /// Takes a draft out for signing; the caller stores the signed record in the same transaction.
    ///
    /// # Errors
    /// As [`Self::save_draft`].
    pub fn take_draft(&self, permit: &Permit<'_, SignNote>, draft: DraftId, revision: u32) -> Result<Draft, VaultError> {
        let held = self.own_draft(permit.patient(), &permit.actor().user, draft)?;
        if held.revision != revision {
            return Err(VaultError::DraftConflict);
        }
        self.remove_draft(held.id)?;
        self.changed_states(permit, Some(&held.state()), None)?;
        self.open_draft(held, draft)
    }

    /// This user's drafts in the permitted chart.
    ///
    /// # Errors
    /// [`VaultError::Seal`] if one does not open: a draft is never left out silently.
    pub fn drafts(&self, permit: &Permit<'_, ReadChart>) -> Result<Vec<Draft>, VaultError> {
        let patient = self.permitted_row(permit.patient())?;
        let query = format!("SELECT {COLUMNS} FROM draft WHERE patient = ?1 AND user = ?2 ORDER BY saved_at DESC");
        let mut statement = self.sql().prepare_cached(&query)?;
        let held: Vec<Sealed> = statement.query_map(params![patient, permit.actor().user.as_str()], sealed)?.collect::<Result<_, _>>()?;
        held.into_iter()
            .map(|held| {
                let id = uuid_text(&held.id).and_then(|text| DraftId::parse(&text)).ok_or(VaultError::Unreadable)?;
                self.open_draft(held, id)
            })
            .collect()
    }

    /// How many drafts this user has, in all charts. No chart is opened for it.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn draft_count(&self, user: &UserId) -> Result<u32, VaultError> {
        let mut statement = self.sql().prepare_cached("SELECT count(*) FROM draft WHERE user = ?1")?;
        Ok(statement.query_row([user.as_str()], |row| row.get(0))?)
    }

    /// LOINC code of the type of one of this user's drafts, for deciding on it. No chart is opened for it.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn draft_type(&self, user: &UserId, draft: DraftId) -> Result<Option<String>, VaultError> {
        let mut statement = self.sql().prepare_cached("SELECT note_type FROM draft WHERE draft = ?1 AND user = ?2")?;
        Ok(statement.query_row(params![draft.as_bytes(), user.as_str()], |row| row.get(0)).optional()?)
    }

    /// Where this user's drafts are, in all charts, the newest first. What they say stays sealed.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn unsigned(&self, permit: &Permit<'_, ReadOutbox>) -> Result<Vec<UnsignedDraft>, VaultError> {
        let query = format!("SELECT {COLUMNS} FROM draft WHERE user = ?1 ORDER BY saved_at DESC");
        let mut statement = self.sql().prepare_cached(&query)?;
        let held: Vec<Sealed> = statement.query_map([permit.actor().user.as_str()], sealed)?.collect::<Result<_, _>>()?;
        let unsigned = |held: Sealed| {
            Ok(UnsignedDraft {
                draft: uuid_text(&held.id).and_then(|text| DraftId::parse(&text)).ok_or(VaultError::Unreadable)?,
                patient: self.patient_id(held.patient)?,
                note_type: held.note_type,
                saved_at: DateTime::from_timestamp_millis(held.saved_at).unwrap_or_default(),
            })
        };
        held.into_iter().map(unsigned).collect()
    }

    fn own_draft(&self, patient: Option<&PatientId>, user: &UserId, draft: DraftId) -> Result<Sealed, VaultError> {
        let row = self.permitted_row(patient)?;
        let query = format!("SELECT {COLUMNS} FROM draft WHERE draft = ?1 AND user = ?2");
        let held = self.sql().prepare_cached(&query)?.query_row(params![draft.as_bytes(), user.as_str()], sealed).optional()?;
        let held = held.ok_or(VaultError::NotFound)?;
        // INVARIANT: nothing goes into the wrong chart; the draft's own chart and the permit's must be the same.
        if held.patient == row { Ok(held) } else { Err(VaultError::WrongPatient) }
    }

    fn open_draft(&self, held: Sealed, draft: DraftId) -> Result<Draft, VaultError> {
        let version = held.revision.to_string();
        let context = RecordContext { patient: held.patient, kind: KIND, tag: held.id, version: &version };
        let plain = self.patient_key(held.patient)?.unseal(&context, &held.body)?;
        let content = serde_json::from_slice(&plain).map_err(|_| VaultError::Seal)?;
        Ok(Draft {
            draft,
            patient: self.patient_id(held.patient)?,
            note_type: held.note_type,
            revision: held.revision,
            saved_at: DateTime::from_timestamp_millis(held.saved_at).unwrap_or_default(),
            content: Phi::new(content),
        })
    }

    fn seal_draft(&self, patient: i64, id: [u8; 16], revision: u32, content: &Phi<DraftText>) -> Result<Vec<u8>, VaultError> {
        // EXPOSE: sealed at once under the patient's key.
        let plain = Zeroizing::new(serde_json::to_vec(content.expose()).map_err(|_| VaultError::Fault)?);
        let version = revision.to_string();
        Ok(self.patient_key(patient)?.seal(&RecordContext { patient, kind: KIND, tag: id, version: &version }, &plain)?)
    }

    fn keep_copy(
        &self,
        permit: &Permit<'_, WriteDraft>,
        draft: DraftId,
        note_type: &str,
        content: &Phi<DraftText>,
    ) -> Result<(), VaultError> {
        let patient = permit.patient().ok_or(VaultError::WrongPatient)?.clone();
        let (author, note_type) = (permit.actor().user.clone(), note_type.to_owned());
        let saved_at = DateTime::from_timestamp_millis(self.now_ms()).unwrap_or_default();
        // EXPOSE: sealed at once to the recovery key.
        let text = content.expose().text.clone();
        self.keep_copy_of_draft(*draft.as_bytes(), &Unsent::Draft { patient, draft, author, note_type, saved_at, text })
    }

    /// Every draft, of everyone, as its copy for the recovery key says it.
    pub(crate) fn unsent_drafts(&self) -> Result<Vec<([u8; 16], Unsent)>, VaultError> {
        let query = format!("SELECT {COLUMNS}, user FROM draft ORDER BY saved_at");
        let mut statement = self.sql().prepare_cached(&query)?;
        let held: Vec<(Sealed, String)> = statement.query_map([], |row| Ok((sealed(row)?, row.get(6)?)))?.collect::<Result<_, _>>()?;
        let unsent = |(held, user): (Sealed, String)| {
            let id = held.id;
            let author = UserId::new(user).map_err(|_| VaultError::Unreadable)?;
            let draft = uuid_text(&id).and_then(|text| DraftId::parse(&text)).ok_or(VaultError::Unreadable)?;
            let Draft { patient, note_type, saved_at, content, .. } = self.open_draft(held, draft)?;
            // EXPOSE: sealed at once to the recovery key, or compared with what that opens.
            let text = content.expose().text.clone();
            Ok((id, Unsent::Draft { patient, draft, author, note_type, saved_at, text }))
        };
        held.into_iter().map(unsent).collect()
    }

    fn remove_draft(&self, id: [u8; 16]) -> Result<(), VaultError> {
        self.sql().prepare_cached("DELETE FROM draft WHERE draft = ?1")?.execute([id])?;
        Ok(())
    }
}

fn sealed(row: &Row<'_>) -> rusqlite::Result<Sealed> {
    Ok(Sealed {
        id: row.get(0)?,
        patient: row.get(1)?,
        note_type: row.get(2)?,
        revision: row.get(3)?,
        saved_at: row.get(4)?,
        body: row.get(5)?,
    })
}

fn uuid_text(bytes: &[u8; 16]) -> Option<String> {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(32);
    for byte in bytes {
        write!(text, "{byte:02x}").ok()?;
    }
    Some(text)
}
