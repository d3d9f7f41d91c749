//! One page of a search or history.
use std::collections::HashMap;

use chrono::{DateTime, Utc};
use kernel::{Phi, ResourceType};

use crate::record::{Incoming, Tombstone};

/// One page of a search or history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Resources in the order sent.
    pub records: Vec<Incoming>,
    /// Deletions in the order sent.
    pub tombstones: Vec<Tombstone>,
    /// Where the next page is.
    pub next: Option<Phi<Box<str>>>,
    /// `total`, where the EHR counted.
    pub total: Option<u64>,
    /// Entries that could not be accepted, by type as far as known.
    pub unreadable: Vec<Option<ResourceType>>,
    /// The EHR's clock when it answered (`Date` header); without one, the workstation's clock an hour before.
    pub served_at: DateTime<Utc>,
    /// Size of the JSON.
    pub bytes: u64,
}

impl Page {
    /// The latest time on the page.
    pub(crate) fn newest(&self) -> Option<DateTime<Utc>> {
        let updated = self.records.iter().map(|record| record.last_updated);
        updated.chain(self.tombstones.iter().map(|tombstone| tombstone.deleted_at)).max().flatten()
    }

    /// Leaves, of several versions of a resource as a history has them, the latest; of equals the first, since histories come
    /// newest first.
    pub(crate) fn newest_only(mut self) -> Self {
        let mut latest = HashMap::new();
        let mut places = Vec::with_capacity(self.tombstones.len() + self.records.len());
        places.extend(self.tombstones.iter().map(|gone| (gone.kind.clone(), gone.id.clone(), gone.deleted_at)));
        places.extend(self.records.iter().map(|record| (record.kind.clone(), record.id.clone(), record.last_updated)));
        for (place, (kind, id, time)) in places.into_iter().enumerate() {
            let best = latest.entry((kind, id)).or_insert((time, place));
            if time > best.0 {
                *best = (time, place);
            }
        }
        let kept: std::collections::HashSet<_> = latest.into_values().map(|(_, place)| place).collect();
        let mut place = 0..;
        self.tombstones.retain(|_| place.next().is_some_and(|place| kept.contains(&place)));
        self.records.retain(|_| place.next().is_some_and(|place| kept.contains(&place)));
        self
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use kernel::{RecordId, VersionId};

    use super::*;

    fn record(id: &str, version: &str, second: i64) -> Incoming {
        Incoming {
            kind: ResourceType::new("Basic").unwrap(),
            id: RecordId::new(id).unwrap(),
            version: Some(VersionId::new(version)),
            last_updated: DateTime::from_timestamp(second, 0),
            patient: None,
            body: Phi::new("{}".into()),
        }
    }

    fn gone(id: &str, second: i64) -> Tombstone {
        Tombstone {
            kind: ResourceType::new("Basic").unwrap(),
            id: RecordId::new(id).unwrap(),
            deleted_at: DateTime::from_timestamp(second, 0),
        }
    }

    #[test]
    fn of_a_history_the_latest_word_counts() {
        let page = Page {
            records: vec![record("a", "3", 30), record("a", "2", 30), record("b", "1", 10), record("c", "2", 50), record("a", "1", 40)],
            tombstones: vec![gone("b", 20), gone("c", 40)],
            ..Page::default()
        };
        assert_eq!(page.newest(), DateTime::from_timestamp(50, 0));
        let page = page.newest_only();
        assert_eq!(page.records, [record("c", "2", 50), record("a", "1", 40)]);
        assert_eq!(page.tombstones, [gone("b", 20)]);
    }
}
