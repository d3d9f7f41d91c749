//! Is what Satchel stands on as it should be? Looked at from outside: nothing is unlocked, nothing changed, no PHI is near.
use std::fs::{self, Metadata};
use std::path::Path;

use access::Gate;
use chrono::{DateTime, Datelike as _, Utc};
use kernel::{Clock, DeviceId, ErrorCode, SiteId};
use keys::{KeyFile, PinState, StoreError, TokenStore};
use posture::{Effective, Origin, Posture, Standing, State};
use remote::{EhrAddress, Smart};
use serde::Serialize;
use vault::{LockedVault, VaultError};

use crate::host::{Keyring, Options};
use crate::policy;
use crate::profile::{Profile, Site, SiteToken};
use crate::security_key::SecurityKeys;
use crate::token::{self, keyring_problem};
use crate::witness::Kept;

/// What was found about one thing. Ids, paths, sizes and static text only.
#[derive(Serialize, Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at: `profile`, `site`, `vault`, `audit`, `keyring` or, where one keeps the secret, `token`, `security_key`, `disk`, `logs`, `clock`, `watch`, `policies`, `ehr`, `hospital`
    /// (how its policy file stands, and one for each finding in it), `setting` (one for each), `posture` (one for each thing of the workstation), `enrol`.
    pub check: &'static str,
    /// How it is.
    pub state: FindingState,
    /// For what is not as it should be: the code a command would fail with.
    pub code: Option<ErrorCode>,
    /// In words.
    pub detail: String,
}

/// How something is.
#[derive(Serialize, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum FindingState {
    /// As it should be.
    Ok,
    /// Works, but ought to be looked at.
    Warning,
    /// Keeps Satchel from working.
    Failed,
    /// Could not be looked at yet.
    Skipped,
}

impl FindingState {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "FAILED",
            Self::Skipped => "skipped",
        }
    }
}

impl Finding {
    /// The code, if this keeps Satchel from working.
    #[must_use]
    pub fn failed(&self) -> Option<ErrorCode> {
        (self.state == FindingState::Failed).then_some(self.code.unwrap_or(ErrorCode::Internal))
    }

    fn new(check: &'static str, state: FindingState, code: Option<ErrorCode>, detail: impl Into<String>) -> Self {
        Self { check, state, code, detail: detail.into() }
    }

    fn ok(check: &'static str, detail: impl Into<String>) -> Self {
        Self::new(check, FindingState::Ok, None, detail)
    }

    fn skipped(check: &'static str, detail: impl Into<String>) -> Self {
        Self::new(check, FindingState::Skipped, None, detail)
    }

    fn warning(check: &'static str, code: ErrorCode, detail: impl Into<String>) -> Self {
        Self::new(check, FindingState::Warning, Some(code), detail)
    }

    fn failure(check: &'static str, code: ErrorCode, detail: impl Into<String>) -> Self {
        Self::new(check, FindingState::Failed, Some(code), detail)
    }
}

/// Looks at everything. Asks the network and the keyring, so it may take some seconds.
pub async fn examine(options: &Options, keyring: &Keyring, security_keys: &SecurityKeys, clock: &dyn Clock) -> Vec<Finding> {
    let profile = Profile::at(&options.profile);
    let site = profile.site();
    let known = site.as_ref().ok().and_then(Option::as_ref);
    let policy = options.effective();
    let mut findings = vec![
        folder(&options.profile),
        site_file(&site),
        vault_files(&profile),
        audit_chain(&profile),
        secret(&profile, known, &policy, keyring),
        keys_plugged_in(security_keys),
        disk(&options.profile),
        logs(&options.profile.join("logs")),
        wall_clock(&profile, clock.now().wall),
        watch(&profile),
        policies(),
        ehr(&policy, known).await,
    ];
    findings.extend(hospital_policy(&policy));
    let posture = Posture::look(&options.profile);
    findings.extend(posture.findings().iter().map(stands));
    findings.push(enrolment(&policy, &posture, profile.vault().keys().is_file()));
    findings
}

/// A build for practice says so: it must not meet a patient.
fn keys_plugged_in(security_keys: &SecurityKeys) -> Finding {
    let check = "security_key";
    if security_keys.are_practice() {
        let detail = "PRACTICE BUILD: a file stands in the security key's place, and whoever copies it has the key";
        return Finding::failure(check, ErrorCode::InvalidRequest, detail);
    }
    if SecurityKeys::HAVE_DRIVER {
        Finding::ok(check, "keys on USB")
    } else {
        Finding::skipped(check, "this system has no driver for them yet")
    }
}

/// What the hospital set, and what is wrong with it.
fn hospital_policy(policy: &Effective) -> Vec<Finding> {
    let check = "hospital";
    let standing = match policy.standing() {
        Standing::Absent => Finding::ok(check, "none: the defaults hold"),
        Standing::InForce => Finding::ok(check, format!("in force: {}", in_words(policy))),
        Standing::Gone => Finding::new(check, FindingState::Warning, None, format!("gone, what it said holds: {}", in_words(policy))),
        Standing::NotTheAdministrators => {
            Finding::new(check, FindingState::Warning, None, format!("only tightens, others may write it: {}", in_words(policy)))
        }
        Standing::Unbelievable => {
            Finding::new(check, FindingState::Warning, None, format!("cannot be believed, strict settings hold: {}", in_words(policy)))
        }
    };
    let wrong = policy.findings().iter().map(|finding| match finding.state {
        // The administrator asked for something that does not hold. Work goes on; a roll-out should not.
        State::Bad => Finding::failure(check, ErrorCode::InvalidRequest, policy::words(&finding.problem)),
        _ => Finding::new(check, FindingState::Warning, None, policy::words(&finding.problem)),
    });
    let settings = policy.every().map(|setting| {
        let by = match setting.origin {
            Origin::Default => "default",
            Origin::Policy => "set by the hospital",
            Origin::Option => "set at this start",
        };
        Finding::ok("setting", format!("{}: {} ({by})", setting.name.as_str(), setting.value))
    });
    std::iter::once(standing).chain(wrong).chain(settings).collect()
}

fn in_words(policy: &Effective) -> String {
    let (idle, cap, lease) = (policy.idle_seconds().value, policy.session_cap_hours().value, policy.offline_lease_hours().value);
    format!("locks after {idle} s and {cap} h, lease {lease} h, passphrase of {} characters", policy.min_passphrase_chars().value)
}

/// Nothing of it keeps Satchel from working; what the hospital demands of it, [`enrolment`] tells.
fn stands(finding: &posture::Finding) -> Finding {
    let detail = format!("{}: {}", finding.what.as_str(), finding.detail.words());
    let state = if finding.state == State::Good { FindingState::Ok } else { FindingState::Warning };
    Finding::new("posture", state, None, detail)
}

/// Before there is a vault, a refused enrolment keeps Satchel from working; afterwards it does not.
fn enrolment(policy: &Effective, posture: &Posture, has_vault: bool) -> Finding {
    let check = "enrol";
    let why = policy::against_enrolment(policy, posture);
    match (why.as_slice(), has_vault) {
        ([], _) => Finding::ok(check, "open to whoever signs in at the EHR"),
        (_, true) => Finding::warning(check, ErrorCode::EnrolmentRefused, why.join("; ")),
        (_, false) => Finding::failure(check, ErrorCode::EnrolmentRefused, why.join("; ")),
    }
}

fn folder(path: &Path) -> Finding {
    let check = "profile";
    match fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Finding::skipped(check, format!("no profile yet at {}", path.display()))
        }
        Err(_) => Finding::failure(check, ErrorCode::VaultUnreadable, format!("cannot be looked into: {}", path.display())),
        Ok(about) if !about.is_dir() => Finding::failure(check, ErrorCode::VaultUnreadable, format!("is no folder: {}", path.display())),
        Ok(about) if !is_private(&about) => Finding::warning(
            check,
            ErrorCode::VaultUnreadable,
            format!("others may look into {}; the next start closes it", path.display()),
        ),
        Ok(about) if !is_mine(&about) => {
            Finding::failure(check, ErrorCode::VaultUnreadable, format!("belongs to another user: {}", path.display()))
        }
        Ok(_) => Finding::ok(check, format!("private: {}", path.display())),
    }
}

fn site_file(site: &Result<Option<Site>, crate::Problem>) -> Finding {
    let check = "site";
    match site {
        Ok(Some(site)) => Finding::ok(check, format!("{}, workstation {}", site.ehr, site.device)),
        Ok(None) => Finding::skipped(check, "no EHR chosen yet"),
        Err(problem) => Finding::failure(check, problem.code(), "site.json cannot be read"),
    }
}

fn vault_files(profile: &Profile) -> Finding {
    let check = "vault";
    let files = profile.vault();
    let (keys, database) = (files.keys().is_file(), files.database().is_file());
    match (keys, database) {
        (false, false) => return Finding::skipped(check, "no vault yet"),
        (false, true) => return Finding::failure(check, ErrorCode::VaultUnreadable, "keys.json is missing"),
        (true, false) => return Finding::failure(check, ErrorCode::VaultUnreadable, "vault.db is missing"),
        (true, true) => {}
    }
    let Ok(key_file) = KeyFile::read(&files.keys()) else {
        return Finding::failure(check, ErrorCode::VaultUnreadable, "keys.json cannot be read");
    };
    let loose = [files.keys(), files.database()].iter().any(|path| !fs::metadata(path).is_ok_and(|about| is_private(&about)));
    match LockedVault::find(files) {
        Ok(_) if loose => Finding::warning(check, ErrorCode::VaultUnreadable, "other users may read its (sealed) files"),
        Ok(_) => Finding::ok(check, format!("there and free, {} enrolled", key_file.users().len())),
        Err(VaultError::InUse) => Finding::warning(check, ErrorCode::VaultInUse, "held by another running Satchel"),
        Err(error) => Finding::failure(check, crate::Problem::from(error).code(), "cannot be held"),
    }
}

/// Whatever keeps this workstation's secret, or is to keep it.
fn secret(profile: &Profile, site: Option<&Site>, policy: &Effective, keyring: &Keyring) -> Finding {
    let (has_vault, module) = (profile.vault().keys().is_file(), policy.token_module().value.as_deref());
    match (has_vault, site.and_then(|site| site.token.as_ref()), module) {
        (true, Some(token), module) => kept_by_token(profile, token, module),
        (false, _, Some(module)) => token_to_be(module, policy.token_label().value.as_deref()),
        (_, _, None) | (true, None, _) => keyring_entry(profile, keyring),
    }
}

/// The token of the vault here: its module, whether it is there, its PIN. No PIN is asked for and no key used.
fn kept_by_token(profile: &Profile, token: &SiteToken, module: Option<&Path>) -> Finding {
    let (check, module) = ("token", module.unwrap_or(&token.module));
    let said = |what: &str| format!("{}, by {}: {what}", token.name.label, module.display());
    match token::pin_state(profile, module) {
        Ok(PinState::Open) => Finding::ok(check, said("there, its PIN is open")),
        Ok(PinState::LastTry) => Finding::warning(check, ErrorCode::WrongPinLastTry, said("there, one more wrong PIN locks it")),
        Ok(PinState::Locked) => Finding::failure(check, ErrorCode::PinLocked, said("there, its PIN is locked")),
        Err(StoreError::Emptied) => Finding::failure(check, ErrorCode::KeyringEmptied, said("device.token is missing beside the vault")),
        Err(error) => Finding::failure(check, keyring_problem(error).code(), said(&error.to_string())),
    }
}

#[cfg(test)]
pub(crate) fn of_secret(profile: &Profile, module: &Path) -> Finding {
    let site = profile.site().ok().flatten();
    site.and_then(|site| site.token).map_or_else(|| Finding::skipped("token", ""), |token| kept_by_token(profile, &token, Some(module)))
}

/// Before there is a vault: whether enrolling would find its token.
fn token_to_be(module: &Path, label: Option<&str>) -> Finding {
    let check = "token";
    let said = |what: &str| format!("{}: {what}", module.display());
    match TokenStore::tokens(module) {
        Ok(tokens) => match tokens.iter().filter(|token| label.is_none_or(|label| token.label == label)).count() {
            0 => Finding::failure(check, ErrorCode::TokenAbsent, said("the token to enrol with is not there")),
            1 => Finding::ok(check, said("the token to enrol with is there")),
            _ => Finding::failure(check, ErrorCode::InvalidRequest, said("several tokens are there, and none is named")),
        },
        Err(error) => Finding::failure(check, keyring_problem(error).code(), said(&error.to_string())),
    }
}

/// What the EHR said of the audit chain, as it is kept beside the vault.
fn audit_chain(profile: &Profile) -> Finding {
    let check = "audit";
    let Kept { countersigned, quarantine, trouble, .. } = Kept::read(profile);
    let seen = countersigned.map(|seen| format!("countersigned up to entry {} at {}", seen.sequence, seen.at));
    match (quarantine, trouble, seen) {
        (Some(found), ..) => {
            let why = format!("QUARANTINED since {}: {} what the EHR has seen; docs/decisions/009", found.since, found.standing);
            Finding::warning(check, ErrorCode::AuditBroken, why)
        }
        (None, Some(trouble), _) => {
            Finding::warning(check, ErrorCode::EhrRefused, format!("the EHR does not countersign: {}", trouble.as_str()))
        }
        (None, None, Some(seen)) => Finding::ok(check, seen),
        (None, None, None) => Finding::skipped(check, "the EHR has countersigned nothing yet"),
    }
}

fn keyring_entry(profile: &Profile, keyring: &Keyring) -> Finding {
    let check = "keyring";
    let key_file = KeyFile::read(&profile.vault().keys()).ok();
    // Before there is a vault, an entry that cannot exist tells whether the keyring answers and is open.
    let nobody = || Some((SiteId::new("none").ok()?, DeviceId::new("none").ok()?));
    let Some((site, device)) = key_file.as_ref().map(|file| (file.site().clone(), file.device().clone())).or_else(nobody) else {
        return Finding::failure(check, ErrorCode::Internal, "cannot be asked");
    };
    let name = keys::SecretName::device(key_file.as_ref().map_or(1, KeyFile::device_secret));
    match (keyring(&site, &device, name).load(), &key_file) {
        (Ok(_), Some(_)) => Finding::ok(check, "open, and holds this workstation's secret"),
        (Err(StoreError::Emptied), None) => Finding::ok(check, "answers and is open"),
        (Ok(_), None) => Finding::warning(check, ErrorCode::Internal, "holds a secret that belongs to no vault"),
        (Err(error), _) => Finding::failure(check, keyring_problem(error).code(), error.to_string()),
    }
}

/// What a first pull of a practice takes, and what an unsent note takes.
const ROOMY: u64 = 1 << 30;
const ENOUGH: u64 = 64 << 20;

fn disk(profile: &Path) -> Finding {
    let check = "disk";
    let Some(there) = profile.ancestors().find(|path| path.exists()) else { return Finding::skipped(check, "no such disk") };
    let Ok(about) = rustix::fs::statvfs(there) else { return Finding::skipped(check, "does not tell its free space") };
    let free = about.f_bavail.saturating_mul(about.f_frsize);
    let detail = format!("{} MiB free", free >> 20);
    match free {
        ..ENOUGH => Finding::failure(check, ErrorCode::DiskFull, detail),
        ENOUGH..ROOMY => Finding::warning(check, ErrorCode::DiskFull, detail),
        _ => Finding::ok(check, detail),
    }
}

fn logs(folder: &Path) -> Finding {
    let check = "logs";
    if !folder.exists() {
        return Finding::skipped(check, "none yet");
    }
    let writable = rustix::fs::access(folder, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK).is_ok();
    let files = fs::read_dir(folder).map(|files| files.flatten().filter_map(|file| file.metadata().ok()).map(|about| about.len()));
    match files {
        Ok(files) if writable => {
            let (count, bytes) = files.fold((0, 0), |(count, bytes), len| (count + 1, bytes + len));
            Finding::ok(check, format!("{count} files, {} KiB, in {}", bytes >> 10, folder.display()))
        }
        _ => Finding::failure(check, ErrorCode::Internal, format!("cannot be written: {}", folder.display())),
    }
}

/// Whether the watch over accesses ever failed here: charts opened all the same.
fn watch(profile: &Profile) -> Finding {
    let check = "watch";
    let mark = match fs::read_to_string(profile.vault().unwatched()) {
        Ok(mark) => mark,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Finding::ok(check, "every access was watched"),
        Err(_) => return Finding::warning(check, ErrorCode::Internal, "an access was not watched, and when cannot be read"),
    };
    let when = DateTime::parse_from_rfc3339(&mark).map_or_else(|_| "at some time".to_owned(), |at| format!("last at {at}"));
    Finding::warning(check, ErrorCode::Internal, format!("accesses were not watched, {when}; the audit trail has each as an incident"))
}

/// The year this version is from: no right clock says less.
const BUILT: i32 = 2026;
/// Clocks of two machines, or of one before and after a correction, differ by so much without anything being wrong.
const SLACK_S: i64 = 300;

fn wall_clock(profile: &Profile, now: DateTime<Utc>) -> Finding {
    let check = "clock";
    let detail = now.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    if !(BUILT..BUILT + 20).contains(&now.year()) {
        return Finding::failure(check, ErrorCode::Internal, format!("cannot be right: {detail}"));
    }
    let files = profile.vault();
    let written =
        [files.database(), files.keys(), files.audit_head()].into_iter().filter_map(|path| fs::metadata(path).ok()?.modified().ok());
    let latest = written.map(DateTime::<Utc>::from).max();
    match latest {
        Some(latest) if (latest - now).num_seconds() > SLACK_S => {
            Finding::warning(check, ErrorCode::Internal, format!("set back: {detail}, but the vault was written later than that"))
        }
        _ => Finding::ok(check, detail),
    }
}

fn policies() -> Finding {
    match Gate::new() {
        Ok(_) => Finding::ok("policies", "valid against their schema"),
        Err(_) => Finding::failure("policies", ErrorCode::Internal, "not valid against their schema"),
    }
}

async fn ehr(policy: &Effective, site: Option<&Site>) -> Finding {
    let check = "ehr";
    let Some(address) = site.map(|site| site.ehr.to_string()).or_else(|| policy.ehr().value.clone()) else {
        return Finding::skipped(check, "none chosen yet");
    };
    let Ok(address) = EhrAddress::parse(&address) else {
        return Finding::failure(check, ErrorCode::InvalidRequest, "the address is no https address");
    };
    let Ok(http) = policy::http(policy) else {
        return Finding::failure(check, ErrorCode::EhrNotTrusted, "the further root certificate cannot be read");
    };
    match Smart::discover(http, address.clone()).await {
        Ok(smart) => {
            let types = smart.capability().types.len();
            let tls = if policy.allow_tls_1_2().value { "TLS 1.2 or newer" } else { "TLS 1.3" };
            Finding::ok(check, format!("{} answers over {tls}, FHIR R4 with SMART sign-in, {types} types", address.as_str()))
        }
        Err(error) => Finding::failure(check, error.code(), format!("{}: {error}", address.as_str())),
    }
}

#[cfg(unix)]
fn is_private(about: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(about) & 0o077 == 0
}

#[cfg(unix)]
fn is_mine(about: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(about) == rustix::process::geteuid().as_raw()
}

/// Elsewhere access lists rule, which the system sets for a user's own data folder.
#[cfg(not(unix))]
fn is_private(_: &Metadata) -> bool {
    true
}

#[cfg(not(unix))]
fn is_mine(_: &Metadata) -> bool {
    true
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use std::os::unix::fs::PermissionsExt as _;

    use chrono::TimeZone as _;

    use posture::LastKnown;

    use super::*;

    fn state(finding: &Finding) -> (FindingState, Option<ErrorCode>) {
        (finding.state, finding.code)
    }

    #[test]
    fn a_folder_open_to_others_is_found() {
        let place = tempfile::tempdir().unwrap();
        let set = |mode| fs::set_permissions(place.path(), fs::Permissions::from_mode(mode)).unwrap();
        set(0o700);
        assert_eq!(folder(place.path()).state, FindingState::Ok);
        set(0o750);
        assert_eq!(folder(place.path()).state, FindingState::Warning);
        assert_eq!(fs::metadata(place.path()).unwrap().permissions().mode() & 0o777, 0o750, "looked at, not changed");
        assert_eq!(folder(&place.path().join("absent")).state, FindingState::Skipped);
    }

    #[test]
    fn half_a_vault_and_a_damaged_site_are_found() {
        let place = tempfile::tempdir().unwrap();
        let profile = Profile::at(place.path());
        assert_eq!(vault_files(&profile).state, FindingState::Skipped);
        fs::create_dir(place.path().join("vault")).unwrap();
        fs::write(profile.vault().database(), b"x").unwrap();
        assert_eq!(state(&vault_files(&profile)), (FindingState::Failed, Some(ErrorCode::VaultUnreadable)));
        fs::write(profile.vault().keys(), b"{}").unwrap();
        assert_eq!(state(&vault_files(&profile)), (FindingState::Failed, Some(ErrorCode::VaultUnreadable)));
        fs::write(place.path().join("site.json"), b"{").unwrap();
        assert_eq!(state(&site_file(&profile.site())), (FindingState::Failed, Some(ErrorCode::VaultUnreadable)));
    }

    fn under(policy: &str) -> Effective {
        let found = posture::Found::Read { bytes: policy.as_bytes().to_vec(), administrators_alone: true };
        Effective::resolve(&found, LastKnown::Nothing, &posture::Choice::default())
    }

    #[test]
    fn the_policy_and_what_is_wrong_with_it_are_told() {
        let about_the_file = |policy: &Effective| hospital_policy(policy).into_iter().filter(|finding| finding.check == "hospital");
        let told = |policy: &Effective| about_the_file(policy).map(|finding| state(&finding)).collect::<Vec<_>>();
        assert_eq!(
            told(&Effective::resolve(&posture::Found::Absent, LastKnown::Nothing, &posture::Choice::default())),
            [(FindingState::Ok, None)]
        );
        assert_eq!(told(&under(r#"{"idle_seconds": 300}"#)), [(FindingState::Ok, None)]);
        assert!(hospital_policy(&under(r#"{"idle_seconds": 300}"#))[0].detail.contains("after 300 s"));
        assert_eq!(told(&under(r#"{"idle_seconds": 9000}"#)), [(FindingState::Ok, None), (FindingState::Warning, None)]);
        let bad = (FindingState::Failed, Some(ErrorCode::InvalidRequest));
        assert_eq!(told(&under(r#"{"idle_second": 300}"#)), [(FindingState::Ok, None), bad]);
        assert!(hospital_policy(&under(r#"{"idle_second": 300}"#))[1].detail.contains("idle_second"));
        assert_eq!(told(&under("{")), [(FindingState::Warning, None), bad]);
        let every = hospital_policy(&under(r#"{"allow_tls_1_2": true}"#));
        let every: Vec<_> = every.iter().filter(|finding| finding.check == "setting").map(|finding| finding.detail.as_str()).collect();
        assert_eq!(every.len(), posture::SettingName::ALL.len());
        assert!(every.contains(&"allow_tls_1_2: yes (set by the hospital)") && every.contains(&"idle_seconds: 900 s (default)"));
    }

    #[test]
    fn a_refused_enrolment_is_told_and_fails_only_where_there_is_no_vault() {
        let place = tempfile::tempdir().unwrap();
        let posture = Posture::look(place.path());
        let told = |policy: &str, has_vault| state(&enrolment(&under(policy), &posture, has_vault));
        let code = Some(ErrorCode::EnrolmentRefused);
        assert_eq!(told("{}", false), (FindingState::Ok, None));
        assert_eq!(told("{", false), (FindingState::Failed, code));
        assert_eq!(told("{", true), (FindingState::Warning, code));
        // A demand that enrolment itself meets.
        assert_eq!(told(r#"{"factors": "with_security_key"}"#, false), (FindingState::Ok, None));
        let every = posture.findings().iter().map(stands).collect::<Vec<_>>();
        assert!(every.len() == 8 && every.iter().all(|finding| finding.check == "posture" && finding.failed().is_none()));
    }

    #[test]
    fn a_clock_that_cannot_be_right_is_found() {
        let place = tempfile::tempdir().unwrap();
        let profile = Profile::at(place.path());
        let at = |year| Utc.with_ymd_and_hms(year, 6, 1, 0, 0, 0).unwrap();
        assert_eq!(wall_clock(&profile, at(1970)).state, FindingState::Failed);
        assert_eq!(wall_clock(&profile, at(BUILT)).state, FindingState::Ok);
        fs::create_dir(place.path().join("vault")).unwrap();
        let later = std::time::SystemTime::from(at(BUILT + 2));
        let file = fs::File::create(profile.vault().database()).unwrap();
        file.set_modified(later).unwrap();
        assert_eq!(wall_clock(&profile, at(BUILT + 1)).state, FindingState::Warning);
        assert_eq!(wall_clock(&profile, at(BUILT + 3)).state, FindingState::Ok);
    }
}
