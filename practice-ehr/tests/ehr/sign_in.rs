//! The SMART App Launch ceremony, and what it refuses.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{AuthorizationRequest, Ehr, header, json, location, query};

#[tokio::test]
async fn discovery_leads_from_the_fhir_base_to_the_keys() {
    let ehr = Ehr::start(&[]).await;
    let smart = json(ehr.open(Method::GET, "/.well-known/smart-configuration").send().await.unwrap()).await;
    assert_eq!(smart["authorization_endpoint"], format!("{}/authorize", ehr.auth));
    assert!(smart["code_challenge_methods_supported"].as_array().unwrap().contains(&json!("S256")));
    let issuer = smart["issuer"].as_str().unwrap();
    let oidc = json(ehr.http.get(format!("{issuer}/.well-known/openid-configuration")).send().await.unwrap()).await;
    assert_eq!(oidc["issuer"], issuer);
    let keys = json(ehr.http.get(oidc["jwks_uri"].as_str().unwrap()).send().await.unwrap()).await;
    assert_eq!(keys["keys"][0]["kty"], "EC");
    let statement = json(ehr.open(Method::GET, "/metadata").send().await.unwrap()).await;
    assert!(statement["rest"][0]["security"].to_string().contains(&format!("{}/token", ehr.auth)));
}

#[tokio::test]
async fn a_clinician_signs_in_and_the_tokens_say_who_and_what() {
    let ehr = Ehr::start(&[]).await;
    let tokens = ehr.tokens("lena.fischer").await;
    assert_eq!(tokens["token_type"], "Bearer");
    assert_eq!(tokens["roles"], json!(["nurse"]));
    assert!(tokens["permissions"]["ehr_read"].is_array() && tokens["permissions"]["ehr_write"].is_array());
    assert!(tokens["exp"].is_number());
    let scope = tokens["scope"].as_str().unwrap();
    assert!(scope.contains("user/*.rs") && scope.contains("user/DocumentReference.cruds"), "{scope}");

    let claims = claims(&tokens["id_token"]);
    assert_eq!(claims["iss"], ehr.auth);
    assert_eq!(claims["aud"], "satchel-desktop");
    assert_eq!(claims["nonce"], "a-nonce");
    assert_eq!(claims["fhirUser"], format!("{}/Practitioner/lena-fischer", ehr.fhir));
    assert_eq!(claims["name"], "Lena Fischer, RN");
    assert_eq!(claims["roles"], json!(["nurse"]));
    assert_eq!(claims["permissions"], tokens["permissions"]);

    let who = ehr.http.get(claims["fhirUser"].as_str().unwrap()).bearer_auth(tokens["access_token"].as_str().unwrap());
    assert_eq!(json(who.send().await.unwrap()).await["resourceType"], "Practitioner");
}

#[tokio::test]
async fn the_page_is_plain_accessible_html_and_carries_the_request() {
    let ehr = Ehr::start(&[]).await;
    let request = AuthorizationRequest::new(&ehr.fhir).with("login_hint", "grace.kim");
    let page = ehr.http.get(request.url(&ehr.auth)).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    assert!(header(&page, "content-security-policy").contains("default-src 'none'"));
    let html = page.text().await.unwrap();
    for part in ["lang=\"en\"", "<label for=\"username\">", "<label for=\"password\">", "value=\"grace.kim\"", "name=\"state\""] {
        assert!(html.contains(part), "{part}");
    }
    let wrong = ehr.submit(&request, "grace.kim", "guess").await;
    assert_eq!(wrong.status(), StatusCode::UNAUTHORIZED);
    assert!(wrong.text().await.unwrap().contains("role=\"alert\""));
}

#[tokio::test]
async fn what_cannot_be_trusted_is_refused_on_a_page_and_the_rest_by_redirect() {
    let ehr = Ehr::start(&[]).await;
    for (name, value) in
        [("client_id", "other"), ("redirect_uri", "https://evil.example/callback"), ("redirect_uri", "http://127.0.0.1:1/elsewhere")]
    {
        let request = AuthorizationRequest::new(&ehr.fhir).with(name, value);
        let page = ehr.http.get(request.url(&ehr.auth)).send().await.unwrap();
        assert_eq!(page.status(), StatusCode::BAD_REQUEST, "{name}={value}");
        assert_eq!(ehr.submit(&request, "grace.kim", "practice").await.status(), StatusCode::BAD_REQUEST);
    }
    for (name, value, error) in [
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("state", "", "invalid_request"),
        ("aud", "https://elsewhere.example/fhir", "invalid_request"),
        ("response_type", "token", "unsupported_response_type"),
        ("scope", "user/*.rs", "invalid_scope"),
    ] {
        let request = AuthorizationRequest::new(&ehr.fhir).with(name, value);
        let answer = ehr.http.get(request.url(&ehr.auth)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FOUND, "{name}={value}");
        assert_eq!(query(&location(&answer), "error").as_deref(), Some(error), "{name}={value}");
    }
    let request = AuthorizationRequest::new(&ehr.fhir).with("action", "cancel");
    let cancelled = ehr.submit(&request, "", "").await;
    assert_eq!(query(&location(&cancelled), "error").as_deref(), Some("access_denied"));
}

#[tokio::test]
async fn a_code_is_good_once_with_its_own_verifier_and_in_time() {
    let ehr = Ehr::start(&[]).await;
    let request = AuthorizationRequest::new(&ehr.fhir);
    let code = ehr.code(&request, "grace.kim").await;
    let other = AuthorizationRequest { parameters: vec![], verifier: "v".repeat(43) };
    assert_eq!(error(ehr.redeem(&other, &code).await).await, "invalid_grant", "wrong verifier");
    assert_eq!(error(ehr.redeem(&request, &code).await).await, "invalid_grant", "spent by the wrong try");

    let code = ehr.code(&request, "grace.kim").await;
    assert_eq!(ehr.redeem(&request, &code).await.status(), StatusCode::OK);
    assert_eq!(error(ehr.redeem(&request, &code).await).await, "invalid_grant", "used");

    let code = ehr.code(&request, "grace.kim").await;
    ehr.admin(Method::POST, "tokens/expire", json!({})).await;
    assert_eq!(error(ehr.redeem(&request, &code).await).await, "invalid_grant", "expired");

    let code = ehr.code(&request, "grace.kim").await;
    let elsewhere = ehr
        .token_request(&[
            ("grant_type", "authorization_code"),
            ("client_id", "satchel-desktop"),
            ("code", &code),
            ("code_verifier", &request.verifier),
            ("redirect_uri", "http://127.0.0.1:1/callback"),
        ])
        .await;
    assert_eq!(error(elsewhere).await, "invalid_grant", "another redirect address");
    assert_eq!(error(ehr.token_request(&[("grant_type", "password")]).await).await, "unsupported_grant_type");
}

#[tokio::test]
async fn refresh_tokens_rotate_and_a_replayed_one_ends_the_session() {
    let ehr = Ehr::start(&[]).await;
    let first = ehr.tokens("grace.kim").await["refresh_token"].as_str().unwrap().to_owned();
    let refresh = |token: String| {
        let ehr = &ehr;
        async move { ehr.token_request(&[("grant_type", "refresh_token"), ("client_id", "satchel-desktop"), ("refresh_token", &token)]).await }
    };
    let answer = refresh(first.clone()).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let rotated = json(answer).await;
    let second = rotated["refresh_token"].as_str().unwrap().to_owned();
    assert_ne!(first, second);
    assert_eq!(claims(&rotated["id_token"])["sub"], "grace-kim");

    assert_eq!(error(refresh(first).await).await, "invalid_grant", "replayed");
    assert_eq!(error(refresh(second).await).await, "invalid_grant", "its session has ended");

    let third = ehr.tokens("grace.kim").await["refresh_token"].as_str().unwrap().to_owned();
    ehr.http.post(format!("{}/revoke", ehr.auth)).form(&[("client_id", "satchel-desktop"), ("token", &third)]).send().await.unwrap();
    assert_eq!(error(refresh(third).await).await, "invalid_grant", "revoked");
}

#[tokio::test]
async fn every_fhir_request_needs_a_token_that_covers_it() {
    let ehr = Ehr::start(&[]).await;
    let bare = ehr.open(Method::GET, "/Patient").send().await.unwrap();
    assert_eq!(bare.status(), StatusCode::UNAUTHORIZED);
    assert!(header(&bare, "www-authenticate").starts_with("Bearer"));
    let forged = ehr.open(Method::GET, "/Patient").bearer_auth("a.b.c").send().await.unwrap();
    assert!(header(&forged, "www-authenticate").contains("invalid_token"));

    let billing = ehr.signed_in("priya.shah").await;
    assert_eq!(billing.get("/Patient?_count=1").await.status(), StatusCode::OK);
    let refused = billing.get("/Observation?_count=1").await;
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    assert_eq!(json(refused).await["resourceType"], "OperationOutcome");
    assert_eq!(billing.get("/Patient?_revinclude=Observation:subject").await.status(), StatusCode::FORBIDDEN);

    // The id token is for the application, not for the records.
    let tokens = ehr.tokens("grace.kim").await;
    let with_id_token = ehr.open(Method::GET, "/Patient").bearer_auth(tokens["id_token"].as_str().unwrap());
    assert_eq!(with_id_token.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn access_tokens_end_and_sessions_survive_a_kill() {
    let ehr = Ehr::start(&["--token-seconds", "0"]).await;
    let born_dead = ehr.signed_in("grace.kim").await;
    assert_eq!(born_dead.get("/Patient").await.status(), StatusCode::UNAUTHORIZED);
    drop(ehr);

    let ehr = Ehr::start(&[]).await;
    let tokens = ehr.tokens("grace.kim").await;
    let access = tokens["access_token"].as_str().unwrap().to_owned();
    let with = |ehr: &Ehr, token: &str| ehr.open(Method::GET, "/Patient?_count=1").bearer_auth(token).send();
    assert_eq!(with(&ehr, &access).await.unwrap().status(), StatusCode::OK);

    let ehr = ehr.kill_and_start().await;
    assert_eq!(with(&ehr, &access).await.unwrap().status(), StatusCode::OK, "same key, same port, same authority");
    ehr.admin(Method::POST, "tokens/expire", json!({})).await;
    assert_eq!(with(&ehr, &access).await.unwrap().status(), StatusCode::UNAUTHORIZED);
    let refresh = tokens["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("client_id", "satchel-desktop"), ("refresh_token", refresh)];
    let renewed = json(ehr.token_request(&form).await).await;
    assert_eq!(with(&ehr, renewed["access_token"].as_str().unwrap()).await.unwrap().status(), StatusCode::OK);

    ehr.admin(Method::POST, "sessions/end", json!({})).await;
    let refresh = renewed["refresh_token"].as_str().unwrap();
    let form = [("grant_type", "refresh_token"), ("client_id", "satchel-desktop"), ("refresh_token", refresh)];
    assert_eq!(error(ehr.token_request(&form).await).await, "invalid_grant");
}

#[tokio::test]
async fn the_headless_browser_brings_the_code_home() {
    let ehr = Ehr::start(&[]).await;
    let application = TcpListener::bind("127.0.0.1:0").unwrap();
    let redirect = format!("http://{}/callback", application.local_addr().unwrap());
    let request = AuthorizationRequest::new(&ehr.fhir).with("redirect_uri", &redirect);
    let sign_in = |password: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_practice-ehr"));
        command.args(["sign-in", "--user", "grace.kim", "--password", password, "--ca"]).arg(&ehr.ca).arg(request.url(&ehr.auth).as_str());
        command.status().unwrap()
    };
    assert!(!sign_in("guess").success());

    let received = std::thread::spawn(move || {
        let (mut browser, _) = application.accept().unwrap();
        let mut buffer = [0; 4096];
        let length = browser.read(&mut buffer).unwrap();
        browser.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    });
    assert!(sign_in("practice").success());
    let received = received.join().unwrap();
    assert!(received.starts_with("GET /callback?code=") && received.contains("state=a-state"), "{received}");
}

async fn error(response: reqwest::Response) -> String {
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    json(response).await["error"].as_str().unwrap().to_owned()
}

fn claims(token: &Value) -> Value {
    let payload = token.as_str().unwrap().split('.').nth(1).unwrap().to_owned();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}
