//! A patient's card: id and search entry, sealed under the directory group's key.
//!
//! Inside the seal: `length of the id (1 byte) ‖ id ‖ 0, or 1 ‖ search entry`.
use kernel::{PatientId, Phi};
use keys::{Group, OpenKeys};
use zeroize::Zeroizing;

use crate::error::VaultError;

/// Whose card it is, and the search entry if there is one.
pub type Opened = (PatientId, Option<Phi<Vec<u8>>>);

/// Seals the card of a row. No id is that of the row for what belongs to nobody.
pub fn seal(keys: &OpenKeys, row: i64, id: Option<&PatientId>, entry: Option<&[u8]>) -> Result<Vec<u8>, VaultError> {
    let plain = write(id.map_or("", PatientId::as_str), entry)?;
    Ok(keys.seal_group(Group::Directory, "card", &row.to_string(), &plain)?)
}

/// Opens the card of a row.
pub fn open(keys: &OpenKeys, row: i64, sealed: &[u8]) -> Result<Opened, VaultError> {
    let plain = keys.unseal_group(Group::Directory, "card", &row.to_string(), sealed)?;
    read(&plain).ok_or(VaultError::Seal)
}

fn write(id: &str, entry: Option<&[u8]>) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let mut card = Zeroizing::new(Vec::with_capacity(2 + id.len() + entry.map_or(0, <[u8]>::len)));
    card.push(u8::try_from(id.len()).map_err(|_| VaultError::Fault)?);
    card.extend_from_slice(id.as_bytes());
    card.push(u8::from(entry.is_some()));
    card.extend_from_slice(entry.unwrap_or_default());
    Ok(card)
}

fn read(card: &[u8]) -> Option<Opened> {
    let (length, rest) = card.split_first()?;
    let (id, rest) = rest.split_at_checked(usize::from(*length))?;
    let id = PatientId::new(std::str::from_utf8(id).ok()?).ok()?;
    match rest.split_first()? {
        (0, []) => Some((id, None)),
        (1, entry) => Some((id, Some(Phi::new(entry.to_vec())))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn persisted_form_is_frozen() {
        assert_eq!(write("pat-1", Some(b"\x00entry")).unwrap().as_slice(), b"\x05pat-1\x01\x00entry");
        assert_eq!(write("pat-1", None).unwrap().as_slice(), b"\x05pat-1\x00");
        assert_eq!(write("", None).unwrap().as_slice(), b"\x00\x00");
    }

    #[test]
    fn reads_what_it_wrote_and_nothing_else() {
        for entry in [None, Some(&b""[..]), Some(b"{\"name\":1}")] {
            let (id, found) = read(&write("pat-1", entry).unwrap()).unwrap();
            assert_eq!((id.as_str(), found), ("pat-1", entry.map(|bytes| Phi::new(bytes.to_vec()))));
        }
        for bad in
            [&b""[..], b"\x05pat-", b"\x05pat-1", b"\x05pat-1\x02", b"\x05pat-1\x00x", b"\x03p/1\x00", b"\x02\xff\xff\x00", b"\x00\x00"]
        {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
