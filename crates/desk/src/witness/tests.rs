//! The desk and an EHR that remembers: countersigned, set back and told so, quarantined, taken up again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use audit::{
    Answer, Countersigned, Digest, EpochMark, Epochs, Head, PublicKey, ServerKey, ServerKeys, Signature, Succession, Upload, Verdict,
};
use ed25519_dalek::{Signer as _, SigningKey};
use kernel::ErrorCode;
use sha2::{Digest as _, Sha256};
use sync::Failure;

use super::clear::{ClearReason, clear_with};
use super::kept::{Kept, Trouble};
use super::server::Countersigner;
use super::{Round, audit_status, step};
use crate::problem::Problem;
use crate::test_host::{PATIENT, TEAM, TestHost, patient};
use crate::view::{QuarantineView, Waiting};

/// An EHR's memory of one workstation, by the chain's own rules: digests are walked, epochs followed, marks remembered.
struct Memory {
    key: Mutex<SigningKey>,
    successions: Mutex<Vec<Succession>>,
    /// Marks seen, with the epochs as they stand behind each.
    seen: Mutex<Vec<(Head, Epochs)>>,
    marked: Mutex<Option<Verdict>>,
    /// The next answer is lost on its way.
    loses: AtomicBool,
    cleared: Mutex<Vec<String>>,
}

fn named(key: &SigningKey) -> ServerKey {
    let public_key = PublicKey(key.verifying_key().to_bytes());
    ServerKey { id: String::from(Digest::of(&public_key.0))[..16].to_owned(), public_key }
}

fn digest(before: &Head, body: &str) -> Head {
    let sequence = before.sequence + 1;
    let mut hash = Sha256::new();
    for piece in
        [b"satchel audit 1".as_slice(), &sequence.to_be_bytes(), &before.digest.0, &(body.len() as u64).to_be_bytes(), body.as_bytes()]
    {
        hash.update(piece);
    }
    Head { sequence, digest: Digest(hash.finalize().into()) }
}

impl Memory {
    fn new() -> Self {
        let key = Mutex::new(SigningKey::from_bytes(&[50; 32]));
        let (successions, seen, marked, loses, cleared) = Default::default();
        Self { key, successions, seen, marked, loses, cleared }
    }

    fn renew(&self) {
        let next = SigningKey::from_bytes(&[51; 32]);
        let mut key = self.key.lock().unwrap();
        let mut succession = Succession { former: named(&key), next: named(&next), signature: Signature([0; 64]) };
        succession.signature = Signature(key.sign(&succession.signed_bytes()).to_bytes());
        self.successions.lock().unwrap().push(succession);
        *key = next;
    }

    fn word(&self, upload: &Upload) -> Option<Countersigned> {
        let (head, _) = *self.seen.lock().unwrap().last()?;
        let key = self.key.lock().unwrap();
        let (device, at) = (upload.device.clone(), "2026-03-02T08:00:00.000Z".to_owned());
        let Head { sequence, digest } = head;
        let mut word = Countersigned { device, sequence, digest, at, server_key_id: named(&key).id, signature: Signature([0; 64]) };
        word.signature = Signature(key.sign(&word.signed_bytes()).to_bytes());
        Some(word)
    }

    fn judge(&self, upload: &Upload) -> Verdict {
        let mut seen = self.seen.lock().unwrap();
        if upload.clear.is_some() {
            seen.clear();
            *self.marked.lock().unwrap() = None;
        } else if let Some(verdict) = *self.marked.lock().unwrap() {
            return verdict;
        }
        let base = seen.iter().find(|(head, _)| *head == upload.after).map(|(_, epochs)| *epochs);
        let mut epochs = match (base, seen.is_empty()) {
            (Some(epochs), _) => epochs,
            (None, true) if !upload.links.is_empty() => Epochs::default(),
            (None, _) => return Verdict::Resend,
        };
        let (mut at, mut off) = (upload.after, false);
        for body in &upload.links {
            let entry: audit::Entry = serde_json::from_str(body).unwrap();
            let before = at;
            at = digest(&before, body);
            assert_eq!(entry.sequence, at.sequence);
            match entry.subject.epoch {
                // Taken up in the midst of a chain.
                Some(EpochMark::End(end)) if epochs.present.is_none() => epochs.present = Some((end.epoch + 1, end.next_public_key)),
                Some(mark) => assert!(epochs.follow(&mark, &before), "signed by the workstation's own key"),
                None => {}
            }
            off |= seen.iter().any(|(head, _)| head.sequence == at.sequence && head.digest != at.digest);
        }
        let last = seen.last().map_or(0, |(head, _)| head.sequence);
        let verdict = if off {
            Verdict::Forked
        } else if at.sequence < last {
            Verdict::Behind
        } else {
            Verdict::Follows
        };
        match verdict {
            Verdict::Follows if at.sequence > last => seen.push((at, epochs)),
            Verdict::Follows => {}
            marked => *self.marked.lock().unwrap() = Some(marked),
        }
        verdict
    }
}

impl Countersigner for Memory {
    async fn keys(&self) -> Result<ServerKeys, Failure> {
        Ok(ServerKeys { present: named(&self.key.lock().unwrap()), successions: self.successions.lock().unwrap().clone() })
    }

    async fn ask(&self, upload: &Upload) -> Result<Answer, Failure> {
        let verdict = self.judge(upload);
        self.cleared.lock().unwrap().extend(upload.clear.clone());
        if self.loses.swap(false, Ordering::Relaxed) {
            return Err(Failure::Interrupted);
        }
        Ok(Answer { verdict, countersigned: self.word(upload) })
    }
}

fn look(test: &TestHost, ehr: &Memory) {
    test.wait(step(&test.host, ehr, &mut Round::default())).unwrap();
}

fn reopen(test: &TestHost) {
    test.host.lock();
    test.unlock();
}

fn countersigned(test: &TestHost) -> Option<u32> {
    audit_status(&test.host).unwrap().countersigned.map(|seen| seen.sequence)
}

fn quarantine(test: &TestHost) -> Option<QuarantineView> {
    let view = crate::sync_status(&test.host).unwrap().quarantine;
    assert_eq!(audit_status(&test.host).unwrap().quarantine, view);
    view
}

fn opens(test: &TestHost) -> Result<(), Problem> {
    crate::open_chart(&test.host, &patient()).map(drop)
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
}

/// Sets everything back: the whole profile, what is kept beside the vault included.
fn put_back(test: TestHost, former: tempfile::TempDir) -> TestHost {
    test.host.lock();
    TestHost::at_copy(former, &test)
}

#[test]
fn the_ehrs_word_comes_into_the_chain_and_an_answer_that_was_lost_harms_nothing() {
    let (test, ehr) = (TestHost::open(), Memory::new());
    assert_eq!(countersigned(&test), None);
    look(&test, &ehr);
    let first = countersigned(&test).unwrap();
    reopen(&test);
    ehr.loses.store(true, Ordering::Relaxed);
    look(&test, &ehr);
    assert_eq!(countersigned(&test), Some(first), "the answer was lost");
    look(&test, &ehr);
    assert!(countersigned(&test).unwrap() > first);
    let entries = |test: &TestHost| crate::audit_verify(&test.host).unwrap();
    assert!(entries(&test).intact);

    let mut round = Round::default();
    test.wait(step(&test.host, &ehr, &mut round)).unwrap();
    let before = entries(&test).entries;
    test.wait(step(&test.host, &ehr, &mut round)).unwrap();
    assert_eq!(entries(&test).entries, before + 1, "with nothing to send nothing is asked, and nothing recorded but the verifying");

    // The EHR lost its memory: it gets the chain anew.
    ehr.seen.lock().unwrap().clear();
    reopen(&test);
    look(&test, &ehr);
    assert_eq!(ehr.seen.lock().unwrap().len(), 1);
    assert_eq!((quarantine(&test), audit_status(&test.host).unwrap().trouble), (None, None));
}

#[test]
fn everything_set_back_is_found_by_the_ehr_and_what_is_new_waits_until_the_chain_is_taken_up_again() {
    let (test, ehr) = (TestHost::new(), Memory::new());
    test.enrol("physician", &["patient.*", "audit.*"], &["progress_notes", "devices"]);
    test.receive(&[PATIENT, TEAM]);
    let draft = crate::start_note(&test.host, &patient(), "11506-3").unwrap();
    look(&test, &ehr);
    test.host.lock();
    let former = test.copy_of_profile();
    test.unlock();
    opens(&test).unwrap();
    look(&test, &ehr);
    let seen = countersigned(&test).unwrap();

    let test = put_back(test, former);
    test.unlock();
    assert_eq!((quarantine(&test), opens(&test)), (None, Ok(())), "nothing here can tell");
    assert!(crate::audit_verify(&test.host).unwrap().intact);
    look(&test, &ehr);
    let found = quarantine(&test).unwrap();
    assert!(found.standing == "forked" || found.standing == "behind");
    assert!(countersigned(&test).unwrap() < seen);

    // Charts open with broken glass alone; what was begun is finished, and goes out.
    assert_eq!(opens(&test), Err(Problem::BreakGlassRequired));
    crate::save_draft(
        &test.host,
        crate::view::SaveDraft {
            patient: patient().to_string(),
            draft: draft.draft.clone(),
            revision: draft.revision,
            text: "seen at eight".into(),
            caret: 0,
        },
    )
    .unwrap();
    let Waiting { drafts, .. } = crate::sync_status(&test.host).unwrap().waiting;
    assert_eq!(drafts, 1);
    reopen(&test);
    assert!(quarantine(&test).is_some(), "it outlasts the lock");
    let test = test.restart();
    test.unlock();
    assert_eq!((quarantine(&test).as_ref(), opens(&test)), (Some(&found), Err(Problem::BreakGlassRequired)), "and the program's end");

    let clear = |test: &TestHost, note| test.wait(clear_with(&test.host, &ehr, ClearReason::Restored, note));
    assert_eq!(clear(&test, " "), Err(ErrorCode::InvalidRequest.into()));
    let status = clear(&test, "disk replaced on Monday").unwrap();
    assert_eq!((status.quarantine, quarantine(&test), opens(&test)), (None, None, Ok(())));
    assert_eq!(*ehr.cleared.lock().unwrap(), ["restored: disk replaced on Monday"]);
    let said = crate::replay_audit(&test.host, &crate::AuditReplay { limit: 1000, ..Default::default() }).unwrap();
    let why: Vec<_> = said.iter().filter(|row| row.action == "clear_quarantine").filter_map(|row| row.detail.as_deref()).collect();
    assert!(why[0] == "restored" && why[1].starts_with("lifted: restored, key "), "{why:?}");
    reopen(&test);
    look(&test, &ehr);
    assert_eq!(quarantine(&test), None, "and it goes on from there");
}

#[test]
fn the_vault_alone_set_back_is_found_at_unlock_without_the_ehr() {
    let (test, ehr) = (TestHost::open(), Memory::new());
    let vault = test.folder().join("vault");
    look(&test, &ehr);
    test.host.lock();
    let former = tempfile::tempdir().unwrap();
    copy(&vault, former.path());
    test.unlock();
    look(&test, &ehr);
    test.host.lock();
    let test = test.restart();
    std::fs::remove_file(vault.join("vault.db-wal")).ok();
    copy(former.path(), &vault);
    let test = test.restart();
    test.unlock();
    assert!(quarantine(&test).is_some());
    let kept = Kept::read(&test.host.profile);
    assert!(kept.countersigned.is_some());
}

#[test]
fn only_those_who_look_after_workstations_or_privacy_take_a_chain_up_again() {
    let (test, ehr) = (TestHost::open(), Memory::new());
    look(&test, &ehr);
    *ehr.marked.lock().unwrap() = Some(Verdict::Forked);
    reopen(&test);
    look(&test, &ehr);
    assert!(quarantine(&test).is_some(), "the EHR's word counts, whatever it looks like from here");
    let clear = test.wait(clear_with(&test.host, &ehr, ClearReason::Investigated, "looked into"));
    assert_eq!((clear, ehr.cleared.lock().unwrap().len()), (Err(Problem::Forbidden), 0));
}

#[test]
fn another_key_is_believed_when_the_pinned_one_names_it_and_not_otherwise() {
    let (test, ehr) = (TestHost::new(), Memory::new());
    test.enrol("administrator", &["audit.*"], &["devices"]);
    look(&test, &ehr);
    let first = countersigned(&test).unwrap();
    ehr.renew();
    reopen(&test);
    look(&test, &ehr);
    let second = countersigned(&test).unwrap();
    assert!(second > first, "the former key named it");

    ehr.successions.lock().unwrap().clear();
    *ehr.key.lock().unwrap() = SigningKey::from_bytes(&[52; 32]);
    reopen(&test);
    look(&test, &ehr);
    assert_eq!(audit_status(&test.host).unwrap().trouble.as_deref(), Some(Trouble::OtherKey.as_str()));
    // Without the pinned key the chain itself names it.
    Kept::default().write(&test.host.profile);
    look(&test, &ehr);
    assert_eq!((countersigned(&test), quarantine(&test)), (Some(second), None));
    assert_eq!(audit_status(&test.host).unwrap().trouble.as_deref(), Some("other_key"));
    let status = test.wait(clear_with(&test.host, &ehr, ClearReason::EhrChanged, "the EHR moved")).unwrap();
    assert_eq!(status.trouble, None);
    assert!(status.countersigned.unwrap().sequence > second);
}
