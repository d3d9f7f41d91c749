//! The command line without a vault: usage, doctor, exit codes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod support;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use support::Terminal;

#[test]
fn usage_errors_exit_with_2() {
    let place = tempfile::tempdir().unwrap();
    let terminal = Terminal::bare(place.path());
    for arguments in [
        &[][..],
        &["no-such-command"],
        &["chart"],
        &["search"],
        &["enrol"],
        &["break-glass", "p1"],
        &["break-glass", "p1", "--end", "--reason", "ETREAT"],
        &["audit", "replay", "--patient", "p1", "--by", "u1"],
        &["outbox", "retry", "first"],
        &["note", "p1", "--type", "no-such-type"],
        // A passphrase has no place on the command line.
        &["unlock", "--passphrase", "seven grey herons at the weir"],
    ] {
        let said = terminal.call(arguments, "");
        assert_eq!(said.code, 2, "{arguments:?}: {said:?}");
        assert!(said.out.is_empty() && !said.err.is_empty(), "{arguments:?}: {said:?}");
    }
}

#[test]
fn help_and_version_explain_and_succeed() {
    let place = tempfile::tempdir().unwrap();
    let terminal = Terminal::bare(place.path());
    let help = terminal.call(&["--help"], "").done();
    for command in [
        "enrol",
        "sign-in",
        "unlock",
        "sync",
        "status",
        "search",
        "schedule",
        "chart",
        "document",
        "note",
        "outbox",
        "break-glass",
        "audit",
        "policy",
        "doctor",
    ] {
        assert!(help.contains(&format!("\n  {command} ")), "{command} is missing in:\n{help}");
    }
    assert!(help.contains("Exit codes:"));
    assert!(terminal.call(&["--version"], "").done().starts_with("satchel-cli "));
}

#[test]
fn an_unknown_profile_is_said_and_not_made() {
    let place = tempfile::tempdir().unwrap();
    let terminal = Terminal::bare(&place.path().join("mistyped"));
    for command in [&["status"][..], &["search", "x"], &["audit", "verify"], &["unlock"]] {
        let arguments = [command, &["--json", "--passphrase-stdin"]].concat();
        assert_eq!(terminal.call(&arguments, "seven grey herons at the weir\n").failed(1), "not_enrolled");
    }
    assert!(!terminal.profile.exists());
}

#[test]
fn a_profile_without_a_vault_asks_for_no_passphrase() {
    let place = tempfile::tempdir().unwrap();
    let terminal = Terminal::bare(place.path());
    assert_eq!(terminal.call(&["unlock", "--json", "--passphrase-stdin"], "").failed(1), "not_enrolled");
    let said = terminal.call(&["unlock", "--passphrase-stdin"], "");
    assert!(said.err.starts_with("satchel-cli: not_enrolled: ") && said.err.contains("enrol"), "{said:?}");
}

#[test]
fn an_address_that_is_no_ehr_is_refused_at_enrolment() {
    let place = tempfile::tempdir().unwrap();
    let terminal = Terminal::bare(place.path());
    let enrol = |ehr| terminal.call(&["enrol", "--json", "--passphrase-stdin", "--ehr", ehr], "seven grey herons at the weir\n");
    assert_eq!(enrol("http://ehr.example/fhir").failed(2), "invalid_request", "TLS or nothing");
    assert_eq!(enrol("https://127.0.0.1:1/fhir").failed(7), "ehr_unreachable");
    assert!(!place.path().join("vault").exists());
}

#[test]
fn the_doctor_finds_an_empty_profile_well_but_for_what_is_missing() {
    let place = tempfile::tempdir().unwrap();
    let terminal = Terminal::bare(&place.path().join("profile"));
    let said = terminal.call(&["doctor", "--json"], "");
    let findings: serde_json::Value = serde_json::from_str(&said.out).unwrap();
    let state = |check: &str| {
        let found = findings.as_array().unwrap().iter().find(|finding| finding["check"] == check);
        found.unwrap_or_else(|| panic!("no finding on {check}"))["state"].as_str().unwrap().to_owned()
    };
    for check in ["profile", "site", "vault", "logs", "ehr"] {
        assert_eq!(state(check), "skipped", "{check}");
    }
    assert_eq!((state("clock"), state("policies")), ("ok".into(), "ok".into()));
    assert_eq!(state("keyring"), "failed");
    assert_eq!(said.failed(6), "keyring_absent");
    assert!(!terminal.profile.exists(), "looked at, not made");
}

#[test]
fn the_doctor_finds_what_is_wrong_and_repairs_nothing() {
    let place = tempfile::tempdir().unwrap();
    fs::set_permissions(place.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(place.path().join("site.json"), "{").unwrap();
    let terminal = Terminal::bare(place.path());
    let said = terminal.call(&["doctor", "--ehr", "https://127.0.0.1:1/fhir"], "");
    assert_eq!(said.code, 1, "the first failure's: {said:?}");
    for line in [["profile", "warning"], ["site", "FAILED"], ["keyring", "FAILED"], ["ehr", "FAILED"]] {
        assert!(said.out.lines().any(|said| said.split_whitespace().take(2).eq(line)), "{line:?}: {}", said.out);
    }
    assert_eq!(fs::metadata(place.path()).unwrap().permissions().mode() & 0o777, 0o755);
    assert_eq!(fs::read(place.path().join("site.json")).unwrap(), b"{");
}
