//! The practice EHR of a journey, and its interface for faults.
use std::path::{Path, PathBuf};
use std::sync::Once;

use serde_json::Value;
use xtask::practice::{Options, Practice};

/// Someone who may sign in at the practice EHR.
#[derive(Debug, Clone, Copy)]
pub struct Clinician {
    /// User name.
    pub user: &'static str,
    /// Password.
    pub password: &'static str,
}

/// A practice EHR in a process of its own; dropping it ends it and removes what it stored.
#[derive(Debug)]
pub struct PracticeEhr {
    options: Options,
    process: Option<Practice>,
    admin: reqwest::Client,
    _directory: tempfile::TempDir,
}

impl PracticeEhr {
    /// Starts one with so many synthetic patients.
    pub fn start(patients: u32) -> Self {
        Self::start_with(Some(patients), Vec::new())
    }

    /// Starts one with so many synthetic patients and the FHIR records at `load`.
    pub fn start_with(patients: Option<u32>, load: Vec<PathBuf>) -> Self {
        let directory = tempfile::Builder::new().prefix("practice-ehr-").tempdir().expect("a temporary directory");
        let log = Some(directory.path().join("practice-ehr.log"));
        let options = Options { data_dir: directory.path().join("data"), port: 0, patients, load, log };
        let process = Practice::start(&options, |_| ()).unwrap_or_else(|failure| panic!("{failure}"));
        // The next start has to be found where this one was.
        let port = reqwest::Url::parse(&process.ready.fhir).ok().and_then(|url| url.port()).expect("a FHIR address with a port");
        let admin = admin_client(&process.ready.ca);
        Self { options: Options { port, ..options }, process: Some(process), admin, _directory: directory }
    }

    /// FHIR base URL.
    pub fn fhir(&self) -> &str {
        &self.running().ready.fhir
    }

    /// Its certificate authority, PEM.
    pub fn ca(&self) -> &Path {
        &self.running().ready.ca
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.running().pid()
    }

    /// Cuts every connection and answers none, or is there again.
    pub async fn offline(&self, offline: bool) {
        self.admin("PUT", "/offline", &serde_json::json!({ "offline": offline })).await;
    }

    /// Ends it at once and starts it again with what it had stored.
    pub fn restart(&mut self) {
        self.process = None;
        self.process = Some(Practice::start(&self.options, |_| ()).unwrap_or_else(|failure| panic!("{failure}")));
    }

    /// Asks the admin interface; the answer's JSON, null where it has no body.
    pub async fn admin(&self, method: &str, path: &str, body: &Value) -> Value {
        let ready = &self.running().ready;
        let method = method.parse().expect("an HTTP method");
        let request = self.admin.request(method, format!("{}{path}", ready.admin)).bearer_auth(&ready.admin_token);
        let request = if body.is_null() { request } else { request.json(body) };
        let answer = request.send().await.expect("the admin interface answers");
        assert!(answer.status().is_success(), "admin {path}: {}", answer.status());
        serde_json::from_slice(&answer.bytes().await.expect("a whole answer")).unwrap_or_default()
    }

    fn running(&self) -> &Practice {
        self.process.as_ref().expect("the practice EHR runs")
    }
}

/// Trusts the practice EHR's own authority and nothing else.
fn admin_client(ca: &Path) -> reqwest::Client {
    install_crypto();
    let ca = std::fs::read(ca).expect("the practice EHR's authority");
    let ca = reqwest::Certificate::from_pem(&ca).expect("a PEM certificate");
    reqwest::Client::builder().tls_certs_only([ca]).build().expect("an HTTP client")
}

/// One crypto provider for the process, as reqwest wants it chosen (its clients for WebDriver too).
pub(crate) fn install_crypto() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    });
}
