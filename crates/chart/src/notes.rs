//! Clinical notes as FHIR R4 DocumentReference (US Core "DocumentReference Profile", clinical notes).
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, FixedOffset, SecondsFormat};
use fhir::{Json, Object};
use kernel::{PatientId, PractitionerId, RecordId};

use crate::concept::LOINC;

const CATEGORY: &str = "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category";
const FORMAT: &str = "http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode";

/// What kind of note: types of the US Core clinical notes, by their LOINC codes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Hash)]
pub enum NoteType {
    /// 11506-3
    Progress,
    /// 34117-2
    HistoryAndPhysical,
    /// 11488-4
    Consultation,
    /// 18842-5
    Discharge,
    /// 28570-0
    Procedure,
    /// 34746-8
    Nursing,
    /// 34748-4
    Telephone,
}

impl NoteType {
    /// Every type, in the order to offer them.
    pub const ALL: [Self; 7] =
        [Self::Progress, Self::HistoryAndPhysical, Self::Consultation, Self::Discharge, Self::Procedure, Self::Nursing, Self::Telephone];

    /// LOINC code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Progress => "11506-3",
            Self::HistoryAndPhysical => "34117-2",
            Self::Consultation => "11488-4",
            Self::Discharge => "18842-5",
            Self::Procedure => "28570-0",
            Self::Nursing => "34746-8",
            Self::Telephone => "34748-4",
        }
    }

    /// LOINC display.
    #[must_use]
    pub const fn display(self) -> &'static str {
        match self {
            Self::Progress => "Progress note",
            Self::HistoryAndPhysical => "History and physical note",
            Self::Consultation => "Consult note",
            Self::Discharge => "Discharge summary",
            Self::Procedure => "Procedure note",
            Self::Nursing => "Nurse Note",
            Self::Telephone => "Telephone encounter Note",
        }
    }

    /// The type of that LOINC code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A note at the moment of its signature.
pub struct NoteToSign<'a> {
    /// Id this note will have, chosen here.
    pub id: &'a RecordId,
    /// Whose chart.
    pub patient: &'a PatientId,
    /// Who signs.
    pub author: &'a PractitionerId,
    /// His name, for readers without a directory.
    pub author_name: &'a str,
    /// What kind of note.
    pub note_type: NoteType,
    /// Title; empty for the type's own name.
    pub title: &'a str,
    /// The text, exactly as signed.
    pub text: &'a str,
    /// When it was signed, with the workstation's offset.
    pub signed_at: DateTime<FixedOffset>,
    /// Encounter it belongs to.
    pub encounter: Option<&'a RecordId>,
}

/// The note as a final DocumentReference: UTF-8 text in base64, author and authenticator the signer. The same input gives
/// the same bytes, so that a repeated push sends what was signed.
#[must_use]
pub fn compose(note: &NoteToSign<'_>) -> String {
    let kind = concept(LOINC, note.note_type.code(), note.note_type.display());
    let category = concept(CATEGORY, "clinical-note", "Clinical Note");
    let signed = note.signed_at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let signer = || object([("reference", format!("Practitioner/{}", note.author).as_str().into()), ("display", note.author_name.into())]);
    let title = if note.title.trim().is_empty() { note.note_type.display() } else { note.title.trim() };
    let attachment = object([
        ("contentType", "text/plain; charset=utf-8".into()),
        ("data", STANDARD.encode(note.text).as_str().into()),
        ("title", title.into()),
        ("creation", signed.as_str().into()),
    ]);
    let format = object([
        ("system", FORMAT.into()),
        ("code", "urn:ihe:iti:xds:2017:mimeTypeSufficient".into()),
        ("display", "mimeType Sufficient".into()),
    ]);
    let mut document = Object::new();
    document.insert("resourceType", "DocumentReference".into());
    document.insert("id", note.id.as_str().into());
    document.insert("status", "current".into());
    document.insert("docStatus", "final".into());
    document.insert("type", kind);
    document.insert("category", Json::Array(vec![category]));
    document.insert("subject", object([("reference", format!("Patient/{}", note.patient).as_str().into())]));
    document.insert("date", signed.as_str().into());
    document.insert("author", Json::Array(vec![signer()]));
    document.insert("authenticator", signer());
    document.insert("description", title.into());
    document.insert("content", Json::Array(vec![object([("attachment", attachment), ("format", format)])]));
    if let Some(encounter) = note.encounter {
        let reference = object([("reference", format!("Encounter/{encounter}").as_str().into())]);
        document.insert("context", object([("encounter", Json::Array(vec![reference]))]));
    }
    Json::Object(document).to_text()
}

fn concept(system: &str, code: &str, display: &str) -> Json {
    let coding = object([("system", system.into()), ("code", code.into()), ("display", display.into())]);
    object([("coding", Json::Array(vec![coding])), ("text", display.into())])
}

fn object<const N: usize>(members: [(&str, Json); N]) -> Json {
    let mut object = Object::new();
    for (name, value) in members {
        object.insert(name, value);
    }
    Json::Object(object)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::view::RecordState;
    use crate::{Directory, StoredRecord, open_document};

    fn note(text: &str, title: &str, encounter: bool) -> String {
        let (id, encounter_id) = (RecordId::new("n-1").unwrap(), RecordId::new("e-1").unwrap());
        compose(&NoteToSign {
            id: &id,
            patient: &PatientId::new("p-1").unwrap(),
            author: &PractitionerId::new("dr-1").unwrap(),
            author_name: "Dr. Ada Okonkwo",
            note_type: NoteType::Progress,
            title,
            text,
            signed_at: DateTime::parse_from_rfc3339("2024-03-12T14:05:00-05:00").unwrap(),
            encounter: encounter.then_some(&encounter_id),
        })
    }

    /// Frozen: what was signed must not change its form under a reader's feet.
    #[test]
    fn frozen_form() {
        let expected = concat!(
            r#"{"resourceType":"DocumentReference","id":"n-1","status":"current","docStatus":"final","#,
            r#""type":{"coding":[{"system":"http://loinc.org","code":"11506-3","display":"Progress note"}],"text":"Progress note"},"#,
            r#""category":[{"coding":[{"system":"http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category","#,
            r#""code":"clinical-note","display":"Clinical Note"}],"text":"Clinical Note"}],"#,
            r#""subject":{"reference":"Patient/p-1"},"date":"2024-03-12T14:05:00.000-05:00","#,
            r#""author":[{"reference":"Practitioner/dr-1","display":"Dr. Ada Okonkwo"}],"#,
            r#""authenticator":{"reference":"Practitioner/dr-1","display":"Dr. Ada Okonkwo"},"description":"Cough, day 3","#,
            r#""content":[{"attachment":{"contentType":"text/plain; charset=utf-8","data":"VC4gMzcuMiDCsEMK","#,
            r#""title":"Cough, day 3","creation":"2024-03-12T14:05:00.000-05:00"},"#,
            r#""format":{"system":"http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode","#,
            r#""code":"urn:ihe:iti:xds:2017:mimeTypeSufficient","display":"mimeType Sufficient"}}],"#,
            r#""context":{"encounter":[{"reference":"Encounter/e-1"}]}}"#,
        );
        assert_eq!(note("T. 37.2 °C\n", "Cough, day 3", true), expected);
    }

    #[test]
    fn reads_back_exactly() {
        for text in ["", "\"quotes\" \\ and\r\n\u{0}control", "naïve 日本 🩺\n\n  trailing  "] {
            let body = note(text, "", false);
            let record = StoredRecord { kind: "DocumentReference", id: None, state: RecordState::LocalOnly, body: Some(&body) };
            let view = open_document(&record, &Directory::new()).unwrap();
            assert_eq!((view.text.as_deref(), view.patient.as_str(), view.row.title.as_str()), (Some(text), "p-1", "Progress note"));
            assert!(view.row.note && view.not_shown.is_none());
            assert_eq!(view.row.when.as_deref(), Some("12-Mar-2024 14:05"));
            assert_eq!(view.row.author.as_deref(), Some("Dr. Ada Okonkwo"));
        }
    }

    #[test]
    fn types_and_codes_agree() {
        for kind in NoteType::ALL {
            assert_eq!(NoteType::from_code(kind.code()), Some(kind));
        }
        assert_eq!(NoteType::from_code("x"), None);
    }
}
