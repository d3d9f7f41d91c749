//! The EHR's base address, and which other addresses are its own.
use std::fmt;

use url::Url;

/// A FHIR base address: `https://host[:port]/path`, no query, no credentials.
#[derive(Clone, PartialEq, Eq)]
pub struct EhrAddress(Url);

/// Why a text is no EHR address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No URL, or one with a query, a fragment or credentials.
    #[error("not a FHIR base address")]
    NotAnAddress,
    /// Not `https`.
    #[error("not an https address")]
    NotHttps,
    /// A link that leads away from the EHR.
    #[error("an address outside the EHR")]
    Elsewhere,
}

impl EhrAddress {
    /// Reads an address as a person types it; a trailing slash is dropped.
    ///
    /// # Errors
    /// [`AddressError::NotAnAddress`], [`AddressError::NotHttps`].
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let mut url = Url::parse(text.trim()).map_err(|_| AddressError::NotAnAddress)?;
        let bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
        if !bare || url.host_str().is_none() {
            return Err(AddressError::NotAnAddress);
        }
        if !is_secure(&url) {
            return Err(AddressError::NotHttps);
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// The address without a trailing slash.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }

    /// `relative`, a path and query ready for the wire, below this address.
    pub(crate) fn below(&self, relative: &str) -> Result<Url, AddressError> {
        let url = Url::parse(&format!("{}/{relative}", self.as_str())).map_err(|_| AddressError::NotAnAddress)?;
        self.own(url)
    }

    /// A link as the EHR wrote it, absolute or relative, if it stays on this EHR.
    ///
    /// INVARIANT: the bearer token goes to no other origin, and to no other path of this one.
    pub(crate) fn follow(&self, link: &str) -> Result<Url, AddressError> {
        let url = match Url::parse(link) {
            Ok(url) => url,
            Err(url::ParseError::RelativeUrlWithoutBase) => {
                let base = Url::parse(&format!("{}/", self.as_str())).map_err(|_| AddressError::NotAnAddress)?;
                base.join(link).map_err(|_| AddressError::NotAnAddress)?
            }
            Err(_) => return Err(AddressError::NotAnAddress),
        };
        self.own(url)
    }

    fn own(&self, url: Url) -> Result<Url, AddressError> {
        let base = self.0.path().trim_end_matches('/');
        let inside = url.path().strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let bare = url.username().is_empty() && url.password().is_none();
        if url.origin() == self.0.origin() && inside && bare { Ok(url) } else { Err(AddressError::Elsewhere) }
    }
}

impl fmt::Debug for EhrAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `https`; in this crate's own tests, plain `http` to this machine as well.
pub(crate) fn is_secure(url: &Url) -> bool {
    url.scheme() == "https" || (cfg!(test) && url.scheme() == "http" && url.host_str() == Some("127.0.0.1"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn only_bare_https_addresses_are_taken() {
        assert_eq!(EhrAddress::parse(" https://ehr.example/fhir/ ").unwrap().as_str(), "https://ehr.example/fhir");
        assert_eq!(EhrAddress::parse("https://ehr.example").unwrap().as_str(), "https://ehr.example");
        for bad in ["ehr.example", "https://u:p@ehr.example/", "https://ehr.example/?a=b", "https://ehr.example/#a", ""] {
            assert_eq!(EhrAddress::parse(bad), Err(AddressError::NotAnAddress), "{bad}");
        }
        for bad in ["http://ehr.example/fhir", "http://127.0.0.2/", "ftp://ehr.example/"] {
            assert_eq!(EhrAddress::parse(bad), Err(AddressError::NotHttps), "{bad}");
        }
    }

    #[test]
    fn links_stay_on_the_ehr() {
        let ehr = EhrAddress::parse("https://ehr.example:8443/fhir").unwrap();
        assert_eq!(ehr.below("Patient?_count=5").unwrap().as_str(), "https://ehr.example:8443/fhir/Patient?_count=5");
        for good in ["https://ehr.example:8443/fhir?page=2", "https://EHR.example:8443/fhir/Patient?page=2", "Patient?page=2", "?page=2"] {
            assert!(ehr.follow(good).is_ok(), "{good}");
        }
        for bad in [
            "https://ehr.example/fhir/Patient",
            "http://ehr.example:8443/fhir/Patient",
            "https://evil.example:8443/fhir/Patient",
            "https://ehr.example:8443/fhirling/Patient",
            "https://ehr.example:8443/fhir/../admin",
            "https://u@ehr.example:8443/fhir/Patient",
            "//evil.example/fhir/Patient",
            "../admin",
        ] {
            assert_eq!(ehr.follow(bad), Err(AddressError::Elsewhere), "{bad}");
        }
    }
}
