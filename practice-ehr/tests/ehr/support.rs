//! Starts an EHR with a tiny clinic and talks to it.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Certificate, Client, Method, RequestBuilder, Response, StatusCode, redirect::Policy};
use serde_json::Value;
use tempfile::TempDir;
use url::Url;

pub const REDIRECT: &str = "http://127.0.0.1:49152/callback";
pub const SCOPE: &str = "openid fhirUser offline_access user/*.cruds";

/// A running EHR; killed when dropped.
pub struct Ehr {
    pub fhir: String,
    pub auth: String,
    pub ca: PathBuf,
    pub http: Client,
    admin: String,
    admin_token: String,
    child: Child,
    arguments: Vec<String>,
    dir: TempDir,
}

impl Ehr {
    /// Three synthetic patients and whatever `arguments` add.
    pub async fn start(arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        Self::start_in(tempfile::tempdir().unwrap(), arguments).await
    }

    /// Kills the process as a power cut would, and starts it again on the same data and port.
    pub async fn kill_and_start(self) -> Self {
        self.kill_and_start_with(&[]).await
    }

    /// The same with further arguments.
    pub async fn kill_and_start_with(mut self, further: &[&str]) -> Self {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let port = Url::parse(&self.fhir).unwrap().port().unwrap().to_string();
        let mut arguments = std::mem::take(&mut self.arguments);
        if !arguments.contains(&"--port".to_owned()) {
            arguments.extend(["--port".into(), port]);
        }
        arguments.extend(further.iter().map(|argument| (*argument).to_owned()));
        let dir = std::mem::replace(&mut self.dir, tempfile::tempdir().unwrap());
        Self::start_in(dir, arguments).await
    }

    async fn start_in(dir: TempDir, arguments: Vec<String>) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let ready_file = dir.path().join("ready.json");
        let _ = std::fs::remove_file(&ready_file);
        let mut command = Command::new(env!("CARGO_BIN_EXE_practice-ehr"));
        command.arg("serve").arg("--data-dir").arg(dir.path().join("data")).arg("--ready-file").arg(&ready_file);
        // Filled databases are the same for every test: made once, copied ever after.
        command.arg("--cache").arg(Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"));
        if !arguments.contains(&"--patients".to_owned()) {
            command.args(["--patients", "3", "--today", "2026-03-04"]);
        }
        let mut child = command.args(&arguments).stdout(Stdio::null()).spawn().unwrap();
        while !ready_file.exists() {
            assert!(child.try_wait().unwrap().is_none(), "the EHR did not start");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let ready: Value = serde_json::from_slice(&std::fs::read(&ready_file).unwrap()).unwrap();
        let text = |name: &str| ready[name].as_str().unwrap().to_owned();
        let ca = PathBuf::from(text("ca"));
        Self {
            auth: text("fhir").replace("/fhir", "/auth"),
            fhir: text("fhir"),
            http: client(&ca),
            ca,
            admin: text("admin"),
            admin_token: text("admin_token"),
            child,
            arguments,
            dir,
        }
    }

    /// Where the test may leave files.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// A request to the FHIR base without a token.
    pub fn open(&self, method: Method, path: &str) -> RequestBuilder {
        let url = if path.starts_with("https:") { path.to_owned() } else { format!("{}{path}", self.fhir) };
        self.http.request(method, url).header("accept", "application/fhir+json")
    }

    /// An admin request that must succeed.
    pub async fn admin(&self, method: Method, path: &str, body: Value) -> Value {
        let request = self.http.request(method, format!("{}/{path}", self.admin));
        let response = request.header("x-practice-admin", &self.admin_token).json(&body).send().await.unwrap();
        assert!(response.status().is_success(), "{path}: {}", response.status());
        json(response).await
    }

    /// Arms one fault.
    pub async fn arm(&self, rule: Value) {
        self.admin(Method::POST, "faults", rule).await;
    }

    /// Signs in and answers the token endpoint's response.
    pub async fn tokens(&self, user: &str) -> Value {
        let request = AuthorizationRequest::new(&self.fhir);
        let code = self.code(&request, user).await;
        let response = self.redeem(&request, &code).await;
        assert_eq!(response.status(), StatusCode::OK);
        json(response).await
    }

    /// A client that bears `user`'s token.
    pub async fn signed_in(&self, user: &str) -> SignedIn<'_> {
        let token = self.tokens(user).await["access_token"].as_str().unwrap().to_owned();
        SignedIn { ehr: self, token }
    }

    /// Fills in the sign-in form.
    pub async fn submit(&self, request: &AuthorizationRequest, user: &str, password: &str) -> Response {
        let mut form = request.parameters.clone();
        form.extend([("username".into(), user.into()), ("password".into(), password.into())]);
        self.http.post(format!("{}/authorize", self.auth)).form(&form).send().await.unwrap()
    }

    pub async fn code(&self, request: &AuthorizationRequest, user: &str) -> String {
        let answer = self.submit(request, user, "practice").await;
        assert_eq!(answer.status(), StatusCode::FOUND);
        let target = location(&answer);
        assert_eq!(query(&target, "state").unwrap(), "a-state");
        query(&target, "code").unwrap()
    }

    pub async fn redeem(&self, request: &AuthorizationRequest, code: &str) -> Response {
        self.token_request(&[
            ("grant_type", "authorization_code"),
            ("client_id", "satchel-desktop"),
            ("code", code),
            ("code_verifier", &request.verifier),
            ("redirect_uri", REDIRECT),
        ])
        .await
    }

    pub async fn token_request(&self, form: &[(&str, &str)]) -> Response {
        self.http.post(format!("{}/token", self.auth)).form(form).send().await.unwrap()
    }
}

impl Drop for Ehr {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Someone signed in.
pub struct SignedIn<'a> {
    pub ehr: &'a Ehr,
    pub token: String,
}

impl SignedIn<'_> {
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.ehr.open(method, path).bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path).send().await.unwrap()
    }

    /// The body of a read or search that must succeed.
    pub async fn read(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        json(response).await
    }

    pub async fn put(&self, resource: &Value) -> Response {
        self.put_text(resource, resource.to_string()).await.unwrap()
    }

    /// Sends `body` to where `resource` lives; an error when the connection breaks.
    pub async fn put_text(&self, resource: &Value, body: String) -> reqwest::Result<Response> {
        let path = format!("/{}/{}", resource["resourceType"].as_str().unwrap(), resource["id"].as_str().unwrap());
        self.request(Method::PUT, &path).header("content-type", "application/fhir+json").body(body).send().await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Response {
        self.request(Method::POST, path).header("content-type", "application/fhir+json").body(body.to_string()).send().await.unwrap()
    }

    /// Every entry of a search, following `next` links, which must stay on the EHR.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let (mut entries, mut next) = (Vec::new(), Some(path.to_owned()));
        while let Some(url) = next {
            let bundle = self.read(&url).await;
            entries.extend(bundle["entry"].as_array().cloned().unwrap_or_default());
            next = link(&bundle, "next");
            assert!(next.as_ref().is_none_or(|url| url.starts_with(&self.ehr.fhir)));
        }
        entries
    }
}

/// A valid authorization request; tests spoil single parameters.
pub struct AuthorizationRequest {
    pub parameters: Vec<(String, String)>,
    pub verifier: String,
}

impl AuthorizationRequest {
    pub fn new(fhir: &str) -> Self {
        let verifier = format!("{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple());
        let challenge = URL_SAFE_NO_PAD.encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes()));
        let parameters = [
            ("response_type", "code"),
            ("client_id", "satchel-desktop"),
            ("redirect_uri", REDIRECT),
            ("scope", SCOPE),
            ("state", "a-state"),
            ("aud", fhir),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("nonce", "a-nonce"),
        ];
        Self { parameters: parameters.map(|(name, value)| (name.into(), value.into())).to_vec(), verifier }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.parameters.retain(|(parameter, _)| parameter != name);
        self.parameters.push((name.into(), value.into()));
        self
    }

    pub fn url(&self, auth: &str) -> Url {
        Url::parse_with_params(&format!("{auth}/authorize"), &self.parameters).unwrap()
    }
}

pub fn client(ca: &Path) -> Client {
    let authority = Certificate::from_pem(&std::fs::read(ca).unwrap()).unwrap();
    let builder = Client::builder().tls_certs_only([authority]).redirect(Policy::none()).no_proxy();
    // Connections are not kept: one that a fault has cut must not fail the next request as well.
    builder.pool_max_idle_per_host(0).https_only(true).build().unwrap()
}

pub async fn json(response: Response) -> Value {
    serde_json::from_str(&response.text().await.unwrap()).unwrap()
}

pub fn header(response: &Response, name: &str) -> String {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

pub fn location(response: &Response) -> Url {
    Url::parse(&header(response, "location")).unwrap()
}

pub fn query(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

pub fn link(bundle: &Value, relation: &str) -> Option<String> {
    let links = bundle["link"].as_array()?;
    links.iter().find(|link| link["relation"] == relation).and_then(|link| link["url"].as_str()).map(String::from)
}

/// An observation of nobody in particular.
pub fn observation(id: &str) -> Value {
    serde_json::json!({"resourceType": "Observation", "id": id, "status": "final", "code": {"text": "practice"}})
}
