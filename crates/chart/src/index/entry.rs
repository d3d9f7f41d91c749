//! One patient in the index, as the bytes that are sealed.
use chrono::{DateTime, FixedOffset};
use fhir::FhirDate;
use kernel::PatientId;
use zeroize::Zeroizing;

use super::fold;
use crate::banner::{BIRTH_TIME, Death, Identity, age_at};
use crate::name::HumanName;
use crate::read::{Node, Read, Unexpected};
use crate::record::Resource;
use crate::view::PatientRow;

/// What the patient list and search know of a patient. Zeroized when dropped; no `Debug`.
///
/// The bytes are a frozen form, version 1: version, flags (bit 0 restricted), then texts of id, name, second name, birth,
/// death ("" living, "?" undated), gender, number, sort key; then the counted words of all names and the counted numbers.
/// A text is its length in LEB128 and its UTF-8.
pub struct IndexEntry {
    bytes: Zeroizing<Vec<u8>>,
}

const VERSION: u8 = 1;
const RESTRICTED: u8 = 1;
const UNDATED: &str = "?";

/// Why bytes are no index.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum IndexError {
    /// Not written by this form, or damaged: build the index anew from the records.
    #[error("not a patient index")]
    Unreadable,
}

impl IndexEntry {
    /// Reads a Patient resource; `None` if it is none or does not read: see [`Self::unreadable`].
    #[must_use]
    pub fn read(body: &str) -> Option<Self> {
        let resource = Resource::parse("Patient", body).ok()?;
        Self::of(resource.node().ok()?).ok()
    }

    /// An entry for a patient whose record does not read: findable by id, under "Patient/id", instead of lost.
    #[must_use]
    pub fn unreadable(patient: &PatientId) -> Self {
        let (id, name) = (patient.as_str(), format!("Patient/{patient}"));
        Self::write(false, [id, &name, "", "", "", "", "", &fold::fold(&name)], [&fold::words(&name), &[fold::number(id)]])
    }

    fn of(patient: Node<'_>) -> Read<Self> {
        let identity = Identity::read(patient)?;
        if identity.id.is_empty() {
            return Err(Unexpected);
        }
        let died = match identity.death {
            Death::None => "",
            Death::Undated => UNDATED,
            Death::On(_) => patient.text("deceasedDateTime")?.unwrap_or(UNDATED),
        };
        let born = birth_text(patient, &identity)?;
        let sort = fold::fold(&identity.name);
        let number = identity.identifiers.first().map(|identifier| identifier.value.as_str()).unwrap_or_default();
        let also = identity.also_known_as.as_deref().unwrap_or_default();
        let gender = identity.gender.as_deref().unwrap_or_default();
        let texts = [&*identity.id, &identity.name, also, born, died, gender, number, &sort];
        Ok(Self::write(identity.restricted, texts, [&words(patient)?, &numbers(patient)?]))
    }

    fn write(restricted: bool, texts: [&str; 8], lists: [&[String]; 2]) -> Self {
        // Sized in advance: growing would leave a copy behind that nobody wipes.
        let all = texts.into_iter().chain(lists.into_iter().flatten().map(String::as_str));
        let mut bytes = Zeroizing::new(Vec::with_capacity(all.map(|text| text.len() + 5).sum::<usize>() + 12));
        bytes.extend([VERSION, u8::from(restricted) * RESTRICTED]);
        for text in texts {
            write_text(&mut bytes, text);
        }
        for list in lists {
            write_length(&mut bytes, list.len());
            for text in list {
                write_text(&mut bytes, text);
            }
        }
        Self { bytes }
    }

    /// The entry of bytes once written by [`Self::as_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, IndexError> {
        Fields::read(bytes).ok_or(IndexError::Unreadable)?;
        Ok(Self { bytes: Zeroizing::new(bytes.to_vec()) })
    }

    /// The bytes, to be sealed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The row of this patient in a list; `similar_name` is the list's to say.
    #[must_use]
    pub fn row(&self, now: DateTime<FixedOffset>) -> Option<PatientRow> {
        Fields::read(&self.bytes).map(|fields| fields.row(now))
    }
}

/// The id of a whole entry, without reading the rest.
pub(super) fn id(bytes: &[u8]) -> &str {
    let mut rest = bytes.get(2..).unwrap_or_default();
    read_text(&mut rest).unwrap_or_default()
}

/// An entry's fields, borrowed.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    pub(super) id: &'a str,
    pub(super) name: &'a str,
    pub(super) also_known_as: &'a str,
    pub(super) born: &'a str,
    died: &'a str,
    gender: &'a str,
    number: &'a str,
    pub(super) sort: &'a str,
    restricted: bool,
    words: Texts<'a>,
    numbers: Texts<'a>,
}

impl<'a> Fields<'a> {
    /// `None` unless the bytes are one whole entry.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let (&[version, flags], mut rest) = bytes.split_first_chunk()?;
        if version != VERSION {
            return None;
        }
        let texts: [&str; 8] = [
            read_text(&mut rest)?,
            read_text(&mut rest)?,
            read_text(&mut rest)?,
            read_text(&mut rest)?,
            read_text(&mut rest)?,
            read_text(&mut rest)?,
            read_text(&mut rest)?,
            read_text(&mut rest)?,
        ];
        let [id, name, also_known_as, born, died, gender, number, sort] = texts;
        let words = Texts::read(&mut rest)?;
        let numbers = Texts::read(&mut rest)?;
        let restricted = flags & RESTRICTED != 0;
        rest.is_empty().then_some(Self { id, name, also_known_as, born, died, gender, number, sort, restricted, words, numbers })
    }

    pub(super) fn words(self) -> Texts<'a> {
        self.words
    }

    pub(super) fn numbers(self) -> Texts<'a> {
        self.numbers
    }

    /// The birth date as recorded.
    pub(super) fn born(self) -> &'a str {
        self.born
    }

    /// The birth date as "19610312", "196103" or "1961".
    pub(super) fn birth_digits(self) -> String {
        let day = self.born.split('T').next().unwrap_or_default();
        day.chars().filter(char::is_ascii_digit).collect()
    }

    pub(super) fn row(self, now: DateTime<FixedOffset>) -> PatientRow {
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let born = FhirDate::parse(self.born);
        let death = match self.died {
            "" => Death::None,
            died => FhirDate::parse(died).map_or(Death::Undated, Death::On),
        };
        PatientRow {
            patient: self.id.to_owned(),
            name: self.name.to_owned(),
            also_known_as: text(self.also_known_as),
            born: born.map(|born| born.display_day()),
            age: age_at(born, death, now),
            gender: text(self.gender),
            number: text(self.number),
            deceased: death != Death::None,
            similar_name: false,
            restricted: self.restricted,
        }
    }
}

/// Texts one after another; each was checked when the entry was read.
#[derive(Clone, Copy)]
pub(super) struct Texts<'a> {
    rest: &'a [u8],
    left: usize,
}

impl<'a> Texts<'a> {
    fn read(bytes: &mut &'a [u8]) -> Option<Self> {
        let left = read_length(bytes)?;
        let all = Self { rest: bytes, left };
        for _ in 0..left {
            read_text(bytes)?;
        }
        Some(all)
    }
}

impl<'a> Iterator for Texts<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        self.left = self.left.checked_sub(1)?;
        read_text(&mut self.rest)
    }
}

fn words(patient: Node<'_>) -> Read<Vec<String>> {
    let mut all = Vec::new();
    for name in HumanName::all(patient)? {
        for part in name.family.iter().chain(&name.given).chain(&name.suffix).chain(&name.text) {
            all.extend(fold::words(part));
        }
    }
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

fn numbers(patient: Node<'_>) -> Read<Vec<String>> {
    let mut all = Vec::new();
    for identifier in patient.objects("identifier")? {
        all.extend(identifier.text("value")?.map(fold::number));
    }
    all.retain(|number| !number.is_empty());
    all.sort_unstable();
    all.dedup();
    Ok(all)
}

/// The birth date as recorded, with the time where there is one.
fn birth_text<'a>(patient: Node<'a>, identity: &Identity) -> Read<&'a str> {
    if identity.born.is_some_and(|born| born.time().is_some())
        && let Some(primitive) = patient.object("_birthDate")?
        && let Some(extension) = primitive.extension(BIRTH_TIME)?
        && let Some(time) = extension.text("valueDateTime")?
    {
        return Ok(time);
    }
    Ok(patient.text("birthDate")?.unwrap_or_default())
}

pub(super) fn write_length(out: &mut Vec<u8>, mut length: usize) {
    loop {
        // Seven bits, so it fits.
        #[allow(clippy::cast_possible_truncation)]
        let low = (length & 0x7F) as u8;
        length >>= 7;
        if length == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

pub(super) fn read_length(bytes: &mut &[u8]) -> Option<usize> {
    let mut length = 0usize;
    for shift in [0, 7, 14, 21, 28] {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        length |= usize::from(byte & 0x7F) << shift;
        if byte & 0x80 == 0 {
            return Some(length);
        }
    }
    None
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    write_length(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

fn read_text<'a>(bytes: &mut &'a [u8]) -> Option<&'a str> {
    let length = read_length(bytes)?;
    let (text, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    std::str::from_utf8(text).ok()
}
