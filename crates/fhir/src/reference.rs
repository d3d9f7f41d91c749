//! Where a FHIR `Reference.reference` points (R4 §2.3.0.1).
use kernel::{RecordId, ResourceType};

/// What kind of address a reference is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Reference<'a> {
    /// A resource on the same EHR, by type and id; a version in the address is left out.
    Local {
        /// Resource type.
        kind: ResourceType,
        /// Logical id.
        id: RecordId,
    },
    /// "#id": inside the resource itself.
    Contained(&'a str),
    /// "urn:uuid:…" or "urn:oid:…": an entry of the same Bundle.
    Urn(&'a str),
    /// A resource on another server, a conditional reference, or a text that is no reference.
    ///
    /// INVARIANT: never taken for a local resource, though its last segments may look like one.
    Elsewhere,
}

impl<'a> Reference<'a> {
    /// Reads a reference written relative to the EHR's base.
    #[must_use]
    pub fn parse(text: &'a str) -> Self {
        Self::parse_from(text, None)
    }

    /// Reads a reference that may also be absolute under `base`, "https://ehr.example.org/fhir".
    #[must_use]
    pub fn parse_from(text: &'a str, base: Option<&str>) -> Self {
        if let Some(id) = text.strip_prefix('#') {
            return Self::Contained(id);
        }
        if text.starts_with("urn:") {
            return Self::Urn(text);
        }
        let relative = match base {
            Some(base) => match text.strip_prefix(base.trim_end_matches('/')) {
                Some(rest) => match rest.strip_prefix('/') {
                    Some(rest) => rest,
                    None => return Self::Elsewhere,
                },
                None => text,
            },
            None => text,
        };
        local(relative).unwrap_or(Self::Elsewhere)
    }
}

fn local<'a>(relative: &str) -> Option<Reference<'a>> {
    let mut parts = relative.split('/');
    let kind = ResourceType::new(parts.next()?).ok()?;
    let id = RecordId::new(parts.next()?).ok()?;
    match (parts.next(), parts.next(), parts.next()) {
        (None, ..) => {}
        (Some("_history"), Some(version), None) if !version.is_empty() => {}
        _ => return None,
    }
    Some(Reference::Local { kind, id })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    const BASE: &str = "https://ehr.example.org/fhir/";

    fn patient(id: &str) -> Reference<'static> {
        Reference::Local { kind: ResourceType::new("Patient").unwrap(), id: RecordId::new(id).unwrap() }
    }

    #[test]
    fn local_forms() {
        for text in ["Patient/a-1", "Patient/a-1/_history/3", "https://ehr.example.org/fhir/Patient/a-1"] {
            assert_eq!(Reference::parse_from(text, Some(BASE)), patient("a-1"), "{text}");
        }
        assert_eq!(Reference::parse("#p"), Reference::Contained("p"));
        assert!(matches!(Reference::parse("urn:uuid:x"), Reference::Urn(_)));
    }

    #[test]
    fn another_servers_patient_is_not_ours() {
        for text in [
            "https://other.example.org/fhir/Patient/a-1",
            "https://ehr.example.org/fhirPatient/a-1",
            "https://ehr.example.org/fhir/x/Patient/a-1",
            "Patient?identifier=1",
            "Patient/",
            "Patient/a b",
            "Patient/a/b",
            "patient/a",
            "/Patient/a",
            "",
        ] {
            assert_eq!(Reference::parse_from(text, Some(BASE)), Reference::Elsewhere, "{text}");
        }
        assert_eq!(Reference::parse("https://ehr.example.org/fhir/Patient/a-1"), Reference::Elsewhere);
    }
}
