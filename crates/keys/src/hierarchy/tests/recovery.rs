//! The recovery key and its code.
use super::*;
use crate::SealError;

#[test]
fn the_recovery_key_opens_the_database_and_copies_without_anything_else() {
    let (ring, mut file, mut open) = guarded();
    assert!(open.recovery().is_none() && file.recovery().is_none());
    let key = RecoveryKey::generate().unwrap();
    let (adopted, seal) = open.adopt_recovery(&file, key.public()).unwrap();
    assert!(open.recovery().is_none(), "until the file is on disk");
    (file, _) = (adopted, open.take_up_recovery(seal));
    assert_eq!(opens(&ring, &file, "ben").unwrap().recovery().is_some(), file.recovery() == Some(key.public()));
    let copy = open.recovery().unwrap().seal(&[b"outbox", b"1"], b"an order").unwrap();
    let database = |file: &KeyFile, key: &RecoveryKey| Some(key.database_keys(file).ok()?.database_keys().next()?.lend(str::to_owned));
    let held = |open: &OpenKeys| open.database_keys().next().map(|key| key.lend(str::to_owned));
    assert_eq!(database(&file, &key), held(&open));
    begins(&ring, &mut file, &mut open).unwrap();
    assert_eq!((database(&file, &key), key.database_keys(&file).unwrap().database_keys().count()), (held(&open), 2));
    ends(&mut file, &mut open).unwrap();
    assert_eq!((database(&file, &key), key.database_keys(&file).unwrap().database_keys().count()), (held(&open), 1));

    let read = RecoveryKey::from_code(&key.code()).unwrap();
    assert_eq!(read.unseal(&file, &[b"outbox", b"1"], &copy).unwrap().as_slice(), b"an order");
    assert_eq!(read.unseal(&file, &[b"outbox", b"2"], &copy), Err(SealError::Unreadable));
    assert_eq!(database(&file, &RecoveryKey::generate().unwrap()), None, "another recovery key");
    let mut swapped = file.clone();
    swapped.recovery.as_mut().unwrap().public_key.0[0] ^= 1;
    assert_eq!(opens(&ring, &swapped, "ada").unwrap_err(), UnlockError::Damaged, "copies would go to whoever edited the file");
}

#[test]
fn a_recovery_code_is_read_as_people_write_and_misread_it() {
    let key = RecoveryKey::generate().unwrap();
    let code = key.code();
    assert_eq!((code.len(), code.split('-').count()), (69, 14));
    for written in [code.to_lowercase(), code.replace('-', ""), code.replace('0', "O").replace('1', "l"), code.replace('-', " \n")] {
        assert_eq!(RecoveryKey::from_code(&written).unwrap().public(), key.public());
    }
    for at in (0..code.len()).filter(|at| code.as_bytes()[*at] != b'-') {
        let mut wrong = code.as_bytes().to_vec();
        wrong[at] = if wrong[at] == b'7' { b'8' } else { b'7' };
        let wrong = String::from_utf8(wrong).unwrap();
        assert!(RecoveryKey::from_code(&wrong).is_err(), "letter {at}");
        assert!(RecoveryKey::from_code(&code[..at]).is_err(), "cut at {at}");
    }
    assert!(RecoveryKey::from_code(&format!("{}0", &*code)).is_err());
}
