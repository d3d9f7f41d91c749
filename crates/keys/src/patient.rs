//! Patient keys (PDEK), and the records sealed under them: one derived key per record version.
use std::fmt;
use std::sync::Arc;

use kernel::SiteId;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::aead;
use crate::entropy::{Entropy, OsEntropy};
use crate::envelope::{Header, Kind, SealError};
use crate::hierarchy::Group;
use crate::kdf::derive;
use crate::secret::Key;

/// Whose key a wrapped patient key is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct PatientSlot {
    /// The vault's row number of the patient.
    pub patient: i64,
    /// Keyed tag of the patient's id ([`OpenKeys::tag`](crate::OpenKeys::tag)).
    pub tag: [u8; 16],
}

/// Which record, and which version of it, an envelope holds. Everything here is bound into the envelope and into its key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RecordContext<'a> {
    /// The vault's row number of the patient.
    pub patient: i64,
    /// What the record is: a resource type, or a name of the vault's own (`draft`, `snapshot`).
    pub kind: &'a str,
    /// Keyed tag of the record's id ([`OpenKeys::tag`](crate::OpenKeys::tag)).
    pub tag: [u8; 16],
    /// Which version of the record; any text that differs from version to version.
    pub version: &'a str,
}

/// A patient key under its group's key, as the vault stores it: group, then envelope.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WrappedPatientKey(Vec<u8>);

impl WrappedPatientKey {
    /// Reads what [`WrappedPatientKey::as_bytes`] gave.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, SealError> {
        let wrapped = Self(bytes);
        wrapped.parts().map(|_| ())?;
        Ok(wrapped)
    }

    /// The bytes to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The group whose key opens it.
    pub fn group(&self) -> Result<Group, SealError> {
        self.parts().map(|(group, _)| group)
    }

    /// The generation of the group's key that it is under.
    #[must_use]
    pub fn generation(&self) -> Option<u32> {
        Header::generation_in(self.parts().ok()?.1)
    }

    fn parts(&self) -> Result<(Group, &[u8]), SealError> {
        let (group, envelope) = self.0.split_first().ok_or(SealError::Unreadable)?;
        Ok((Group::from_number(*group).ok_or(SealError::UnknownFormat)?, envelope))
    }

    pub(crate) fn wrap(
        key: &Key,
        group: Group,
        group_key: &Key,
        place: &Place,
        slot: &PatientSlot,
        entropy: &mut dyn Entropy,
    ) -> Result<Self, SealError> {
        let header = place.header(Kind::PatientKey);
        let mut bytes = vec![group.number()];
        bytes.extend(aead::seal(group_key, header, &place.bind_slot(header, group, slot), key.bytes(), entropy)?);
        Ok(Self(bytes))
    }

    pub(crate) fn unwrap_with(&self, group_key: &Key, place: &Place, slot: &PatientSlot) -> Result<PatientKey, SealError> {
        let (group, envelope) = self.parts()?;
        let header = place.header(Kind::PatientKey);
        let key = aead::unseal(group_key, header, &place.bind_slot(header, group, slot), envelope)?;
        let key = Key::copied(&key).ok_or(SealError::Unreadable)?;
        Ok(PatientKey { key, patient: slot.patient, place: place.clone() })
    }
}

/// Which vault, and which generation of its keys.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    pub site: Arc<SiteId>,
    pub generation: u32,
}

impl Place {
    pub fn header(&self, kind: Kind) -> Header {
        Header { kind, generation: self.generation }
    }

    pub fn bind(&self, header: Header, fields: &[&[u8]]) -> Vec<u8> {
        let site = self.site.as_str().as_bytes();
        header.bind(&[&[site], fields].concat())
    }

    fn bind_slot(&self, header: Header, group: Group, slot: &PatientSlot) -> Vec<u8> {
        self.bind(header, &[group.name().as_bytes(), &slot.patient.to_be_bytes(), &slot.tag])
    }
}

/// One patient's key, open. Holding it is holding the chart: take one only with a permit, drop it with the last use.
pub struct PatientKey {
    key: Key,
    patient: i64,
    place: Place,
}

impl PatientKey {
    pub(crate) fn new(key: Key, patient: i64, place: Place) -> Self {
        Self { key, patient, place }
    }

    /// Seals one version of one record of this patient.
    pub fn seal(&self, record: &RecordContext<'_>, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        self.seal_with(record, plain, &mut OsEntropy)
    }

    /// Opens what [`PatientKey::seal`] closed for this very record and version.
    pub fn unseal(&self, record: &RecordContext<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (header, bound, key) = self.record_key(record)?;
        aead::unseal(&key, header, &bound, sealed)
    }

    /// The generation of the vault's keys that this one came with; what it seals says so.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.place.generation
    }

    /// Seals the key that this one takes the place of, for what stays as it was sealed.
    pub fn seal_former(&self, former: &Self) -> Result<Vec<u8>, SealError> {
        self.seal_former_with(former, &mut OsEntropy)
    }

    /// Opens a key that this one took the place of.
    pub fn open_former(&self, generation: u32, sealed: &[u8]) -> Result<Self, SealError> {
        let (header, bound) = self.bind_former(generation);
        let key = derive(&self.key, "satchel former key 1", &bound)?;
        let former = aead::unseal(&key, header, &bound, sealed)?;
        let key = Key::copied(&former).ok_or(SealError::Unreadable)?;
        Ok(Self { key, patient: self.patient, place: Place { generation, ..self.place.clone() } })
    }

    pub(crate) fn seal_former_with(&self, former: &Self, entropy: &mut dyn Entropy) -> Result<Vec<u8>, SealError> {
        if former.patient != self.patient {
            return Err(SealError::WrongPatient);
        }
        let (header, bound) = self.bind_former(former.generation());
        let key = derive(&self.key, "satchel former key 1", &bound)?;
        aead::seal(&key, header, &bound, former.key.bytes(), entropy)
    }

    fn bind_former(&self, generation: u32) -> (Header, Vec<u8>) {
        let header = self.place.header(Kind::FormerPatientKey);
        (header, self.place.bind(header, &[&self.patient.to_be_bytes(), &generation.to_be_bytes()]))
    }

    /// The vault's row number of the patient this key belongs to.
    #[must_use]
    pub fn patient(&self) -> i64 {
        self.patient
    }

    pub(crate) fn seal_with(&self, record: &RecordContext<'_>, plain: &[u8], entropy: &mut dyn Entropy) -> Result<Vec<u8>, SealError> {
        let (header, bound, key) = self.record_key(record)?;
        aead::seal(&key, header, &bound, plain, entropy)
    }

    fn record_key(&self, record: &RecordContext<'_>) -> Result<(Header, Vec<u8>, Key), SealError> {
        if record.patient != self.patient {
            return Err(SealError::WrongPatient);
        }
        let header = self.place.header(Kind::Record);
        let patient = record.patient.to_be_bytes();
        let bound = self.place.bind(header, &[&patient, record.kind.as_bytes(), &record.tag, record.version.as_bytes()]);
        let key = derive(&self.key, "satchel record key 1", &bound)?;
        Ok((header, bound, key))
    }
}

impl fmt::Debug for PatientKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PatientKey(redacted)")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use proptest::prelude::*;

    use super::*;

    fn key_of(patient: i64) -> PatientKey {
        let place = Place { site: Arc::new(SiteId::new("site").unwrap()), generation: 1 };
        PatientKey::new(Key::copied(&[9; 32]).unwrap(), patient, place)
    }

    const RECORD: RecordContext<'static> = RecordContext { patient: 7, kind: "Observation", tag: [3; 16], version: "1" };

    #[test]
    fn a_record_opens_only_in_its_own_place() {
        let sealed = key_of(7).seal(&RECORD, b"{\"value\":1}").unwrap();
        assert_eq!(key_of(7).unseal(&RECORD, &sealed).unwrap().as_slice(), b"{\"value\":1}");
        for other in [
            RecordContext { kind: "Condition", ..RECORD },
            RecordContext { tag: [4; 16], ..RECORD },
            RecordContext { version: "2", ..RECORD },
            RecordContext { version: "", ..RECORD },
            RecordContext { kind: "Observation1", version: "", ..RECORD },
        ] {
            assert_eq!(key_of(7).unseal(&other, &sealed), Err(SealError::Unreadable), "{other:?}");
        }
    }

    #[test]
    fn nothing_goes_into_the_wrong_chart() {
        let other = RecordContext { patient: 8, ..RECORD };
        assert_eq!(key_of(7).seal(&other, b"x"), Err(SealError::WrongPatient));
        let sealed = key_of(7).seal(&RECORD, b"x").unwrap();
        assert_eq!(key_of(7).unseal(&other, &sealed), Err(SealError::WrongPatient));
        // Even with the very same key bytes, the patient is bound.
        assert_eq!(key_of(8).unseal(&other, &sealed), Err(SealError::Unreadable));
    }

    #[test]
    fn a_former_key_opens_under_the_one_that_took_its_place_alone() {
        let former = key_of(7);
        let mut next = PatientKey::new(Key::copied(&[10; 32]).unwrap(), 7, former.place.clone());
        next.place.generation = 2;
        let sealed = next.seal_former(&former).unwrap();
        let record = former.seal(&RECORD, b"x").unwrap();
        assert_eq!(next.open_former(1, &sealed).unwrap().unseal(&RECORD, &record).unwrap().as_slice(), b"x");
        assert!(next.open_former(3, &sealed).is_err() && former.open_former(1, &sealed).is_err());
        assert_eq!(next.seal_former(&key_of(8)).unwrap_err(), SealError::WrongPatient);
    }

    #[test]
    fn sites_and_generations_are_bound() {
        let sealed = key_of(7).seal(&RECORD, b"x").unwrap();
        let mut elsewhere = key_of(7);
        elsewhere.place.site = Arc::new(SiteId::new("other").unwrap());
        assert_eq!(elsewhere.unseal(&RECORD, &sealed), Err(SealError::Unreadable));
        let mut later = key_of(7);
        later.place.generation = 2;
        assert_eq!(later.unseal(&RECORD, &sealed), Err(SealError::OtherGeneration { found: 1 }));
    }

    proptest! {
        #[test]
        fn swapped_records_never_open(
            a in ("[A-Z][a-z]{1,9}", any::<[u8; 16]>(), ".{0,12}"), b in ("[A-Z][a-z]{1,9}", any::<[u8; 16]>(), ".{0,12}"),
        ) {
            prop_assume!(a != b);
            let place = RecordContext { patient: 7, kind: &a.0, tag: a.1, version: &a.2 };
            let other = RecordContext { patient: 7, kind: &b.0, tag: b.1, version: &b.2 };
            let sealed = key_of(7).seal(&place, b"body").unwrap();
            prop_assert!(key_of(7).unseal(&place, &sealed).is_ok());
            prop_assert!(key_of(7).unseal(&other, &sealed).is_err());
        }
    }
}
