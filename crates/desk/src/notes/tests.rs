//! Which role may begin and sign which type of note, by the tables of `access`' README.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use std::sync::Arc;

use access::Permissions;
use chart::notes::NoteType;
use factor::testing::SoftKey;
use kernel::ErrorCode;
use keys::Passphrase;

use crate::problem::Problem;
use crate::test_host::{PASSPHRASE, PATIENT, TEAM, TestHost, patient};
use crate::view::SaveDraft;

/// Types (LOINC) of each role's template.
fn may_sign(role: &str) -> &'static [&'static str] {
    match role {
        "physician" | "surgeon" => &["11506-3", "34117-2", "11488-4", "18842-5", "28570-0", "34748-4"],
        "nurse" | "icu" => &["34746-8", "34748-4"],
        "pharmacist" | "billing" | "front_desk" | "privacy_officer" | "administrator" => &[],
        other => panic!("no role {other}"),
    }
}

fn work_as(test: &TestHost, role: &str, permissions: Permissions) {
    test.host.lock();
    test.sign_in_with("dr-1", role, permissions);
    test.unlock();
}

fn begun(test: &TestHost, code: &str) -> Result<(kernel::DraftId, u32), ErrorCode> {
    let draft = crate::start_note(&test.host, &patient(), code).map_err(Problem::code)?;
    let id = crate::parse::draft(&draft.draft).unwrap();
    let request = SaveDraft { patient: "pat-1".into(), draft: draft.draft, text: "Seen.".into(), caret: 0, revision: draft.revision };
    let saved = crate::save_draft(&test.host, request).map_err(Problem::code)?;
    Ok((id, saved.revision))
}

#[test]
fn a_role_begins_and_signs_its_own_types_of_note_and_no_others() {
    let test = TestHost::open();
    test.receive(&[PATIENT, TEAM]);
    let every = || Permissions { ehr_read: vec!["patient.*".into()], ehr_write: vec!["notes".into()], ..Permissions::default() };
    let template = || Permissions { scope: Some("user/*.cruds".into()), by_role: true, ..Permissions::default() };
    for role in access::Role::ALL.iter().map(|role| role.code()) {
        work_as(&test, role, every());
        let drafts: Vec<_> = NoteType::ALL.iter().map(|kind| (kind.code(), begun(&test, kind.code()).unwrap())).collect();
        work_as(&test, role, template());
        for (code, (draft, revision)) in drafts {
            let expected = if may_sign(role).contains(&code) { Ok(()) } else { Err(ErrorCode::Forbidden) };
            assert_eq!(begun(&test, code).map(drop), expected, "{role} begins {code}");
            let signed = crate::sign_note(&test.host, &patient(), draft, revision, None);
            assert_eq!(signed.map(drop).map_err(Problem::code), expected, "{role} signs {code}");
        }
    }
    assert!(crate::audit_verify(&test.host).unwrap().intact);
}

#[test]
fn what_may_not_be_signed_is_refused_before_anything_is_asked() {
    let test = TestHost::open();
    test.receive(&[PATIENT, TEAM]);
    let nursing_too = Permissions { ehr_read: vec!["patient.*".into()], ehr_write: vec!["notes".into()], ..Permissions::default() };
    let template = || Permissions { scope: Some("user/*.cruds".into()), by_role: true, ..Permissions::default() };
    work_as(&test, "physician", nursing_too);
    let (nursing, nursing_revision) = begun(&test, "34746-8").unwrap();
    let (progress, progress_revision) = begun(&test, "11506-3").unwrap();
    work_as(&test, "physician", template());
    let sign = |draft, revision, passphrase: Option<&str>| {
        let passphrase = passphrase.map(Passphrase::new);
        crate::sign_note(&test.host, &patient(), draft, revision, passphrase.as_ref()).map(drop).map_err(Problem::code)
    };
    let wrong = Some("seven grey herons at the weir");
    assert_eq!(sign(nursing, nursing_revision, wrong), Err(ErrorCode::Forbidden), "the passphrase is not even tried");
    assert_eq!(sign(progress, progress_revision, wrong), Err(ErrorCode::WrongPassphrase));

    test.hands.plug(&Arc::new(SoftKey::new(1)));
    crate::enrol_security_key(&test.host, &Passphrase::new(PASSPHRASE), "blue").unwrap();
    test.hands.shown();
    for passphrase in [None, Some(PASSPHRASE), wrong] {
        assert_eq!(sign(nursing, nursing_revision, passphrase), Err(ErrorCode::Forbidden));
    }
    assert!(test.hands.shown().is_empty(), "no key is asked for");
    assert_eq!(sign(progress, progress_revision, None), Ok(()));
    assert_eq!(test.hands.shown().len(), 1);
}

#[test]
fn every_type_that_is_offered_is_some_roles_to_sign() {
    for kind in NoteType::ALL {
        let kind = access::NoteKind::from_loinc(kind.code()).expect("a type with a right of its own");
        assert!(access::Write::ALL.contains(&kind.write()));
    }
}
