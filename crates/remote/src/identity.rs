//! Who signed in, as the EHR's id token says (OpenID Connect Core 1.0 §2; SMART App Launch 2.2 `fhirUser`).
use chrono::{DateTime, Utc};
use kernel::PractitionerId;
use openidconnect::core::CoreGenderClaim;
use openidconnect::{AdditionalClaims, IdTokenClaims, Scope};
use serde::{Deserialize, Serialize};

/// Who signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// `iss`: the authorization server.
    pub issuer: Box<str>,
    /// `sub`: the person at that server, for good.
    pub subject: Box<str>,
    /// `name`.
    pub name: Option<Box<str>>,
    /// `preferred_username`.
    pub username: Option<Box<str>>,
    /// The Practitioner that `fhirUser` names, if it names one of this EHR.
    pub practitioner: Option<PractitionerId>,
    /// `roles`, such as `physician`.
    pub roles: Vec<Box<str>>,
    /// `permissions`; `None` where the EHR sends none, which is another thing than sending empty ones.
    pub permissions: Option<Permissions>,
    /// Granted scopes, as the token's answer lists them; `None` where it does not.
    pub scope: Option<Box<str>>,
    /// `exp`: until when the id token holds. It is short, and renewed for as long as the EHR is there.
    pub expires_at: DateTime<Utc>,
}

/// What the person may do, in the deployment's star notation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permissions {
    /// What may be read: `patient.*`, `medication_history`, ...
    #[serde(default)]
    pub ehr_read: Vec<Box<str>>,
    /// What may be written: `progress_notes`, ...
    #[serde(default)]
    pub ehr_write: Vec<Box<str>>,
    /// Until when, with or without a network (NumericDate).
    #[serde(default, with = "chrono::serde::ts_seconds_option")]
    pub exp: Option<DateTime<Utc>>,
}

/// Claims beyond OpenID Connect's own.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct EhrClaims {
    #[serde(rename = "fhirUser")]
    fhir_user: Option<String>,
    #[serde(default)]
    roles: Vec<Box<str>>,
    #[serde(default)]
    permissions: Option<Permissions>,
}

impl AdditionalClaims for EhrClaims {}

impl Identity {
    /// Reads claims that have been verified. `base` is the EHR's address, `scopes` what the answer beside them lists.
    pub(crate) fn read(claims: &IdTokenClaims<EhrClaims, CoreGenderClaim>, base: &str, scopes: Option<&Vec<Scope>>) -> Self {
        let own = claims.additional_claims();
        Self {
            issuer: claims.issuer().as_str().into(),
            subject: claims.subject().as_str().into(),
            name: claims.name().and_then(|name| name.get(None)).map(|name| name.as_str().into()),
            username: claims.preferred_username().map(|name| name.as_str().into()),
            practitioner: own.fhir_user.as_deref().and_then(|user| practitioner(user, base)),
            roles: own.roles.clone(),
            permissions: own.permissions.clone(),
            scope: scopes.map(|scopes| scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" ").into()),
            expires_at: claims.expiration(),
        }
    }
}

fn practitioner(fhir_user: &str, base: &str) -> Option<PractitionerId> {
    match fhir::Reference::parse_from(fhir_user, Some(base)) {
        fhir::Reference::Local { kind, id } if kind.as_str() == "Practitioner" => PractitionerId::new(id.as_str()).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn fhir_user_names_a_practitioner_of_this_ehr() {
        let base = "https://ehr.example/fhir";
        for good in ["Practitioner/dr-1", "https://ehr.example/fhir/Practitioner/dr-1"] {
            assert_eq!(practitioner(good, base).unwrap().as_str(), "dr-1", "{good}");
        }
        for other in ["https://elsewhere.example/fhir/Practitioner/dr-1", "Patient/p", "dr-1", ""] {
            assert_eq!(practitioner(other, base), None, "{other}");
        }
    }

    #[test]
    fn permissions_have_the_deployments_shape() {
        let claims: EhrClaims = serde_json::from_str(
            r#"{"roles":["physician"],"permissions":{"ehr_read":["patient.*","medication_history"],"ehr_write":["progress_notes"]}}"#,
        )
        .unwrap();
        assert_eq!(*claims.roles[0], *"physician");
        let permissions = claims.permissions.unwrap();
        assert_eq!((permissions.ehr_read.len(), permissions.exp), (2, None));
        assert_eq!(claims.fhir_user, None);
    }

    #[test]
    fn no_permissions_are_another_thing_than_empty_ones_and_they_may_end() {
        let claims = |text| serde_json::from_str::<EhrClaims>(text).unwrap().permissions;
        assert_eq!(claims(r#"{"roles":["physician"]}"#), None);
        assert_eq!(claims(r#"{"permissions":{}}"#), Some(Permissions::default()));
        let ending = claims(r#"{"permissions":{"ehr_read":[],"ehr_write":[],"exp":1772443800}}"#).unwrap();
        assert_eq!(ending.exp.unwrap().to_rfc3339(), "2026-03-02T09:30:00+00:00");
    }
}
