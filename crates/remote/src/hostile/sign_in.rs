//! An authorization server that lies about who signed in, or offers too little.
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{Clock, ErrorCode, SystemClock};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{Deed, Server, answer, small_http};
use crate::sign_in::{SignIn, SignedIn};
use crate::smart::{SignInError, Smart};

type Lie = fn(&mut Value);
type Forgery = fn(String) -> String;

/// What the server puts into its answers.
#[derive(Clone, Default)]
struct Lies {
    configuration: Option<Lie>,
    openid: Option<Lie>,
    claims: Option<Lie>,
    /// Changes the finished id token.
    token: Option<Forgery>,
    without_id_token: bool,
    refuses_code: bool,
}

struct Provider {
    key: EcdsaKeyPair,
    lies: Lies,
    nonce: Mutex<String>,
    challenge: Mutex<String>,
}

impl Provider {
    fn answer(&self, request: &str) -> Deed {
        let host = request.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        let origin = format!("http://{host}");
        let path = request.split(' ').nth(1).unwrap();
        let value = match path {
            "/fhir/metadata" => json!({
                "resourceType": "CapabilityStatement", "fhirVersion": "4.0.1",
                "rest": [{"mode": "server", "resource": [{"type": "Patient", "interaction": [{"code": "search-type"}]}]}]
            }),
            "/fhir/.well-known/smart-configuration" => {
                let mut configuration = json!({
                    "issuer": format!("{origin}/auth"), "authorization_endpoint": format!("{origin}/auth/authorize"),
                    "token_endpoint": format!("{origin}/auth/token"), "code_challenge_methods_supported": ["S256"]
                });
                if let Some(lie) = self.lies.configuration {
                    lie(&mut configuration);
                }
                configuration
            }
            "/auth/.well-known/openid-configuration" => {
                let mut openid = json!({
                    "issuer": format!("{origin}/auth"), "authorization_endpoint": format!("{origin}/auth/authorize"),
                    "token_endpoint": format!("{origin}/auth/token"), "jwks_uri": format!("{origin}/auth/jwks"),
                    "response_types_supported": ["code"], "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["ES256", "HS256", "none"]
                });
                if let Some(lie) = self.lies.openid {
                    lie(&mut openid);
                }
                openid
            }
            "/auth/jwks" => {
                let (x, y) = self.key.public_key().as_ref()[1..].split_at(32);
                let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
                json!({"keys": [{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": "k", "x": x, "y": y}]})
            }
            "/auth/token" => return self.token(request, &origin),
            other => panic!("not asked for: {other}"),
        };
        answer("200 OK", "application/json", "", value.to_string().as_bytes())
    }

    fn token(&self, request: &str, origin: &str) -> Deed {
        let form: BTreeMap<String, String> =
            url::form_urlencoded::parse(request.split_once("\r\n\r\n").unwrap().1.as_bytes()).into_owned().collect();
        let proof = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, form["code_verifier"].as_bytes());
        assert_eq!(URL_SAFE_NO_PAD.encode(proof), *self.challenge.lock().unwrap(), "PKCE");
        if self.lies.refuses_code {
            return answer("400 Bad Request", "application/json", "", br#"{"error":"invalid_grant"}"#);
        }
        let now = SystemClock.now().wall.timestamp();
        let mut claims = json!({
            "iss": format!("{origin}/auth"), "aud": "satchel-desktop", "sub": "s1", "iat": now, "exp": now + 300,
            "nonce": *self.nonce.lock().unwrap(), "name": "A Doctor", "fhirUser": "Practitioner/dr", "roles": ["physician"],
            "permissions": {"ehr_read": ["patient.*"], "ehr_write": []}
        });
        if let Some(lie) = self.lies.claims {
            lie(&mut claims);
        }
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let input = format!("{}.{}", encode(&json!({"alg": "ES256", "typ": "JWT", "kid": "k"})), encode(&claims));
        let signature = self.key.sign(&SystemRandom::new(), input.as_bytes()).unwrap();
        let id_token = format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature));
        let id_token = self.lies.token.map_or(id_token.clone(), |lie| lie(id_token));
        let mut body = json!({"access_token": "at", "token_type": "Bearer", "expires_in": 300, "refresh_token": "rt"});
        if !self.lies.without_id_token {
            body["id_token"] = id_token.into();
        }
        answer("200 OK", "application/json", "", body.to_string().as_bytes())
    }
}

async fn sign_in(lies: Lies) -> Result<SignedIn, SignInError> {
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).unwrap();
    let provider = Arc::new(Provider { key, lies, nonce: Mutex::default(), challenge: Mutex::default() });
    let serving = provider.clone();
    let server = Server::start(move |request| serving.answer(request)).await;
    let smart = Smart::discover(small_http(), server.address()).await?;
    let (url, pending) = SignIn::begin(&smart, Arc::new(SystemClock)).await?;

    let asked: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    assert_eq!(asked["aud"], server.address().as_str());
    assert_eq!((&*asked["client_id"], &*asked["code_challenge_method"], &*asked["response_type"]), ("satchel-desktop", "S256", "code"));
    assert!(asked["scope"].split(' ').filter(|scope| *scope == "openid").count() == 1);
    *provider.nonce.lock().unwrap() = asked["nonce"].clone();
    *provider.challenge.lock().unwrap() = asked["code_challenge"].clone();
    let back = format!("{}?code=c1&state={}", asked["redirect_uri"], asked["state"]);
    let browser = async { reqwest::get(back).await.unwrap().text().await.unwrap() };
    let (signed_in, page) = tokio::join!(pending.finish(CancellationToken::new()), browser);
    assert!(page.contains("You can return to Satchel"));
    signed_in
}

#[tokio::test]
async fn an_honest_answer_signs_in() {
    let who = sign_in(Lies::default()).await.unwrap();
    assert_eq!(who.identity.practitioner.unwrap().as_str(), "dr");
    assert_eq!(who.tokens.refresh.unwrap().expose(), "rt");
    assert!(who.tokens.expires_at.is_some());
}

#[tokio::test]
async fn an_id_token_that_does_not_verify_signs_nobody_in() {
    let claims: [(&str, Lie); 6] = [
        ("nonce", |claims| claims["nonce"] = "another".into()),
        ("no nonce", |claims| drop(claims.as_object_mut().unwrap().remove("nonce"))),
        ("audience", |claims| claims["aud"] = "another-app".into()),
        ("issuer", |claims| claims["iss"] = "http://127.0.0.1:1/auth".into()),
        ("expired", |claims| claims["exp"] = 1_000_000_000.into()),
        ("another access token", |claims| claims["at_hash"] = URL_SAFE_NO_PAD.encode([7; 16]).into()),
    ];
    for (name, lie) in claims {
        assert_eq!(sign_in(Lies { claims: Some(lie), ..Lies::default() }).await.unwrap_err(), SignInError::IdToken, "{name}");
    }
    let tokens: [(&str, Forgery); 3] = [
        ("unsigned", |token| format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#), token.split('.').nth(1).unwrap())),
        ("signed by another", |token| {
            let (input, _) = token.rsplit_once('.').unwrap();
            format!("{input}.{}", URL_SAFE_NO_PAD.encode([1; 64]))
        }),
        ("signed with what everyone knows", |token| {
            let claims = token.split('.').nth(1).unwrap();
            let input = format!("{}.{claims}", URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#));
            let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, b"satchel-desktop");
            format!("{input}.{}", URL_SAFE_NO_PAD.encode(aws_lc_rs::hmac::sign(&key, input.as_bytes())))
        }),
    ];
    for (name, lie) in tokens {
        assert_eq!(sign_in(Lies { token: Some(lie), ..Lies::default() }).await.unwrap_err(), SignInError::IdToken, "{name}");
    }
    assert_eq!(sign_in(Lies { without_id_token: true, ..Lies::default() }).await.unwrap_err(), SignInError::IdToken);
    assert_eq!(sign_in(Lies { refuses_code: true, ..Lies::default() }).await.unwrap_err(), SignInError::Denied);
}

#[tokio::test]
async fn an_ehr_that_offers_too_little_is_told_apart() {
    let configurations: [(&str, Lie); 4] = [
        ("no PKCE", |configuration| configuration["code_challenge_methods_supported"] = json!(["plain"])),
        ("no token endpoint", |configuration| drop(configuration.as_object_mut().unwrap().remove("token_endpoint"))),
        ("plain http", |configuration| configuration["token_endpoint"] = "http://ehr.example/token".into()),
        ("no issuer", |configuration| configuration["issuer"] = "".into()),
    ];
    for (name, lie) in configurations {
        let error = sign_in(Lies { configuration: Some(lie), ..Lies::default() }).await.unwrap_err();
        assert_eq!((error, error.code()), (SignInError::NoSmart, ErrorCode::EhrNotSupported), "{name}");
    }
    let other_issuer: Lie = |openid| openid["issuer"] = "http://127.0.0.1:1/auth".into();
    assert!(sign_in(Lies { openid: Some(other_issuer), ..Lies::default() }).await.is_err(), "issuer mix-up");
    let plain_keys: Lie = |openid| openid["jwks_uri"] = "http://ehr.example/jwks".into();
    assert!(sign_in(Lies { openid: Some(plain_keys), ..Lies::default() }).await.is_err());

    let not_fhir = Server::start(|_| answer("200 OK", "text/html", "", b"<html>")).await;
    assert_eq!(Smart::discover(small_http(), not_fhir.address()).await.err(), Some(SignInError::NotFhirR4));
    let nowhere = crate::address::EhrAddress::parse("http://127.0.0.1:1/fhir").unwrap();
    assert_eq!(Smart::discover(small_http(), nowhere).await.err(), Some(SignInError::Unreachable));
}

#[tokio::test]
async fn a_cancelled_sign_in_ends() {
    let provider = Provider {
        key: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
        lies: Lies::default(),
        nonce: Mutex::default(),
        challenge: Mutex::default(),
    };
    let server = Server::start(move |request| provider.answer(request)).await;
    let smart = Smart::discover(small_http(), server.address()).await.unwrap();
    let (_, pending) = SignIn::begin(&smart, Arc::new(SystemClock)).await.unwrap();
    let cancel = CancellationToken::new();
    cancel.cancel();
    assert_eq!(pending.finish(cancel).await.unwrap_err(), SignInError::Cancelled);
}
