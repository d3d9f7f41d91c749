//! The practice EHR as a process, its steering, and a second client beside the one under test.
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use kernel::SystemClock;
use remote::{EhrAddress, FhirClient, Http, OldestTls, Session, SignIn, SignedIn, Smart};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

pub struct PracticeEhr {
    binary: PathBuf,
    child: Child,
    _dir: tempfile::TempDir,
    pub fhir: String,
    ca: PathBuf,
    admin: String,
    admin_token: String,
    pub plain: reqwest::Client,
    pub http: Http,
}

impl PracticeEhr {
    /// Starts one, or says that the test is skipped.
    pub async fn start(patients: u32, load: &[PathBuf]) -> Option<Self> {
        let Some(binary) = std::env::var_os("SATCHEL_PRACTICE_EHR").map(PathBuf::from) else {
            eprintln!("skipped: SATCHEL_PRACTICE_EHR does not name the practice EHR's executable");
            return None;
        };
        let dir = tempfile::tempdir().unwrap();
        let ready = dir.path().join("ready.json");
        let mut command = Command::new(&binary);
        command.arg("serve").arg("--data-dir").arg(dir.path().join("data")).arg("--ready-file").arg(&ready);
        command.arg("--patients").arg(patients.to_string()).arg("--seed").arg("7");
        // Filled databases are kept between tests and runs.
        command.arg("--cache").arg(std::env::temp_dir().join("satchel-practice-ehr-cache"));
        for path in load {
            command.arg("--load").arg(path);
        }
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let line = loop {
            if let Ok(text) = std::fs::read_to_string(&ready) {
                break text;
            }
            assert!(child.try_wait().unwrap().is_none(), "the practice EHR did not start");
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let line: Value = serde_json::from_str(&line).unwrap();
        let text = |name: &str| line[name].as_str().unwrap().to_owned();
        let ca = PathBuf::from(text("ca"));
        let pem = std::fs::read(&ca).unwrap();
        let http = Http::new(Some(&pem), OldestTls::V1_3).unwrap();
        let root = reqwest::Certificate::from_pem(&pem).unwrap();
        let plain = reqwest::Client::builder().tls_certs_only([root]).build().unwrap();
        let (fhir, admin, admin_token) = (text("fhir"), text("admin"), text("admin_token"));
        Some(Self { binary, child, _dir: dir, fhir, ca, admin, admin_token, plain, http })
    }

    pub async fn steer(&self, method: reqwest::Method, path: &str, body: Value) -> Value {
        let request = self.plain.request(method, format!("{}/{path}", self.admin)).header("x-practice-admin", &self.admin_token);
        let answer = request.json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.steer(reqwest::Method::POST, path, body).await
    }

    pub fn address(&self) -> EhrAddress {
        EhrAddress::parse(&self.fhir).unwrap()
    }

    /// Signs a clinician in as the browser would.
    pub async fn sign_in(&self, user: &str) -> SignedIn {
        let smart = Smart::discover(self.http.clone(), self.address()).await.unwrap();
        let (url, pending) = SignIn::begin(&smart, Arc::new(SystemClock)).await.unwrap();
        let mut browser = Command::new(&self.binary);
        browser.arg("sign-in").args(["--user", user, "--password", "practice", "--ca"]).arg(&self.ca).arg(url.as_str());
        let browser = tokio::task::spawn_blocking(move || browser.status().unwrap());
        let signed_in = pending.finish(CancellationToken::new()).await.unwrap();
        assert!(browser.await.unwrap().success());
        signed_in
    }

    pub fn client(&self, signed_in: &SignedIn) -> FhirClient {
        let session = Arc::new(Session::new(self.http.clone(), self.address(), signed_in.tokens.clone()));
        FhirClient::new(self.http.clone(), self.address(), session, Arc::new(SystemClock))
    }

    /// GET by another client, whatever the faults do to the one under test.
    pub async fn get(&self, token: &SignedIn, path: &str) -> String {
        let url = if path.starts_with("https://") { path.to_owned() } else { format!("{}/{path}", self.fhir) };
        let answer = self.plain.get(url).bearer_auth(token.tokens.access.expose()).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.text().await.unwrap()
    }

    pub async fn put(&self, token: &SignedIn, path: &str, text: String) {
        let request = self.plain.put(format!("{}/{path}", self.fhir)).bearer_auth(token.tokens.access.expose());
        let answer = request.header("content-type", "application/fhir+json").body(text).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }

    pub async fn delete(&self, token: &SignedIn, path: &str) {
        let request = self.plain.delete(format!("{}/{path}", self.fhir)).bearer_auth(token.tokens.access.expose());
        assert!(request.send().await.unwrap().status().is_success());
    }
}

impl Drop for PracticeEhr {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
