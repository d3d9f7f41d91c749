//! One profile's folder: which EHR, which workstation, and where the vault lies.
use std::fs;
use std::path::{Path, PathBuf};

use kernel::{CorrelationId, DeviceId, ErrorCode, SiteId};
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
        let site = Site { ehr, name, fhir_version, device };
        let bytes = serde_json::to_vec_pretty(&site).map_err(|_| Problem::Named(ErrorCode::Internal))?;
        keys::replace_file(&self.site_file(), &bytes).map_err(vault::VaultError::from)?;
        Ok(site)
    }

    fn site_file(&self) -> PathBuf {
        self.folder.join("site.json")
    }
}
