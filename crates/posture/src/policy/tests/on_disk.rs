//! Who may write the file, and replace it.
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::PathBuf;

use tempfile::TempDir;

use super::super::parse::MOST_BYTES;
use super::*;

struct Etc(TempDir);

impl Etc {
    fn new() -> Self {
        let etc = Self(tempfile::tempdir().unwrap());
        fs::create_dir(etc.0.path().join("satchel")).unwrap();
        fs::write(etc.policy(), "{}").unwrap();
        etc.mode("satchel", 0o755);
        etc.mode("satchel/policy.json", 0o644);
        etc
    }

    fn policy(&self) -> PathBuf {
        self.0.path().join("satchel/policy.json")
    }

    fn mode(&self, path: &str, mode: u32) {
        fs::set_permissions(self.0.path().join(path), Permissions::from_mode(mode)).unwrap();
    }

    fn look(&self) -> Found {
        Found::in_file(&self.policy(), Owner::this_process())
    }
}

fn read_as(administrators_alone: bool) -> Found {
    Found::Read { bytes: b"{}".to_vec(), administrators_alone }
}

#[test]
fn who_may_write_a_file_is_seen() {
    let etc = Etc::new();
    for (mode, alone) in [(0o644, true), (0o600, true), (0o664, false), (0o646, false), (0o666, false)] {
        etc.mode("satchel/policy.json", mode);
        assert_eq!(etc.look(), read_as(alone), "{mode:o}");
    }
}

#[test]
fn who_may_replace_it_is_seen_too() {
    let etc = Etc::new();
    for (mode, alone) in [(0o755, true), (0o775, false), (0o757, false), (0o1777, true)] {
        etc.mode("satchel", mode);
        assert_eq!(etc.look(), read_as(alone), "{mode:o}");
    }
    etc.mode("satchel", 0o755);
    etc.mode("", 0o777);
    assert_eq!(etc.look(), read_as(false), "a folder further up");
}

#[test]
fn a_link_is_as_good_as_where_it_leads() {
    let etc = Etc::new();
    let elsewhere = etc.0.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::rename(etc.policy(), elsewhere.join("policy.json")).unwrap();
    symlink(elsewhere.join("policy.json"), etc.policy()).unwrap();
    assert_eq!(etc.look(), read_as(true));
    etc.mode("elsewhere", 0o777);
    assert_eq!(etc.look(), read_as(false));
    etc.mode("elsewhere", 0o755);
    etc.mode("satchel", 0o777);
    assert_eq!(etc.look(), read_as(false), "where the link is");
    fs::remove_file(elsewhere.join("policy.json")).unwrap();
    assert_eq!(etc.look(), Found::Unreadable, "a link to nowhere is not no policy");
}

#[test]
fn what_is_no_file_is_unreadable_and_what_is_not_there_absent() {
    let etc = Etc::new();
    fs::remove_file(etc.policy()).unwrap();
    assert_eq!(etc.look(), Found::Absent);
    fs::create_dir(etc.policy()).unwrap();
    assert_eq!(etc.look(), Found::Unreadable);
    fs::remove_dir(etc.policy()).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, etc.policy(), rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR, 0).unwrap();
    assert_eq!(etc.look(), Found::Unreadable, "and does not wait for a writer");
    fs::remove_dir_all(etc.0.path().join("satchel")).unwrap();
    assert_eq!(etc.look(), Found::Absent);
    fs::write(etc.0.path().join("satchel"), "").unwrap();
    assert_eq!(etc.look(), Found::Unreadable, "a file in the folder's place");
}

#[test]
fn another_owner_is_seen() {
    let etc = Etc::new();
    if !rustix::process::geteuid().is_root() {
        assert!(matches!(Found::in_file(&etc.policy(), Owner::ROOT), Found::Read { administrators_alone: false, .. }));
        return;
    }
    let nobody = Some(rustix::process::Uid::from_raw(65534));
    rustix::fs::chownat(rustix::fs::CWD, etc.policy(), nobody, None, rustix::fs::AtFlags::empty()).unwrap();
    assert_eq!(etc.look(), read_as(false));
    assert_eq!(read_admin_file(&etc.policy(), 100), Err(AdminFileError::NotTheAdministrators));
}

#[test]
fn a_large_file_is_read_no_further_than_shows_that_it_is() {
    let etc = Etc::new();
    fs::write(etc.policy(), vec![b' '; 10 * MOST_BYTES]).unwrap();
    let Found::Read { bytes, .. } = etc.look() else { panic!("not read") };
    assert_eq!(bytes.len(), MOST_BYTES + 1);
    assert_eq!(resolved(bytes).standing(), Standing::Unbelievable);
    assert_eq!(read_admin_file(&etc.policy(), MOST_BYTES), Err(AdminFileError::TooLarge));
    assert_eq!(read_admin_file(&etc.0.path().join("none"), 1), Err(AdminFileError::Absent));
}
