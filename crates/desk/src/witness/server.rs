//! How the EHR is asked.
use audit::{Answer, ServerKeys, Upload};
use remote::FhirClient;
use serde_json::{Value, json};
use sync::Failure;

/// The EHR as far as it countersigns.
pub trait Countersigner: Send + Sync {
    /// The keys it publishes.
    fn keys(&self) -> impl Future<Output = Result<ServerKeys, Failure>> + Send;
    /// What it makes of a stretch of the chain.
    fn ask(&self, upload: &Upload) -> impl Future<Output = Result<Answer, Failure>> + Send;
}

impl Countersigner for FhirClient {
    async fn keys(&self) -> Result<ServerKeys, Failure> {
        let body = self.operation(".well-known/audit-countersigner", None).await?;
        serde_json::from_slice(&body).map_err(|_| Failure::BadAnswer)
    }

    async fn ask(&self, upload: &Upload) -> Result<Answer, Failure> {
        let upload = serde_json::to_string(upload).map_err(|_| Failure::BadAnswer)?;
        // The entries' bytes are what is signed: they go as a text, which no FHIR server rewrites.
        let asked = json!({"resourceType": "Parameters", "parameter": [{"name": "upload", "valueString": upload}]});
        let body = self.operation("$audit-countersign", Some(asked.to_string())).await?;
        let said: Value = serde_json::from_slice(&body).map_err(|_| Failure::BadAnswer)?;
        let answer = said["parameter"].as_array().into_iter().flatten().find(|parameter| parameter["name"] == "answer");
        let answer = answer.and_then(|answer| answer["valueString"].as_str()).ok_or(Failure::BadAnswer)?;
        serde_json::from_str(answer).map_err(|_| Failure::BadAnswer)
    }
}
