//! What happens while the vault is locked.
use std::fs::{self, OpenOptions};
use std::io::Write as _;

use audit::{Action, Outcome};
use vault::{DoorLog, OpenVault, VaultError};

use crate::support::{ADA, Ward, entries, failed_unlock};

fn door(ward: &Ward) -> DoorLog {
    DoorLog::new(ward.files.door(), ward.key_file().door())
}

/// What the door brought into the chain, oldest first.
fn absorbed(ward: &Ward, vault: &mut OpenVault) -> Vec<(Action, Outcome, String)> {
    let mut found = entries(ward, ADA, vault, 10_000);
    found.reverse();
    let found = found.into_iter().filter_map(|entry| Some((entry.action, entry.outcome, entry.subject.detail?)));
    found.filter(|(_, _, detail)| detail.starts_with("door ")).collect()
}

#[test]
fn the_next_unlock_takes_it_into_the_chain_once() {
    let (ward, vault) = Ward::new();
    drop(vault.lock());
    door(&ward).append(&failed_unlock("wrong_passphrase")).unwrap();
    let mut start = failed_unlock("start");
    (start.action, start.claimed) = (Action::Start, None);
    door(&ward).append(&start).unwrap();
    for opening in 0..2 {
        let mut vault = ward.open(ADA).unwrap();
        let found = absorbed(&ward, &mut vault);
        let said = |claimed: &str, why: &str| format!("door 2026-03-01T08:00:00.000Z boot boot-1 1 claimed {claimed} {why}");
        let expected = [
            (Action::UnlockFailed, Outcome::Failed, said("ada", "wrong_passphrase")),
            (Action::Start, Outcome::Allowed, said("nobody", "start")),
        ];
        assert_eq!(found, expected, "opening {opening}");
        assert_eq!(fs::read(ward.files.door()).unwrap(), b"");
        drop(vault.lock());
    }
    door(&ward).append(&failed_unlock("again")).unwrap();
    let mut vault = ward.open(ADA).unwrap();
    assert_eq!(absorbed(&ward, &mut vault).len(), 3);
}

#[test]
fn an_open_vault_takes_it_in_too_and_says_what_a_token_did() {
    let (ward, mut vault) = Ward::new();
    let origin = ward.origin(ADA);
    vault.absorb_door(&origin).unwrap();
    assert_eq!(absorbed(&ward, &mut vault), [], "no log is no event");
    for why in ["unwrap done", "read failed", "destroy unanswered"] {
        let mut used = failed_unlock(why);
        used.action = Action::UseToken;
        door(&ward).append(&used).unwrap();
    }
    for _ in 0..2 {
        vault.absorb_door(&origin).unwrap();
        let found = absorbed(&ward, &mut vault);
        assert!(found.iter().all(|(action, ..)| *action == Action::UseToken));
        let outcomes: Vec<_> = found.iter().map(|(_, outcome, _)| *outcome).collect();
        assert_eq!(outcomes, [Outcome::Allowed, Outcome::Failed, Outcome::Failed], "once");
    }
    drop(vault.lock());
    assert_eq!(absorbed(&ward, &mut ward.open(ADA).unwrap()).len(), 3);
}

#[test]
fn an_unlock_that_fails_leaves_the_log() {
    let (ward, vault) = Ward::new();
    drop(vault.lock());
    door(&ward).append(&failed_unlock("wrong_passphrase")).unwrap();
    let log = fs::read(ward.files.door()).unwrap();
    let good = fs::read(ward.files.database()).unwrap();
    fs::write(ward.files.database(), "damaged").unwrap();
    assert_eq!(ward.open(ADA).err(), Some(VaultError::Unreadable));
    assert_eq!(fs::read(ward.files.door()).unwrap(), log);
    fs::write(ward.files.database(), good).unwrap();
    let mut vault = ward.open(ADA).unwrap();
    assert_eq!(absorbed(&ward, &mut vault).len(), 1);
}

#[test]
fn lines_cut_out_moved_or_written_by_others_are_recorded_and_keep_nobody_out() {
    let (ward, vault) = Ward::new();
    let mut vault = Some(vault);
    let (other, _other_vault) = Ward::new();
    let line = |ward: &Ward, why: &str| {
        door(ward).append(&failed_unlock(why)).unwrap();
    };
    let whole = || {
        let _ = fs::remove_file(ward.files.door());
        for why in ["one", "two", "three"] {
            line(&ward, why);
        }
        fs::read_to_string(ward.files.door()).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
    };
    line(&other, "foreign");
    let foreign = fs::read_to_string(other.files.door()).unwrap().trim().to_owned();
    type Edit<'a> = (&'static str, Box<dyn Fn(Vec<String>) -> String + 'a>, usize, usize);
    let edits: Vec<Edit<'_>> = vec![
        ("untouched", Box::new(|lines| lines.join("\n")), 3, 0),
        ("the first cut out", Box::new(|lines| lines[1..].join("\n")), 1, 1),
        ("the middle cut out", Box::new(|lines| [&lines[0][..], &lines[2]].join("\n")), 1, 1),
        ("swapped", Box::new(|lines| [&lines[1][..], &lines[0], &lines[2]].join("\n")), 0, 3),
        ("another vault's", Box::new(|lines| [&foreign[..], &lines[0]].join("\n")), 0, 2),
        ("cut off within a line", Box::new(|lines| lines.join("\n")[..lines[0].len() + 100].to_owned()), 1, 1),
        ("no hexadecimal", Box::new(|_| "zz\nxyz\n\u{fffd}é\n".to_owned()), 0, 3),
        ("only line ends", Box::new(|_| "\n\n\n".to_owned()), 0, 0),
    ];
    for (what, edit, readable, unreadable) in edits {
        drop(vault.take());
        let lines = whole();
        fs::write(ward.files.door(), edit(lines)).unwrap();
        let mut open = ward.open(ADA).unwrap_or_else(|error| panic!("{what}: {error}"));
        let new = entries(&ward, ADA, &mut open, 10_000);
        let opening = new.iter().skip_while(|entry| entry.action != Action::Unlock).skip(1);
        let unlocks =
            opening.skip_while(|entry| entry.action == Action::Countersign).take_while(|entry| entry.action == Action::UnlockFailed);
        let (mut opened, mut closed) = (0, 0);
        for entry in unlocks {
            if entry.subject.detail.as_deref() == Some("door line unreadable or out of order") { closed += 1 } else { opened += 1 }
        }
        assert_eq!((opened, closed), (readable, unreadable), "{what}");
        vault = Some(open);
    }
}

#[test]
fn a_line_cut_off_by_a_crash_does_not_swallow_the_next() {
    let (ward, vault) = Ward::new();
    drop(vault.lock());
    OpenOptions::new().create(true).append(true).open(ward.files.door()).unwrap().write_all(b"0102").unwrap();
    door(&ward).append(&failed_unlock("after")).unwrap();
    door(&ward).append(&failed_unlock("later")).unwrap();
    let mut vault = ward.open(ADA).unwrap();
    let found: Vec<_> = absorbed(&ward, &mut vault).into_iter().map(|(_, _, detail)| detail).collect();
    assert_eq!(found.len(), 3);
    assert_eq!(found[0], "door line unreadable or out of order");
    assert!(found[1].ends_with("after") && found[2].ends_with("later"));
}

#[test]
fn what_cannot_happen_at_a_door_does_not_get_through_it() {
    let (ward, vault) = Ward::new();
    drop(vault.lock());
    // Anyone who reads the key file can seal to the door.
    for action in Action::ALL {
        let mut event = failed_unlock("forged");
        event.action = *action;
        door(&ward).append(&event).unwrap();
    }
    let mut event = failed_unlock("forged");
    event.why = "free text ".repeat(20);
    door(&ward).append(&event).unwrap();
    let mut vault = ward.open(ADA).unwrap();
    let found = absorbed(&ward, &mut vault);
    assert_eq!(found.len(), Action::ALL.len() + 1);
    let through: Vec<_> = found.iter().filter(|(_, _, detail)| detail.ends_with("forged")).map(|(action, ..)| *action).collect();
    assert_eq!(through, [Action::Start, Action::UnlockFailed, Action::Lock, Action::Recovery, Action::UseToken]);
}

#[test]
fn a_log_of_any_size_is_bounded_and_said_to_be() {
    let (ward, vault) = Ward::new();
    drop(vault.lock());
    fs::write(ward.files.door(), "00\n".repeat(10_500)).unwrap();
    let mut vault = ward.open(ADA).unwrap();
    let found = absorbed(&ward, &mut vault);
    assert_eq!(found.last().unwrap().2, "door log unreadable or too long from here on");
    drop(vault.lock());
    fs::write(ward.files.door(), "0".repeat(9 << 20)).unwrap();
    let mut vault = ward.open(ADA).unwrap();
    let found = absorbed(&ward, &mut vault);
    assert_eq!(
        found[found.len() - 2..].iter().map(|(_, _, detail)| &**detail).collect::<Vec<_>>(),
        ["door line unreadable or out of order", "door log unreadable or too long from here on"]
    );
    drop(vault.lock());
    // A long log is appended to all the same.
    fs::write(ward.files.door(), "00\n".repeat(100_000)).unwrap();
    door(&ward).append(&failed_unlock("late")).unwrap();
}

#[test]
fn a_log_that_cannot_be_read_keeps_nobody_out() {
    let (ward, vault) = Ward::new();
    drop(vault.lock());
    fs::create_dir(ward.files.door()).unwrap();
    assert!(door(&ward).append(&failed_unlock("x")).is_err());
    let mut vault = ward.open(ADA).unwrap();
    assert_eq!(absorbed(&ward, &mut vault).len(), 1);
}

#[test]
fn events_from_many_hands_all_arrive_in_order() {
    let (ward, vault) = Ward::new();
    drop(vault.lock());
    std::thread::scope(|scope| {
        for hand in 0..4 {
            let door = door(&ward);
            scope.spawn(move || {
                for n in 0..10 {
                    door.append(&failed_unlock(&format!("{hand}/{n}"))).unwrap();
                }
            });
        }
    });
    let mut vault = ward.open(ADA).unwrap();
    let found: Vec<_> = absorbed(&ward, &mut vault).into_iter().map(|(_, _, detail)| detail).collect();
    assert_eq!(found.len(), 40);
    assert!(found.iter().all(|detail| detail.contains('/')), "every line opens");
}
