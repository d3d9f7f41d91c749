//! Distinct identifier types, so that a patient's id cannot stand where a record's is meant.
use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a text is no identifier.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum IdError {
    /// Not 1–64 characters of `A-Z a-z 0-9 - .` (FHIR R4 §2.24.0.1 `id`).
    #[error("not a FHIR id")]
    NotAnId,
    /// Not a resource type name: an upper-case letter, then letters.
    #[error("not a resource type")]
    NotAType,
}

fn is_fhir_id(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.')
}

macro_rules! fhir_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// Checks the text against FHIR's `id` form.
            pub fn new(text: impl AsRef<str>) -> Result<Self, IdError> {
                let text = text.as_ref();
                if is_fhir_id(text) { Ok(Self(text.into())) } else { Err(IdError::NotAnId) }
            }

            /// The id as FHIR writes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0.into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

fhir_id! {
    /// Logical id of a Patient resource on the EHR.
    PatientId
}
fhir_id! {
    /// Logical id of any resource on the EHR; chosen by the client for what is created here.
    RecordId
}
fhir_id! {
    /// Logical id of a Practitioner resource: the person behind a user.
    PractitionerId
}
fhir_id! {
    /// One EHR, by a digest of its base address.
    SiteId
}
fhir_id! {
    /// One clinician enrolled on this workstation.
    UserId
}
fhir_id! {
    /// One workstation.
    DeviceId
}

macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(uuid::Uuid);

        impl $name {
            /// A fresh random id.
            #[must_use]
            pub fn random() -> Self {
                Self(uuid::Uuid::new_v4())
            }

            /// Reads an id written by `Display`; `None` if it is none.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                uuid::Uuid::try_parse(text).ok().map(Self)
            }

            /// The sixteen bytes of the id.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

random_id! {
    /// One unsigned entry in the making.
    DraftId
}
random_id! {
    /// One break-glass grant.
    GrantId
}
random_id! {
    /// One entry of the audit chain, wherever it is copied to.
    LogId
}
random_id! {
    /// Ties an error on screen to its log line and audit entry.
    CorrelationId
}

/// The EHR's version of a resource, opaque (FHIR R4 §2.27.0.1 `meta.versionId`).
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VersionId(Box<str>);

impl VersionId {
    /// Takes the server's word.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// As the server wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A resource type's name, known to us or not.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ResourceType(Box<str>);

impl ResourceType {
    /// Checks the text: an upper-case ASCII letter, then ASCII letters, 64 at most.
    pub fn new(text: impl AsRef<str>) -> Result<Self, IdError> {
        let text = text.as_ref();
        let letters = text.bytes().all(|b| b.is_ascii_alphabetic());
        if letters && (1..=64).contains(&text.len()) && text.as_bytes()[0].is_ascii_uppercase() {
            Ok(Self(text.into()))
        } else {
            Err(IdError::NotAType)
        }
    }

    /// The name as FHIR writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ResourceType {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        Self::new(text)
    }
}

impl From<ResourceType> for String {
    fn from(name: ResourceType) -> String {
        name.0.into()
    }
}

impl fmt::Display for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_follow_fhir() {
        assert!(PatientId::new("a-B.9").is_ok());
        for bad in ["", "a b", "é", "a/b", "../x", &"x".repeat(65)] {
            assert_eq!(PatientId::new(bad), Err(IdError::NotAnId), "{bad:?}");
        }
    }

    #[test]
    fn types_are_names() {
        assert!(ResourceType::new("Observation").is_ok());
        for bad in ["", "observation", "Obs1", "Å"] {
            assert_eq!(ResourceType::new(bad), Err(IdError::NotAType), "{bad:?}");
        }
    }
}
