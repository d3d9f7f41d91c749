//! Bundle (R4 §2.36) as a page of resources: each kept as the exact text the server sent.
use kernel::{RecordId, ResourceType, VersionId};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::index::Header;
use crate::json::{JsonError, Limits, scan_counting};
use crate::loose::{Strict, Text};
use crate::outcome::Outcome;
use crate::reference::Reference;

/// Why a text is no usable Bundle.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum BundleError {
    /// Refused before reading: too long or not UTF-8.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// Not JSON, or its elements do not have a Bundle's form.
    #[error("not a Bundle")]
    NotABundle,
}

/// A page of a search, a history, or the answer to a batch or transaction.
pub struct Bundle {
    /// `searchset`, `history`, `transaction-response`, …
    pub kind: Box<str>,
    /// `total`, if the server counted.
    pub total: Option<u64>,
    /// Where the next page is, as the server wrote it: check it against the EHR's own address before following.
    pub next: Option<Box<str>>,
    /// What this page answers.
    pub self_link: Option<Box<str>>,
    /// Entries in the order sent.
    pub entries: Vec<Entry>,
}

/// One entry.
pub struct Entry {
    /// Whose resource this is; `None` if neither the resource nor an address in the entry says so.
    pub identity: Option<(ResourceType, RecordId)>,
    /// `meta.versionId`, else from `response.etag`.
    pub version_id: Option<VersionId>,
    /// `meta.lastUpdated`, else `response.lastModified`, as written.
    pub last_updated: Option<Box<str>>,
    /// `fullUrl` as written.
    pub full_url: Option<Box<str>>,
    /// Why it is in a searchset.
    pub mode: Option<SearchMode>,
    /// `request.method`: in a history, what happened.
    pub method: Option<Method>,
    /// The three digits of `response.status`.
    pub status: Option<u16>,
    /// `response.location` as written.
    pub location: Option<Box<str>>,
    /// The resource.
    pub content: Content,
    /// `response.outcome`, or the entry's own OperationOutcome.
    pub outcome: Option<Outcome>,
}

impl Entry {
    /// Whether this entry of a history says that the resource is gone.
    #[must_use]
    pub fn is_deletion(&self) -> bool {
        self.method == Some(Method::Delete) || (self.status == Some(410) && matches!(self.content, Content::Absent))
    }

    /// The resource's text, if there is one and it was accepted.
    #[must_use]
    pub fn resource(&self) -> Option<&str> {
        match &self.content {
            Content::Resource(raw) => Some(raw),
            _ => None,
        }
    }
}

/// What an entry carries.
pub enum Content {
    /// A resource, its text exactly as sent; it has passed [`crate::scan`].
    Resource(Box<str>),
    /// A resource that must not be kept: the page goes on, the record is shown as unreadable.
    Refused(JsonError),
    /// None, as for a deletion.
    Absent,
}

/// `search.mode`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SearchMode {
    /// Matched the search.
    Match,
    /// Came along.
    Include,
    /// Is about the search itself.
    Outcome,
}

/// `request.method`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Method {
    /// Created by the server's choice of id.
    Post,
    /// Created or updated.
    Put,
    /// Changed in part.
    Patch,
    /// Deleted.
    Delete,
    /// Read.
    Get,
    /// Read without a body.
    Head,
}

impl Bundle {
    /// Reads a page. A resource that breaks the limits, repeats a member name or holds half a character is refused alone;
    /// `limits` hold for the page as a whole (`nodes`: all resources together).
    pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, BundleError> {
        if bytes.len() > limits.bytes {
            return Err(JsonError::TooLong.into());
        }
        let text = std::str::from_utf8(bytes).map_err(|_| JsonError::NotUtf8)?;
        let Strict(wire): Strict<WireBundle<'_>> = serde_json::from_str(text).map_err(|_| BundleError::NotABundle)?;
        if wire.resource_type.as_deref() != Some("Bundle") {
            return Err(BundleError::NotABundle);
        }
        // An entry costs at least a value: an endless list of empty ones is refused as well.
        if wire.entry.len() > limits.nodes {
            return Err(JsonError::TooMany.into());
        }
        let link = |relation: &str| {
            let found = wire.link.iter().map(|Strict(link)| link).find(|link| link.relation.as_deref() == Some(relation))?;
            found.url.as_deref().map(Into::into)
        };
        let mut left = *limits;
        Ok(Self {
            kind: wire.kind.as_deref().unwrap_or_default().into(),
            total: wire.total,
            next: link("next"),
            self_link: link("self"),
            entries: wire.entry.iter().map(|Strict(entry)| read_entry(entry, &mut left)).collect(),
        })
    }
}

/// Takes the values it reads off `left`.
fn read_entry(wire: &WireEntry<'_>, left: &mut Limits) -> Entry {
    let content = match wire.resource.map(|raw| scan_counting(raw.get().as_bytes(), left)) {
        None => Content::Absent,
        Some(Ok((text, nodes))) => {
            left.nodes -= nodes.min(left.nodes);
            Content::Resource(text.into())
        }
        Some(Err(refused)) => Content::Refused(refused),
    };
    // A refused resource may still say which one it is: what repeats a member read here has no header.
    let header = wire.resource.and_then(|raw| Header::read(raw.get()).ok());
    let response = wire.response.as_ref().map(|Strict(response)| response);
    let request = wire.request.as_ref().map(|Strict(request)| request);
    let location = response.and_then(|response| response.location.as_deref());
    let addresses = [request.and_then(|request| request.url.as_deref()), location, wire.full_url.as_deref()];
    let identity = match &header {
        Some(Header { resource_type, id: Some(id), .. }) => Some((resource_type.clone(), id.clone())),
        _ => addresses.into_iter().flatten().find_map(identity_in_address),
    };
    let own_outcome = match &content {
        Content::Resource(raw) => Outcome::read(raw),
        _ => None,
    };
    Entry {
        identity,
        version_id: header.as_ref().and_then(|header| header.version_id.clone()).or_else(|| etag(response?.etag.as_deref()?)),
        last_updated: header.and_then(|header| header.last_updated).or_else(|| Some(response?.last_modified.as_deref()?.into())),
        full_url: wire.full_url.as_deref().map(Into::into),
        mode: match wire.search.as_ref().and_then(|Strict(search)| search.mode.as_deref()) {
            Some("match") => Some(SearchMode::Match),
            Some("include") => Some(SearchMode::Include),
            Some("outcome") => Some(SearchMode::Outcome),
            _ => None,
        },
        method: request.and_then(|request| method(request.method.as_deref()?)),
        status: response.and_then(|response| response.status.as_deref()?.get(..3)?.parse().ok()),
        location: location.map(Into::into),
        content,
        outcome: response.and_then(|response| Outcome::read(response.outcome?.get())).or(own_outcome),
    }
}

/// The last `Type/id` of an address: "Patient/1", "https://ehr/fhir/Patient/1/_history/2". Only the server that sent the
/// page is named in these elements, so its base need not be known.
fn identity_in_address(address: &str) -> Option<(ResourceType, RecordId)> {
    let path = address.split_once("/_history").map_or(address, |(path, _)| path);
    let mut segments = path.rsplit('/');
    let (id, kind) = (segments.next()?, segments.next()?);
    match Reference::parse(&format!("{kind}/{id}")) {
        Reference::Local { kind, id } => Some((kind, id)),
        _ => None,
    }
}

/// The version in a weak ETag, `W/"3"` (R4 §3.1.0.1.3).
fn etag(text: &str) -> Option<VersionId> {
    let inner = text.strip_prefix("W/").unwrap_or(text).strip_prefix('"')?.strip_suffix('"')?;
    (!inner.is_empty()).then(|| VersionId::new(inner))
}

fn method(text: &str) -> Option<Method> {
    Some(match text {
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        _ => return None,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireBundle<'a> {
    #[serde(borrow, default)]
    resource_type: Text<'a>,
    #[serde(borrow, default, rename = "type")]
    kind: Text<'a>,
    #[serde(default)]
    total: Option<u64>,
    #[serde(borrow, default)]
    link: Vec<Strict<WireLink<'a>>>,
    #[serde(borrow, default)]
    entry: Vec<Strict<WireEntry<'a>>>,
}

#[derive(Deserialize)]
struct WireLink<'a> {
    #[serde(borrow, default)]
    relation: Text<'a>,
    #[serde(borrow, default)]
    url: Text<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireEntry<'a> {
    #[serde(borrow, default)]
    full_url: Text<'a>,
    #[serde(borrow, default)]
    resource: Option<&'a RawValue>,
    #[serde(borrow, default)]
    search: Option<Strict<WireSearch<'a>>>,
    #[serde(borrow, default)]
    request: Option<Strict<WireRequest<'a>>>,
    #[serde(borrow, default)]
    response: Option<Strict<WireResponse<'a>>>,
}

#[derive(Deserialize)]
struct WireSearch<'a> {
    #[serde(borrow, default)]
    mode: Text<'a>,
}

#[derive(Deserialize)]
struct WireRequest<'a> {
    #[serde(borrow, default)]
    method: Text<'a>,
    #[serde(borrow, default)]
    url: Text<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireResponse<'a> {
    #[serde(borrow, default)]
    status: Text<'a>,
    #[serde(borrow, default)]
    location: Text<'a>,
    #[serde(borrow, default)]
    etag: Text<'a>,
    #[serde(borrow, default)]
    last_modified: Text<'a>,
    #[serde(borrow, default)]
    outcome: Option<&'a RawValue>,
}
