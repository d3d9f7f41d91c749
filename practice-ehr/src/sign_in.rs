//! The headless stand-in for the system browser: opens the sign-in page, fills in the form, follows it home.

use reqwest::{Certificate, Client, StatusCode, header, redirect::Policy};
use url::Url;

use crate::args::SignIn;

/// Why nobody was signed in.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum SignInError {
    #[error("the certificate authority's file cannot be read")]
    Authority(#[from] std::io::Error),
    #[error("the EHR or the application did not answer")]
    Http(#[from] reqwest::Error),
    #[error("the EHR refused the authorization request")]
    Refused,
    #[error("the user name or the password is wrong")]
    Credentials,
    #[error("the application did not accept the answer")]
    Callback,
}

/// Signs in and delivers the answer to the application's loopback address.
///
/// # Errors
/// [`SignInError`]; also when the EHR's answer, delivered to the application, is a refusal.
pub async fn sign_in(args: &SignIn) -> Result<(), SignInError> {
    // Another part of the process may have chosen a provider already; it is the same one.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let authority = Certificate::from_pem(&std::fs::read(&args.ca)?)?;
    let browser = Client::builder().tls_certs_only([authority]).redirect(Policy::none()).no_proxy().build()?;

    let page = browser.get(args.url.clone()).send().await?;
    if page.status() == StatusCode::FOUND {
        deliver(&browser, &page).await?;
        return Err(SignInError::Refused);
    }
    if page.status() != StatusCode::OK {
        return Err(SignInError::Refused);
    }
    let mut form: Vec<(String, String)> = args.url.query_pairs().into_owned().collect();
    form.push(("username".into(), args.user.clone()));
    form.push(("password".into(), args.password.clone()));
    let mut action = args.url.clone();
    action.set_query(None);
    let answer = browser.post(action).form(&form).send().await?;
    match answer.status() {
        StatusCode::FOUND => deliver(&browser, &answer).await,
        StatusCode::UNAUTHORIZED => Err(SignInError::Credentials),
        _ => Err(SignInError::Refused),
    }
}

async fn deliver(browser: &Client, answer: &reqwest::Response) -> Result<(), SignInError> {
    let target = answer.headers().get(header::LOCATION).and_then(|location| location.to_str().ok());
    let target = target.and_then(|location| Url::parse(location).ok()).ok_or(SignInError::Refused)?;
    let accepted = browser.get(target).send().await?.status();
    if accepted.is_client_error() || accepted.is_server_error() { Err(SignInError::Callback) } else { Ok(()) }
}
