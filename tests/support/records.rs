//! What the EHR holds, seen through its own front door: SMART sign-in and FHIR reads, apart from Satchel.
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use fhir::{Bundle, Limits};
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::process::Command;
use url::Url;
use xtask::paths;

use crate::{Clinician, PracticeEhr};

const CLIENT_ID: &str = "satchel-desktop";
const SCOPE: &str = "openid fhirUser user/*.rs user/AuditEvent.rs";

/// A signed-in reader of the EHR's records.
#[derive(Debug, Clone)]
pub struct Records {
    client: reqwest::Client,
    fhir: String,
    token: String,
}

impl Records {
    pub(crate) async fn sign_in(ehr: &PracticeEhr, clinician: &Clinician) -> Self {
        let client = ehr.client().clone();
        let discovery = format!("{}/.well-known/smart-configuration", ehr.fhir());
        let discovery: Value = client.get(discovery).send().await.expect("discovery").json().await.expect("a discovery document");
        let endpoint = |name: &str| Url::parse(discovery[name].as_str().expect("an endpoint")).expect("a URL");

        let verifier = URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{}{}", ehr.fhir(), clinician.user)));
        let callback = TcpListener::bind(("127.0.0.1", 0)).await.expect("a loopback port");
        let redirect = format!("http://127.0.0.1:{}/callback", callback.local_addr().expect("its address").port());
        let mut authorize = endpoint("authorization_endpoint");
        authorize.query_pairs_mut().extend_pairs([
            ("response_type", "code"),
            ("client_id", CLIENT_ID),
            ("redirect_uri", &redirect),
            ("scope", SCOPE),
            ("state", "journey"),
            ("aud", ehr.fhir()),
            ("code_challenge", &URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier))),
            ("code_challenge_method", "S256"),
        ]);
        let mut browser = Command::new(paths::practice_ehr())
            .args(["sign-in", "--user", clinician.user, "--password", clinician.password, "--ca"])
            .arg(ehr.ca())
            .arg(authorize.as_str())
            .stdin(Stdio::null())
            .spawn()
            .expect("the browser starts");
        let code = code_from(&callback).await;
        assert!(browser.wait().await.expect("the browser ends").success(), "signed in");

        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("client_id", CLIENT_ID),
            ("redirect_uri", &redirect),
            ("code_verifier", &verifier),
        ];
        let tokens: Value =
            client.post(endpoint("token_endpoint")).form(&form).send().await.expect("tokens").json().await.expect("a token answer");
        let token = tokens["access_token"].as_str().expect("an access token").to_owned();
        Self { client, fhir: ehr.fhir().to_owned(), token }
    }

    /// Reads one record or anything else below the FHIR base, such as `Patient/p1`.
    pub async fn read(&self, path: &str) -> Value {
        self.get(&format!("{}/{path}", self.fhir)).await
    }

    /// Every record a search finds, all pages of it, such as `DocumentReference?patient=Patient/p1`.
    pub async fn search(&self, query: &str) -> Vec<Value> {
        let mut found = Vec::new();
        let mut next = Some(format!("{}/{query}", self.fhir));
        while let Some(url) = next {
            let mut page = self.get(&url).await;
            if let Value::Array(entries) = page["entry"].take() {
                found.extend(entries.into_iter().map(|mut entry| entry["resource"].take()));
            }
            let links = page["link"].as_array().into_iter().flatten();
            next = links.filter(|link| link["relation"] == "next").find_map(|link| link["url"].as_str().map(str::to_owned));
        }
        found
    }

    /// As [`Records::search`], each record the exact text the EHR sent.
    pub async fn texts(&self, query: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut next = Some(format!("{}/{query}", self.fhir));
        while let Some(url) = next {
            let page = Bundle::parse(&self.bytes(&url).await, &Limits::PAGE).expect("a page of records");
            found.extend(page.entries.iter().map(|entry| entry.resource().expect("a record").to_owned()));
            next = page.next.map(String::from);
        }
        found
    }

    async fn get(&self, url: &str) -> Value {
        serde_json::from_slice(&self.bytes(url).await).expect("JSON")
    }

    async fn bytes(&self, url: &str) -> Vec<u8> {
        let answer = self.client.get(url).bearer_auth(&self.token).send().await.expect("the EHR answers");
        assert!(answer.status().is_success(), "{url}: {}", answer.status());
        answer.bytes().await.expect("a whole answer").to_vec()
    }
}

/// The one request that a browser coming home from the sign-in page makes.
async fn code_from(callback: &TcpListener) -> String {
    let (mut browser, _) = callback.accept().await.expect("the browser comes home");
    let mut request = vec![0; 8192];
    let length = browser.read(&mut request).await.expect("its request");
    let request = String::from_utf8_lossy(&request[..length]).into_owned();
    browser.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await.expect("an answer");
    let target = request.split(' ').nth(1).expect("a request line");
    let target = Url::parse("http://127.0.0.1").and_then(|base| base.join(target)).expect("a URL");
    let code = target.query_pairs().find(|(name, _)| name == "code").map(|(_, code)| code.into_owned());
    code.expect("a code")
}
