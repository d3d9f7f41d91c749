//! Which token a vault belongs to: chosen at the first enrolment, by the hospital or whoever sets the workstation up.
use kernel::ErrorCode;
use keys::TokenStore;

use super::keyring_problem;
use crate::host::Host;
use crate::problem::Problem;
use crate::profile::{Site, SiteToken};
use crate::view::TokenView;

/// The token that a new vault's secret is to be kept by; `None` for the operating system's keyring.
///
/// # Errors
/// [`ErrorCode::TokenModule`]; [`ErrorCode::TokenAbsent`] if no such token is plugged in, [`ErrorCode::InvalidRequest`] if several
/// are and none was named.
pub(crate) fn chosen(host: &Host) -> Result<Option<SiteToken>, Problem> {
    let policy = host.policy();
    let Some(module) = policy.token_module().value.clone() else { return Ok(None) };
    let label = policy.token_label().value.as_deref();
    let tokens = TokenStore::tokens(&module).map_err(keyring_problem)?;
    let mut fitting = tokens.into_iter().filter(|token| label.is_none_or(|label| token.label == label));
    match (fitting.next(), fitting.next()) {
        (Some(name), None) => Ok(Some(SiteToken { module, name })),
        (None, _) => Err(ErrorCode::TokenAbsent.into()),
        (Some(_), Some(_)) => {
            tracing::warn!("several tokens are plugged in, and none was named by its label");
            Err(ErrorCode::InvalidRequest.into())
        }
    }
}

/// For the screen before there is a vault.
pub(crate) fn of_first_run(host: &Host) -> Option<TokenView> {
    let policy = host.policy();
    policy.token_module().value.as_ref()?;
    Some(TokenView { label: policy.token_label().value.clone() })
}

/// For the screen of a vault.
pub(crate) fn of_site(site: &Site) -> Option<TokenView> {
    site.token.as_ref().map(|token| TokenView { label: Some(token.name.label.clone()) })
}
