//! The authorization endpoint (RFC 6749 §4.1.1, SMART App Launch 2.2 standalone launch).

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use url::{Host, Url, form_urlencoded};

use super::codes::Authorization;
use super::roles::Role;
use super::scopes::Scopes;
use super::{CLIENT_ID, PASSWORD, Smart, clinician, html, secret};

/// A valid request for a code.
#[derive(Debug)]
struct Request {
    redirect_uri: Url,
    state: String,
    scope: String,
    code_challenge: String,
    nonce: Option<String>,
    login_hint: String,
    /// Everything as received, to be carried through the form.
    parameters: Vec<(String, String)>,
}

/// Why a request gets no sign-in page.
#[derive(Debug)]
enum Refusal {
    /// Not even the redirect can be trusted: said on a page.
    Page(&'static str),
    /// Said to the client (RFC 6749 §4.1.2.1).
    Redirect(Box<Url>, String, &'static str, &'static str),
}

const FORM_FIELDS: [&str; 3] = ["username", "password", "action"];

impl Smart {
    /// `GET /auth/authorize`: the sign-in page.
    pub fn authorize_page(&self, query: &str) -> Response<Body> {
        match self.request(query) {
            Ok(request) => page(StatusCode::OK, html::sign_in(&request.parameters, &request.login_hint, false)),
            Err(refusal) => refusal.answer(),
        }
    }

    /// `POST /auth/authorize`: the submitted form; a redirect with a code when the password is right.
    pub fn authorize(&self, form: &str, now: DateTime<Utc>) -> Response<Body> {
        let request = match self.request(form) {
            Ok(request) => request,
            Err(refusal) => return refusal.answer(),
        };
        let field = |name: &str| parameter(form, name).unwrap_or_default();
        if field("action") == "cancel" {
            return Refusal::Redirect(request.redirect_uri.into(), request.state, "access_denied", "The clinician cancelled.").answer();
        }
        let username = field("username");
        let Some(who) = clinician(username.trim()).filter(|_| field("password") == PASSWORD) else {
            return page(StatusCode::UNAUTHORIZED, html::sign_in(&request.parameters, &username, true));
        };
        let Ok(code) = secret() else {
            return Refusal::Redirect(request.redirect_uri.into(), request.state, "server_error", "No randomness.").answer();
        };
        let granted = Role::named(who.role).map(Role::scopes).unwrap_or_default();
        self.codes.issue(
            code.clone(),
            Authorization {
                who,
                scope: granted_scope(&request.scope, &granted),
                redirect_uri: request.redirect_uri.to_string(),
                code_challenge: request.code_challenge,
                nonce: request.nonce,
                auth_time: now,
            },
        );
        let mut target = request.redirect_uri;
        target.query_pairs_mut().append_pair("code", &code).append_pair("state", &request.state).append_pair("iss", &self.issuer);
        redirect(&target)
    }

    fn request(&self, parameters: &str) -> Result<Request, Refusal> {
        let get = |name: &str| parameter(parameters, name);
        if get("client_id").as_deref() != Some(CLIENT_ID) {
            return Err(Refusal::Page("The client is not registered here."));
        }
        let redirect_uri = get("redirect_uri")
            .and_then(|uri| loopback(&uri))
            .ok_or(Refusal::Page("The redirect address is not the client's: http://127.0.0.1:<port>/callback."))?;
        let state = get("state").unwrap_or_default();
        let refuse = |error, description| Err(Refusal::Redirect(redirect_uri.clone().into(), state.clone(), error, description));
        if get("response_type").as_deref() != Some("code") {
            return refuse("unsupported_response_type", "response_type must be code.");
        }
        if state.is_empty() {
            return refuse("invalid_request", "state is required.");
        }
        if get("code_challenge_method").as_deref() != Some("S256") {
            return refuse("invalid_request", "PKCE with S256 is required.");
        }
        let code_challenge = get("code_challenge").unwrap_or_default();
        if URL_SAFE_NO_PAD.decode(&code_challenge).map_or(0, |hash| hash.len()) != 32 {
            return refuse("invalid_request", "code_challenge must be a base64url SHA-256.");
        }
        if get("aud").is_none_or(|aud| aud.trim_end_matches('/') != self.fhir_base) {
            return refuse("invalid_request", "aud must be this server's FHIR base.");
        }
        let scope = get("scope").unwrap_or_default();
        if !scope.split_ascii_whitespace().any(|item| item == "openid") {
            return refuse("invalid_scope", "scope must include openid.");
        }
        let carried =
            form_urlencoded::parse(parameters.as_bytes()).into_owned().filter(|(name, _)| !FORM_FIELDS.contains(&name.as_str())).collect();
        Ok(Request {
            redirect_uri,
            state,
            scope,
            code_challenge,
            nonce: get("nonce"),
            login_hint: get("login_hint").unwrap_or_default(),
            parameters: carried,
        })
    }
}

impl Refusal {
    fn answer(self) -> Response<Body> {
        match self {
            Self::Page(reason) => page(StatusCode::BAD_REQUEST, html::refused(reason)),
            Self::Redirect(mut target, state, error, description) => {
                target.query_pairs_mut().append_pair("error", error).append_pair("error_description", description);
                if !state.is_empty() {
                    target.query_pairs_mut().append_pair("state", &state);
                }
                redirect(&target)
            }
        }
    }
}

/// The identity scopes asked for, and the resource scopes that the role may have.
fn granted_scope(asked: &str, role: &Scopes) -> String {
    let mut scope: Vec<String> = asked
        .split_ascii_whitespace()
        .filter(|item| ["openid", "fhirUser", "profile", "offline_access"].contains(item))
        .map(String::from)
        .collect();
    let resources = Scopes::parse(asked).within(role).to_string();
    scope.extend((!resources.is_empty()).then_some(resources));
    scope.join(" ")
}

/// The client's redirect address: the loopback interface, any port, path `/callback` (RFC 8252 §7.3).
fn loopback(uri: &str) -> Option<Url> {
    let url = Url::parse(uri).ok()?;
    let here = match url.host()? {
        Host::Ipv4(address) => address.octets() == [127, 0, 0, 1],
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(_) => false,
    };
    let bare = url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    (here && bare && url.scheme() == "http" && url.path() == "/callback").then_some(url)
}

fn parameter(parameters: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(parameters.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

fn redirect(target: &Url) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::FOUND;
    // A serialised URL is ASCII without control characters.
    if let Ok(location) = HeaderValue::from_str(target.as_str()) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn page(status: StatusCode, html: String) -> Response<Body> {
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"),
    );
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_loopback_callback_is_a_redirect_address() {
        for good in ["http://127.0.0.1:1/callback", "http://127.0.0.1:65535/callback", "http://[::1]:4000/callback"] {
            assert!(loopback(good).is_some(), "{good}");
        }
        for bad in [
            "https://127.0.0.1:1/callback",
            "http://localhost:1/callback",
            "http://127.0.0.2:1/callback",
            "http://127.0.0.1:1/callback?x=1",
            "http://127.0.0.1:1/callback#x",
            "http://user@127.0.0.1:1/callback",
            "http://127.0.0.1:1/other",
            "http://evil.example/callback",
            "callback",
        ] {
            assert!(loopback(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn identity_scopes_are_kept_and_unknown_ones_dropped() {
        let role = Scopes::parse("user/*.rs");
        assert_eq!(
            granted_scope("openid offline_access launch/patient user/Patient.cruds", &role),
            "openid offline_access user/Patient.rs"
        );
    }
}
