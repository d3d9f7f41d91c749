//! One record as the store hands it over.
use fhir::{FhirDate, Json, Limits};

use crate::read::{Node, Read, Unexpected};
use crate::view::{RecordState, Source};

/// A record of a chart: what it is stored under, and its text.
#[derive(Clone, Copy)]
pub struct StoredRecord<'a> {
    /// FHIR resource type it is stored under.
    pub kind: &'a str,
    /// Logical id it is stored under, if known without its text.
    pub id: Option<&'a str>,
    /// Where it stands between here and the EHR.
    pub state: RecordState,
    /// The resource's JSON; `None` if its seal does not open.
    pub body: Option<&'a str>,
}

/// A record's tree.
pub(crate) struct Resource {
    json: Json,
}

impl Resource {
    /// Parses within bounds and checks that the text is of the type it is stored under.
    pub(crate) fn parse(kind: &str, body: &str) -> Read<Self> {
        let json = Json::parse(body.as_bytes(), &Limits::RESOURCE).map_err(|_| Unexpected)?;
        if json.get("resourceType").and_then(Json::as_str) != Some(kind) {
            return Err(Unexpected);
        }
        Ok(Self { json })
    }

    pub(crate) fn node(&self) -> Read<Node<'_>> {
        Node::of(&self.json)
    }
}

/// What every item carries of its record.
pub(crate) fn source(kind: &str, node: Node<'_>, state: RecordState) -> Read<Source> {
    Ok(Source {
        kind: kind.to_owned(),
        id: node.text("id")?.ok_or(Unexpected)?.to_owned(),
        state,
        last_updated: last_updated(node)?.map(ToOwned::to_owned),
    })
}

pub(crate) fn last_updated(node: Node<'_>) -> Read<Option<&str>> {
    node.object("meta")?.map_or(Ok(None), |meta| meta.text("lastUpdated"))
}

/// An item and when it happened, for the order of lists.
pub(crate) struct Dated<T> {
    pub(crate) item: T,
    pub(crate) at: Option<i64>,
}

impl<T> Dated<T> {
    pub(crate) fn new(item: T, date: Option<FhirDate>) -> Self {
        Self { item, at: date.map(|date| date.epoch_millis()) }
    }
}

/// Newest first; what has no date comes last, in the order read.
pub(crate) fn newest_first<T>(mut items: Vec<Dated<T>>) -> Vec<T> {
    items.sort_by_key(|dated| std::cmp::Reverse(dated.at));
    items.into_iter().map(|dated| dated.item).collect()
}
