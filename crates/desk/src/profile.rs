//! One profile's folder: which EHR, which workstation, and where the vault lies.
use std::fs;
use std::path::{Path, PathBuf};

use kernel::{CorrelationId, DeviceId, ErrorCode, SiteId};
use keys::TokenName;
use serde::{Deserialize, Serialize};
use url::Url;
use vault::Files;

use crate::problem::Problem;

/// The folder of one profile.
#[derive(Clone, Debug)]
pub struct Profile {
    folder: PathBuf,
}

/// What may be known while locked. No PHI.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// FHIR base address.
    pub ehr: Url,
    /// What the EHR calls itself.
    pub name: String,
    /// FHIR version, "4.0.1".
    pub fhir_version: String,
    /// This workstation.
    pub device: DeviceId,
    /// The token that keeps this workstation's secret; without one, the operating system's keyring does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<SiteToken>,
}

/// A PKCS#11 token and what drives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteToken {
    /// Absolute path of its module when the vault was made.
    pub module: PathBuf,
    /// Which token.
    pub name: TokenName,
}

impl Site {
    /// The site's id: a digest of its address.
    #[must_use]
    pub fn id(&self) -> Option<SiteId> {
        let digest = audit::Digest::of(self.ehr.as_str().trim_end_matches('/').as_bytes());
        SiteId::new(digest.0[..16].iter().map(|byte| format!("{byte:02x}")).collect::<String>()).ok()
    }
}

impl Profile {
    /// Names the folder; nothing is created.
    #[must_use]
    pub fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes the folder if it is not there, for its owner alone.
    ///
    /// # Errors
    /// [`Problem`] if it cannot be made.
    pub fn open(folder: &Path) -> Result<Self, Problem> {
        Files::new(folder).make_folder()?;
        Ok(Self { folder: folder.to_owned() })
    }

    /// The vault's files.
    #[must_use]
    pub fn vault(&self) -> Files {
        Files::new(self.folder.join("vault"))
    }

    /// Where a new vault is made before it takes its place whole.
    #[must_use]
    pub fn vault_in_the_making(&self) -> Files {
        Files::new(self.folder.join("vault.new"))
    }

    /// What the EHR has countersigned of the audit chain, beside the vault.
    pub(crate) fn countersigned(&self) -> PathBuf {
        self.folder.join("countersigned.json")
    }

    /// The site of the vault here, or the one chosen at first run.
    ///
    /// # Errors
    /// [`ErrorCode::VaultUnreadable`] if the file is there and is none of ours.
    pub fn site(&self) -> Result<Option<Site>, Problem> {
        match fs::read(self.site_file()) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|_| ErrorCode::VaultUnreadable.into()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(_) => Err(ErrorCode::VaultUnreadable.into()),
        }
    }

    /// Keeps the chosen site; the workstation keeps its id from an earlier choice.
    ///
    /// # Errors
    /// [`Problem`] if it cannot be written.
    pub fn keep_site(&self, ehr: Url, name: String, fhir_version: String) -> Result<Site, Problem> {
        let device = match self.site() {
            Ok(Some(former)) => former.device,
            _ => DeviceId::new(CorrelationId::random().to_string()).map_err(|_| Problem::Named(ErrorCode::Internal))?,
        };
        let site = Site { ehr, name, fhir_version, device, token: None };
        self.write_site(&site)?;
        Ok(site)
    }

    /// Writes down which token keeps the secret of the vault that is about to be made, or that none does.
    ///
    /// # Errors
    /// [`Problem`] if it cannot be written.
    pub fn keep_token(&self, site: Site, token: Option<SiteToken>) -> Result<Site, Problem> {
        let site = Site { token, ..site };
        self.write_site(&site)?;
        Ok(site)
    }

    fn write_site(&self, site: &Site) -> Result<(), Problem> {
        let bytes = serde_json::to_vec_pretty(site).map_err(|_| Problem::Named(ErrorCode::Internal))?;
        Ok(keys::replace_file(&self.site_file(), &bytes).map_err(vault::VaultError::from)?)
    }

    fn site_file(&self) -> PathBuf {
        self.folder.join("site.json")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// Frozen: both forms must be read for ever.
    #[test]
    fn a_site_is_read_with_and_without_a_token() {
        let keyring = r#"{"ehr":"https://ehr.example/fhir","name":"ehr.example","fhir_version":"4.0.1","device":"ward-3"}"#;
        let token =
            r#","token":{"module":"/usr/lib/opensc-pkcs11.so","name":{"manufacturer":"m","model":"k","serial":"7","label":"ward-3"}}}"#;
        let token = format!("{}{token}", keyring.trim_end_matches('}'));
        for (text, is_token) in [(keyring, false), (&token, true)] {
            let site: Site = serde_json::from_str(text).unwrap();
            assert_eq!(site.token.is_some(), is_token);
            assert_eq!(serde_json::to_string(&site).unwrap(), text);
        }
    }
}
