//! What clients read first: SMART configuration, OpenID Connect discovery, and the security part of the CapabilityStatement.

use serde_json::{Value, json};

use super::Smart;

impl Smart {
    /// `/fhir/.well-known/smart-configuration` (SMART App Launch 2.2 § Conformance).
    pub fn smart_configuration(&self) -> Value {
        let issuer = &self.issuer;
        json!({
            "issuer": issuer,
            "jwks_uri": format!("{issuer}/jwks"),
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "revocation_endpoint": format!("{issuer}/revoke"),
            "token_endpoint_auth_methods_supported": ["none"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "fhirUser", "profile", "offline_access", "user/*.cruds"],
            "capabilities": [
                "launch-standalone", "client-public", "sso-openid-connect", "permission-offline", "permission-user",
                "permission-v1", "permission-v2", "authorize-post"
            ],
        })
    }

    /// `/auth/.well-known/openid-configuration` (OpenID Connect Discovery 1.0 §3).
    pub fn openid_configuration(&self) -> Value {
        let issuer = &self.issuer;
        json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "revocation_endpoint": format!("{issuer}/revoke"),
            "jwks_uri": format!("{issuer}/jwks"),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "fhirUser", "profile", "offline_access"],
            "claims_supported": [
                "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "name", "preferred_username", "fhirUser", "roles",
                "permissions"
            ],
        })
    }

    /// `CapabilityStatement.rest.security` with the SMART `oauth-uris` extension.
    pub fn security(&self) -> Value {
        let issuer = &self.issuer;
        json!({
            "extension": [{
                "url": "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris",
                "extension": [
                    {"url": "authorize", "valueUri": format!("{issuer}/authorize")},
                    {"url": "token", "valueUri": format!("{issuer}/token")},
                    {"url": "revoke", "valueUri": format!("{issuer}/revoke")},
                ],
            }],
            "service": [{
                "coding": [{"system": "http://terminology.hl7.org/CodeSystem/restful-security-service", "code": "SMART-on-FHIR"}],
                "text": "OAuth2 using SMART on FHIR App Launch",
            }],
        })
    }
}
