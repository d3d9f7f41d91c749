//! From the EHR's JSON to records that carry their exact text.
use chrono::{DateTime, Utc};
use fhir::{Bundle, Content, Entry, Index, Limits, SearchMode, scan};
use kernel::{Phi, RecordId, ResourceType};
use sync::{Incoming, Page, Tombstone};

/// Reads a page. `None` if it is no Bundle or breaks its limits. `base` is the EHR's address, by which absolute references
/// to its own records are known.
pub(crate) fn page(body: &[u8], base: &str, served_at: DateTime<Utc>) -> Option<Page> {
    let bundle = Bundle::parse(body, &Limits::PAGE).ok()?;
    let mut page = Page { next: bundle.next.map(Phi::new), total: bundle.total, served_at, bytes: body.len() as u64, ..Page::default() };
    for entry in bundle.entries {
        // What the EHR says about the search itself is no record.
        let is_remark = entry.outcome.is_some() && entry.identity.as_ref().is_none_or(|(kind, _)| kind.as_str() == "OperationOutcome");
        if entry.mode == Some(SearchMode::Outcome) || is_remark {
            continue;
        }
        if entry.is_deletion() {
            page.tombstones.extend(tombstone(&entry));
        } else if !matches!(entry.content, Content::Absent) {
            let kind = entry.identity.as_ref().map(|(kind, _)| kind.clone());
            match record(entry, base) {
                Some(record) => page.records.push(record),
                None => page.unreadable.push(kind),
            }
        }
    }
    Some(page)
}

/// Reads a single resource that must be this one.
pub(crate) fn resource(body: &[u8], base: &str, kind: &ResourceType, id: &RecordId) -> Option<Incoming> {
    let text = scan(body, &Limits::RESOURCE).ok()?;
    let index = Index::read_from(text, Some(base)).ok()?;
    let record = filed(index, text.into())?;
    (record.kind == *kind && record.id == *id).then_some(record)
}

fn record(entry: Entry, base: &str) -> Option<Incoming> {
    let Content::Resource(text) = entry.content else { return None };
    let index = Index::read_from(&text, Some(base)).ok()?;
    let mut record = filed(index, text)?;
    record.version = record.version.or(entry.version_id);
    record.last_updated = record.last_updated.or_else(|| instant(entry.last_updated.as_deref()?));
    Some(record)
}

fn filed(index: Index, text: Box<str>) -> Option<Incoming> {
    Some(Incoming {
        kind: index.resource_type,
        id: index.id?,
        version: index.version_id,
        last_updated: index.last_updated.as_deref().and_then(instant),
        patient: index.patient,
        body: Phi::new(text),
    })
}

fn tombstone(entry: &Entry) -> Option<Tombstone> {
    let (kind, id) = entry.identity.clone()?;
    Some(Tombstone { kind, id, deleted_at: entry.last_updated.as_deref().and_then(instant) })
}

fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|time| time.with_timezone(&Utc))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn a_history_page_keeps_texts_exactly_and_tells_deletions() {
        let observation = r#"{ "resourceType":"Observation","id":"o1","meta":{"versionId":"2","lastUpdated":"2026-01-02T03:04:05.678+01:00"},
            "subject":{"reference":"https://ehr/fhir/Patient/p1"},"valueQuantity":{"value":7.20} }"#;
        let body = format!(
            r#"{{"resourceType":"Bundle","type":"history","total":3,"link":[{{"relation":"next","url":"https://ehr/fhir?p=2"}}],"entry":[
              {{"resource":{observation},"request":{{"method":"PUT","url":"Observation/o1"}}}},
              {{"request":{{"method":"DELETE","url":"Observation/o2"}},"response":{{"status":"204","lastModified":"2026-01-02T00:00:00Z"}}}},
              {{"resource":{{"resourceType":"Basic","id":"b","a":1,"a":2}}}},
              {{"search":{{"mode":"outcome"}},"resource":{{"resourceType":"OperationOutcome","issue":[]}}}}]}}"#
        );
        let page = page(body.as_bytes(), "https://ehr/fhir", DateTime::UNIX_EPOCH).unwrap();
        assert_eq!(page.records.len(), 1);
        let record = &page.records[0];
        assert_eq!(&**record.body.expose(), observation);
        assert_eq!(record.patient.as_ref().map(kernel::PatientId::as_str), Some("p1"));
        assert_eq!(record.last_updated.unwrap().to_rfc3339(), "2026-01-02T02:04:05.678+00:00");
        assert_eq!(page.tombstones.len(), 1);
        assert_eq!(page.tombstones[0].id.as_str(), "o2");
        assert!(page.tombstones[0].deleted_at.is_some());
        assert_eq!(page.unreadable.len(), 1);
        assert_eq!((page.total, page.next.is_some()), (Some(3), true));
    }

    #[test]
    fn a_resource_must_be_the_one_asked_for() {
        let (kind, id) = (ResourceType::new("Basic").unwrap(), RecordId::new("b").unwrap());
        assert!(resource(br#"{"resourceType":"Basic","id":"b"}"#, "https://ehr", &kind, &id).is_some());
        for other in [r#"{"resourceType":"Basic","id":"c"}"#, r#"{"resourceType":"Flag","id":"b"}"#, "[]", ""] {
            assert!(resource(other.as_bytes(), "https://ehr", &kind, &id).is_none(), "{other}");
        }
    }
}
