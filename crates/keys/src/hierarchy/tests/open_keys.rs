//! What open keys do: patients and groups apart, tags and seals.
use super::*;
use crate::{SealError, WrappedPatientKey};

#[test]
fn patient_keys_open_only_for_their_patient_and_group() {
    let (_, open) = ada_enrols();
    let (wrapped, _) = open.new_patient_key(Group::Restricted, &SLOT).unwrap();
    assert_eq!(wrapped.group(), Ok(Group::Restricted));
    let wrapped = WrappedPatientKey::from_bytes(wrapped.as_bytes().to_vec()).unwrap();
    assert_eq!(open.open_patient_key(&wrapped, &SLOT).unwrap().patient(), 7);
    for other in [PatientSlot { patient: 8, ..SLOT }, PatientSlot { tag: [2; 16], ..SLOT }] {
        assert_eq!(open.open_patient_key(&wrapped, &other).unwrap_err(), SealError::Unreadable);
    }
    for at in 0..wrapped.as_bytes().len() {
        for bit in 0..8 {
            let mut flipped = wrapped.as_bytes().to_vec();
            flipped[at] ^= 1 << bit;
            let opened = WrappedPatientKey::from_bytes(flipped).and_then(|wrapped| open.open_patient_key(&wrapped, &SLOT));
            assert!(opened.is_err(), "byte {at} bit {bit}");
        }
    }
    assert_eq!(WrappedPatientKey::from_bytes(vec![]).unwrap_err(), SealError::Unreadable);
    assert_eq!(WrappedPatientKey::from_bytes(vec![9, 1]).unwrap_err(), SealError::UnknownFormat);
}

#[test]
fn groups_domains_and_aads_do_not_mix() {
    let (file, open) = ada_enrols();
    let sealed = open.seal_group(Group::Directory, "index", "1", b"names").unwrap();
    assert_eq!(open.unseal_group(Group::Directory, "index", "1", &sealed).unwrap().as_slice(), b"names");
    for (group, kind, version) in [(Group::Care, "index", "1"), (Group::Directory, "banner", "1"), (Group::Directory, "index", "2")] {
        assert_eq!(open.unseal_group(group, kind, version, &sealed), Err(SealError::Unreadable));
    }
    assert_ne!(open.tag("ab", "c"), open.tag("a", "bc"));
    assert_eq!(open.mac(b"entry"), open.mac(b"entry"));
    assert_ne!(open.mac(b"entry"), open.mac(b"other"));

    let entry = file.door().seal(b"seq 1", b"failed unlock").unwrap();
    assert_eq!(open.open_door(b"seq 1", &entry).unwrap().as_slice(), b"failed unlock");
    assert_eq!(open.open_door(b"seq 2", &entry), Err(SealError::Unreadable));
}

#[test]
fn open_keys_may_be_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<OpenKeys>();
    shared::<crate::PatientKey>();
}
