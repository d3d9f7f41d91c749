//! What is kept beside the vault: the EHR's key, and its last word. An older copy of the vault alone shows against it at unlock, without
//! the network.
use std::fs;

use audit::{Checked, Countersigned, ServerKey, ServerKeys};
use kernel::DeviceId;
use serde::{Deserialize, Serialize};

use crate::profile::Profile;
use crate::view::QuarantineView;

/// `countersigned.json`. Ids, positions, digests and keys alone.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Kept {
    /// Pinned when the EHR was first asked, over TLS.
    #[serde(default)]
    pub server: Option<ServerKey>,
    /// Signed by it.
    #[serde(default)]
    pub countersigned: Option<Countersigned>,
    /// For who looks while locked; what counts stands in the vault.
    #[serde(default)]
    pub quarantine: Option<QuarantineView>,
    /// Why the chain is not countersigned at present.
    #[serde(default)]
    pub trouble: Option<Trouble>,
}

/// Why the chain is not countersigned.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// The EHR knows nothing of it.
    NotOffered,
    /// The EHR presents a key that the pinned one does not vouch for.
    OtherKey,
    /// The EHR does not take the chain: its signatures do not follow one another.
    Refused,
}

impl Trouble {
    /// Stable name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotOffered => "not_offered",
            Self::OtherKey => "other_key",
            Self::Refused => "refused",
        }
    }
}

impl Kept {
    /// A file that is not there, or cannot be read, keeps nothing: the EHR remembers, and the chain itself names the key.
    pub fn read(profile: &Profile) -> Self {
        fs::read(profile.countersigned()).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    /// One that cannot be written leaves the former: it still shows what it showed.
    pub fn write(&self, profile: &Profile) {
        let written = serde_json::to_vec_pretty(self).is_ok_and(|bytes| keys::replace_file(&profile.countersigned(), &bytes).is_ok());
        if !written {
            tracing::warn!("what the EHR countersigned was not kept beside the vault");
        }
    }

    /// The EHR's last word, if it is genuine and of this workstation.
    pub fn word(&self, device: &DeviceId) -> Option<Checked> {
        self.countersigned.clone()?.check(device, self.server.as_ref()?).ok()
    }

    /// The key to believe among those the EHR publishes: the pinned one or its successor; the one the chain names; the first ever seen.
    ///
    /// # Errors
    /// [`Trouble::OtherKey`].
    pub fn trusted(&self, named: Option<&Countersigned>, published: &ServerKeys) -> Result<ServerKey, Trouble> {
        let trusted = match (&self.server, named) {
            (Some(pinned), _) => published.succeeding(pinned),
            (None, Some(named)) => Some(&published.present).filter(|present| present.id == named.server_key_id),
            (None, None) => Some(&published.present),
        };
        trusted.filter(|key| key.is_named_rightly()).cloned().ok_or(Trouble::OtherKey)
    }
}
