//! Drafts: begun, saved with every pause of the hands, discarded. An answer means: on disk.
use access::{NoteKind, Target, WriteDraft, admit};
use chart::notes::NoteType;
use chrono::SecondsFormat;
use kernel::{DraftId, ErrorCode, PatientId, Phi};
use vault::{Draft, DraftText};
use zeroize::Zeroizing;

use crate::host::Host;
use crate::problem::Problem;
use crate::view::{DraftSaved, DraftView, SaveDraft};

/// A note's text is refused beyond this many bytes.
const LIMIT: usize = 1 << 20;

/// Begins a note of a type (LOINC code) in a chart.
///
/// # Errors
/// [`Problem::Forbidden`], also of a type that this role may not sign; [`Problem::BreakGlassRequired`];
/// [`ErrorCode::InvalidRequest`] for a type that is none.
pub fn start_note(host: &Host, patient: &PatientId, note_type: &str) -> Result<DraftView, Problem> {
    let kind = NoteType::from_code(note_type).and_then(|known| NoteKind::from_loinc(known.code())).ok_or(ErrorCode::InvalidRequest)?;
    let begun = host.work(|open, gate, origin| {
        let user = open.user.clone();
        let draft = DraftId::random();
        let content = Phi::new(DraftText { text: Zeroizing::new(String::new()), caret: 0 });
        open.vault.transact(origin, |tx| {
            let target = Target::chart(patient.clone()).note(kind).detail("begin");
            let permit = admit::<WriteDraft, _>(gate, tx, &user, target)?;
            tx.begin_draft(&permit, draft, note_type, &content)?;
            Ok::<_, Problem>(())
        })?;
        let (patient, note_type) = (patient.clone(), note_type.to_owned());
        Ok(draft_view(&Draft { draft, patient, note_type, revision: 1, saved_at: origin.at.wall, content }))
    })?;
    crate::sync_work::counts_changed(host);
    Ok(begun)
}

/// Saves a draft. `Ok` means sealed on disk. Whatever type it was begun as is kept: what was typed is not lost to a change of role.
///
/// # Errors
/// [`ErrorCode::DraftConflict`], [`ErrorCode::WrongPatient`], [`ErrorCode::NotFound`], [`ErrorCode::DiskFull`].
pub fn save_draft(host: &Host, request: SaveDraft) -> Result<DraftSaved, Problem> {
    let patient = PatientId::new(&request.patient).map_err(|_| ErrorCode::InvalidRequest)?;
    let draft = DraftId::parse(&request.draft).ok_or(ErrorCode::InvalidRequest)?;
    if request.text.len() > LIMIT {
        return Err(ErrorCode::InvalidRequest.into());
    }
    let content = Phi::new(DraftText { text: Zeroizing::new(request.text), caret: request.caret });
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        open.vault.transact(origin, |tx| {
            let permit = admit::<WriteDraft, _>(gate, tx, &user, Target::chart(patient).detail("save"))?;
            Ok(DraftSaved { revision: tx.save_draft(&permit, draft, request.revision, &content)? })
        })
    })
}

/// Throws a draft away.
///
/// # Errors
/// As [`save_draft`].
pub fn discard_draft(host: &Host, patient: &PatientId, draft: DraftId) -> Result<(), Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        open.vault.transact(origin, |tx| {
            let permit = admit::<WriteDraft, _>(gate, tx, &user, Target::chart(patient.clone()).detail("discard"))?;
            Ok::<_, Problem>(tx.discard_draft(&permit, draft)?)
        })
    })?;
    crate::sync_work::counts_changed(host);
    Ok(())
}

pub(crate) fn draft_view(draft: &Draft) -> DraftView {
    // EXPOSE: shown to its author, who holds the permit under which it was read.
    let content = draft.content.expose();
    DraftView {
        draft: draft.draft.to_string(),
        patient: draft.patient.to_string(),
        note_type: draft.note_type.clone(),
        text: content.text.to_string(),
        caret: content.caret,
        revision: draft.revision,
        saved_at: draft.saved_at.to_rfc3339_opts(SecondsFormat::Millis, true),
    }
}
