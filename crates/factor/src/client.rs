//! The browser's half of WebAuthn, for there is no browser between this program and the key: the client data that is signed, and the
//! answers in the form a relying party reads.
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use webauthn_rs_proto::{
    AuthenticationExtensionsClientOutputs, AuthenticatorAssertionResponseRaw, AuthenticatorAttestationResponseRaw, PublicKeyCredential,
    RegisterPublicKeyCredential, RegistrationExtensionsClientOutputs,
};

use crate::authenticator::{Asserted, Made};
use crate::relying_party::ORIGIN;

/// Type of a registration's client data.
pub const CREATE: &str = "webauthn.create";
/// Type of an assertion's client data.
pub const GET: &str = "webauthn.get";

/// clientDataJSON (WebAuthn §5.8.1.1). Nothing in it needs escaping: two constants and base64url.
pub fn client_data(kind: &'static str, challenge: &[u8]) -> Vec<u8> {
    let challenge = base64url(challenge);
    format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{ORIGIN}","crossOrigin":false}}"#).into_bytes()
}

/// The challenge a clientDataJSON names.
pub fn challenge_of(client_data: &[u8]) -> Option<Vec<u8>> {
    #[derive(Deserialize)]
    struct Challenged {
        challenge: String,
    }
    from_base64url(&serde_json::from_slice::<Challenged>(client_data).ok()?.challenge)
}

/// A registration as the relying party reads it, with attestation "none" (WebAuthn §8.7): which make of key it is plays no part
/// here, and the name of the maker's batch would tell keys apart.
pub fn registered(made: &Made) -> Option<RegisterPublicKeyCredential> {
    let id = credential_id(&made.auth_data)?;
    Some(RegisterPublicKeyCredential {
        id: base64url(id),
        raw_id: id.to_vec(),
        response: AuthenticatorAttestationResponseRaw {
            attestation_object: attestation_object(&made.auth_data)?,
            client_data_json: made.client_data.clone(),
            transports: None,
        },
        type_: "public-key".to_owned(),
        extensions: RegistrationExtensionsClientOutputs { hmac_secret: Some(made.hmac_secret), ..Default::default() },
    })
}

/// An assertion as the relying party reads it. Factor S stays out.
pub fn asserted(answer: &Asserted) -> PublicKeyCredential {
    PublicKeyCredential {
        id: base64url(&answer.credential),
        raw_id: answer.credential.clone(),
        response: AuthenticatorAssertionResponseRaw {
            authenticator_data: answer.auth_data.clone(),
            client_data_json: answer.client_data.clone(),
            signature: answer.signature.clone(),
            user_handle: None,
        },
        extensions: AuthenticationExtensionsClientOutputs::default(),
        type_: "public-key".to_owned(),
    }
}

/// `{"fmt": "none", "attStmt": {}, "authData": …}` in CTAP2's canonical CBOR.
fn attestation_object(auth_data: &[u8]) -> Option<Vec<u8>> {
    let mut out = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
    out.extend(u16::try_from(auth_data.len()).ok()?.to_be_bytes());
    out.extend_from_slice(auth_data);
    Some(out)
}

/// The credential's id in authenticatorData (WebAuthn §6.5.1): after rpIdHash (32), flags (1), signCount (4) and aaguid (16), with
/// its length (2) before it.
fn credential_id(auth_data: &[u8]) -> Option<&[u8]> {
    let length = auth_data.get(53..55)?;
    let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
    auth_data.get(55..55 + length)
}

/// Base64url without padding (RFC 4648 §5).
pub fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads [`base64url`].
pub fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_data_is_as_the_standard_orders_it() {
        let expected = br#"{"type":"webauthn.get","challenge":"-_8","origin":"https://satchel.localhost","crossOrigin":false}"#;
        assert_eq!(client_data(GET, &[0xfb, 0xff]), expected);
        assert_eq!(challenge_of(expected), Some(vec![0xfb, 0xff]));
        assert_eq!(challenge_of(b"{}"), None);
    }

    #[test]
    fn an_id_longer_than_the_data_is_none() {
        let mut data = vec![0; 55];
        assert_eq!(credential_id(&data), Some(&[][..]));
        data[54] = 3;
        assert_eq!(credential_id(&data), None);
        data.extend([1, 2, 3, 4]);
        assert_eq!(credential_id(&data), Some(&[1, 2, 3][..]));
        assert_eq!(credential_id(&data[..54]), None);
    }
}
