//! The practice EHR of a journey, and its interface for faults.
use std::path::{Path, PathBuf};
use std::sync::Once;

use serde_json::Value;
use xtask::practice::{Options, Practice};

use crate::Records;

/// Someone who may sign in at the practice EHR.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clinician {
    /// User name.
    pub user: &'static str,
    /// Password.
    pub password: &'static str,
}

impl Clinician {
    /// A physician with a panel, appointments today, and progress notes to write.
    pub const PHYSICIAN: Self = Self { user: "amara.okafor", password: "practice" };
    /// Whoever reviews accesses.
    pub const PRIVACY_OFFICER: Self = Self { user: "miriam.adler", password: "practice" };
    /// A nurse of the same unit.
    pub const NURSE: Self = Self { user: "lena.fischer", password: "practice" };
}

/// A practice EHR in a process of its own; dropping it ends it and removes what it stored.
#[derive(Debug)]
pub struct PracticeEhr {
    options: Options,
    process: Option<Practice>,
    client: reqwest::Client,
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
        let client = client(&process.ready.ca);
        Self { options: Options { port, ..options }, process: Some(process), client, _directory: directory }
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

    /// Cuts every connection and answers none until it is online again.
    pub async fn go_offline(&self) {
        self.admin("POST", "/offline", &Value::Null).await;
    }

    /// Answers again.
    pub async fn go_online(&self) {
        self.admin("POST", "/online", &Value::Null).await;
    }

    /// Signs this clinician in, as Satchel does, to see what the EHR holds.
    pub async fn records_as(&self, clinician: &Clinician) -> Records {
        Records::sign_in(self, clinician).await
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
        let request = self.client.request(method, format!("{}{path}", ready.admin)).header("X-Practice-Admin", &ready.admin_token);
        let request = if body.is_null() { request } else { request.json(body) };
        let answer = request.send().await.expect("the admin interface answers");
        assert!(answer.status().is_success(), "admin {path}: {}", answer.status());
        serde_json::from_slice(&answer.bytes().await.expect("a whole answer")).unwrap_or_default()
    }

    pub(crate) fn client(&self) -> &reqwest::Client {
        &self.client
    }

    fn running(&self) -> &Practice {
        self.process.as_ref().expect("the practice EHR runs")
    }
}

/// Trusts the practice EHR's own authority and nothing else.
fn client(ca: &Path) -> reqwest::Client {
    install_crypto();
    let ca = std::fs::read(ca).expect("the practice EHR's authority");
    let ca = reqwest::Certificate::from_pem(&ca).expect("a PEM certificate");
    // No kept connections: the EHR cuts them off and comes back, and the harness must not stumble over that.
    reqwest::Client::builder().pool_max_idle_per_host(0).tls_certs_only([ca]).no_proxy().build().expect("an HTTP client")
}

/// One crypto provider for the process, as reqwest wants it chosen (its clients for WebDriver too).
pub(crate) fn install_crypto() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    });
}
