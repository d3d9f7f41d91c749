//! Signing: the draft leaves, the record and its outbox entry arrive, in one commit.
use access::{NoteKind, SignNote, Target, User, admit};
use chart::notes::{NoteToSign, NoteType, compose};
use factor::{Act, Granted};
use kernel::{CorrelationId, DraftId, ErrorCode, PatientId, Phi, RecordId, ResourceType};
use keys::Passphrase;
use vault::{Draft, NewRecord, Tx};

use crate::filing::file;
use crate::host::Host;
use crate::problem::Problem;
use crate::security_key::{Wording, obtain, takes};
use crate::view::NoteSigned;
use crate::watch::{self, names};

/// Signs a draft as it stands at `revision`. `Ok` means: on disk, in the chart and in the outbox. Whoever has a security key signs with
/// it what is shown; where the hospital asks for it, the others give their passphrase.
///
/// # Errors
/// [`ErrorCode::EmptyNote`], [`ErrorCode::DraftConflict`] if the draft moved on, [`ErrorCode::WrongPatient`],
/// [`Problem::Forbidden`], also of a type that this role may not sign; [`ErrorCode::PassphraseNeeded`], and the passphrase's and the
/// security key's.
pub fn sign_note(
    host: &Host,
    patient: &PatientId,
    draft: DraftId,
    revision: u32,
    passphrase: Option<&Passphrase>,
) -> Result<NoteSigned, Problem> {
    let granted = consent(host, patient, draft, revision, passphrase)?;
    let signed = host.work(|open, gate, origin| {
        let kind = ResourceType::new("DocumentReference").map_err(|_| ErrorCode::Internal)?;
        let id = RecordId::new(CorrelationId::random().to_string()).map_err(|_| ErrorCode::Internal)?;
        let (user, person, directory) = (open.user.clone(), open.person.clone(), &open.directory);
        let words = Wording::of(open, patient);
        let names = names!(open);
        open.vault.transact(origin, |tx| {
            let target = Target { note: type_of(tx, &user, draft)?, ..Target::record(patient.clone(), kind.clone(), id.clone()) };
            let permit = admit::<SignNote, _>(gate, tx, &user, target)?;
            let taken = tx.take_draft(&permit, draft, revision)?;
            // EXPOSE: the text goes into the record that is sealed below.
            let text = &taken.content.expose().text;
            let note_type = signable(&taken)?;
            let shown = words.note(note_type, text)?;
            // INVARIANT: what is signed is what was shown.
            if granted.as_ref().is_some_and(|granted| *granted.statement_digest() != shown.digest()) {
                return Err(Problem::from(ErrorCode::DraftConflict));
            }
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

/// Leave for this note as it stands, if signing takes any. Whether the clinician may sign its type at all is decided first: nothing is
/// asked of anyone for what is refused.
fn consent(
    host: &Host,
    patient: &PatientId,
    draft: DraftId,
    revision: u32,
    passphrase: Option<&Passphrase>,
) -> Result<Option<Granted>, Problem> {
    if !takes(host, Act::Sign)? && passphrase.is_none() {
        return Ok(None);
    }
    let statement = host.work(|open, gate, origin| {
        let user = open.user.clone();
        let words = Wording::of(open, patient);
        open.vault.transact(origin, |tx| {
            let target = Target { note: type_of(tx, &user, draft)?, ..Target::chart(patient.clone()).detail("shown to its signer") };
            let permit = admit::<SignNote, _>(gate, tx, &user, target)?;
            let shown = tx.draft_to_sign(&permit, draft, revision)?;
            // EXPOSE: shown to its author, who is asked to sign it.
            words.note(signable(&shown)?, &shown.content.expose().text)
        })
    })?;
    obtain(host, &statement, passphrase).map(|obtained| Some(obtained.granted))
}

/// The type that is decided on. A draft that is not there, or of no type, gets no further than the draft's reading and [`signable`].
fn type_of(tx: &Tx<'_>, user: &User, draft: DraftId) -> Result<Option<NoteKind>, Problem> {
    Ok(tx.draft_type(&user.user, draft)?.and_then(|code| NoteKind::from_loinc(&code)))
}

fn signable(draft: &Draft) -> Result<NoteType, Problem> {
    // EXPOSE: looked at, not kept.
    if draft.content.expose().text.trim().is_empty() {
        return Err(ErrorCode::EmptyNote.into());
    }
    NoteType::from_code(&draft.note_type).ok_or_else(|| ErrorCode::InvalidRequest.into())
}
