//! Signing: the draft leaves, the record and its outbox entry arrive, in one commit.
use access::{SignNote, Target, admit};
use chart::notes::{NoteToSign, NoteType, compose};
use kernel::{CorrelationId, DraftId, ErrorCode, PatientId, Phi, RecordId, ResourceType};
use vault::NewRecord;

use crate::filing::file;
use crate::host::Host;
use crate::problem::Problem;
use crate::view::NoteSigned;
use crate::watch::{self, names};

/// Signs a draft as it stands at `revision`. `Ok` means: on disk, in the chart and in the outbox.
///
/// # Errors
/// [`ErrorCode::EmptyNote`], [`ErrorCode::DraftConflict`] if the draft moved on, [`ErrorCode::WrongPatient`], [`Problem::Forbidden`].
pub fn sign_note(host: &Host, patient: &PatientId, draft: DraftId, revision: u32) -> Result<NoteSigned, Problem> {
    let signed = host.work(|open, gate, origin| {
        let kind = ResourceType::new("DocumentReference").map_err(|_| ErrorCode::Internal)?;
        let id = RecordId::new(CorrelationId::random().to_string()).map_err(|_| ErrorCode::Internal)?;
        let (user, person, directory) = (open.user.clone(), open.person.clone(), &open.directory);
        let names = names!(open);
        open.vault.transact(origin, |tx| {
            let target = Target::record(patient.clone(), kind.clone(), id.clone());
            let permit = admit::<SignNote, _>(gate, tx, &user, target)?;
            let taken = tx.take_draft(&permit, draft, revision)?;
            // EXPOSE: the text goes into the record that is sealed below.
            let text = &taken.content.expose().text;
            if text.trim().is_empty() {
                return Err(Problem::from(ErrorCode::EmptyNote));
            }
            let note_type = NoteType::from_code(&taken.note_type).ok_or(ErrorCode::InvalidRequest)?;
            let body = compose(&NoteToSign {
                id: &id,
                patient,
                author: &person.practitioner,
                author_name: &person.name,
                note_type,
                title: "",
                text,
                signed_at: origin.at.wall.with_timezone(&chrono::Local).fixed_offset(),
                encounter: None,
            });
            let filing = file(&kind, &body, directory);
            let body = Phi::new(body.into_boxed_str());
            tx.enter(&permit, NewRecord { kind, id: id.clone(), patient: patient.clone(), body, filing })?;
            watch::note(tx, &permit, patient, watchful::Act::Write, names, origin);
            Ok(())
        })?;
        Ok(NoteSigned { id: id.to_string(), patient: patient.to_string() })
    })?;
    crate::sync_work::outbox_changed(host);
    Ok(signed)
}
