//! A model EHR: versions, history, searches with pages, If-Match, and transactions that become visible late.
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{PatientId, Phi, RecordId, ResourceType, VersionId};
use sync::testing::Key;
use sync::{Capability, Failure, Found, Incoming, Outgoing, Page, PatientParam, Put, Rejection, Tombstone, TypeCapability};

#[derive(Clone)]
pub struct Version {
    pub number: u64,
    pub at: DateTime<Utc>,
    /// `None`: deleted.
    pub value: Option<u64>,
    pub body: String,
}

/// A write that is stamped and not visible yet.
struct Late {
    visible: DateTime<Utc>,
    stamped: DateTime<Utc>,
    key: Key,
    value: Option<u64>,
}

/// What kinds of server it can be.
#[derive(Clone, Copy)]
pub struct Traits {
    pub everything: bool,
    /// Its `$everything` leaves Provenance out: a client must not take its word for everything.
    pub forgets_provenance: bool,
    pub history: bool,
    /// Ignores `If-None-Match: *`, as some do.
    pub blind_creates: bool,
    /// Pages are counted off, so that a deletion between two pages hides a record from a search.
    pub shifting_pages: bool,
}

pub struct Ehr {
    pub traits: Traits,
    /// The EHR's clock runs ahead of the workstation's by so much.
    pub skew: TimeDelta,
    pub records: BTreeMap<Key, Vec<Version>>,
    pub owner: BTreeMap<Key, Option<PatientId>>,
    /// Writes in the order they became visible.
    pub log: Vec<(Key, u64)>,
    late: Vec<Late>,
    pub requests: u64,
}

pub const KINDS: [&str; 7] = ["Appointment", "CareTeam", "Location", "Observation", "Patient", "Provenance", "Task"];

pub fn kind(name: &str) -> ResourceType {
    ResourceType::new(name).unwrap()
}

pub fn key(name: &str, id: &str) -> Key {
    (kind(name), RecordId::new(id).unwrap())
}

impl Ehr {
    pub fn new(traits: Traits, skew: TimeDelta) -> Self {
        Self { traits, skew, records: BTreeMap::new(), owner: BTreeMap::new(), log: Vec::new(), late: Vec::new(), requests: 0 }
    }

    pub fn capability(&self) -> Capability {
        let types = KINDS.map(|name| {
            let by_patient = (name != "Location" && name != "Patient").then_some(PatientParam::Patient);
            (kind(name), TypeCapability { search: true, history: self.traits.history, by_patient })
        });
        Capability { types: types.into(), everything: self.traits.everything, history_system: self.traits.history }
    }

    /// A write by somebody else. With `delay`, it is stamped now and visible later.
    pub fn write(&mut self, now: DateTime<Utc>, key: Key, owner: Option<PatientId>, value: Option<u64>, delay: TimeDelta) {
        self.owner.entry(key.clone()).or_insert(owner);
        if delay.is_zero() {
            self.apply(now, key, value);
        } else {
            self.late.push(Late { visible: now + delay, stamped: now, key, value });
        }
    }

    /// Makes visible what is due.
    pub fn settle(&mut self, now: DateTime<Utc>) {
        let (due, rest): (Vec<_>, Vec<_>) = std::mem::take(&mut self.late).into_iter().partition(|late| late.visible <= now);
        self.late = rest;
        for Late { stamped, key, value, .. } in due {
            // A transaction that finds a later version there would have failed.
            let current = self.records.get(&key).and_then(|versions| versions.last());
            if current.is_none_or(|current| current.at < stamped + self.skew) {
                self.apply(stamped, key, value);
            }
        }
    }

    fn apply(&mut self, at: DateTime<Utc>, key: Key, value: Option<u64>) {
        let at = at + self.skew;
        let owner = self.owner.get(&key).cloned().flatten();
        let versions = self.records.entry(key.clone()).or_default();
        let number = versions.len() as u64 + 1;
        versions.push(Version { number, at, value, body: body(&key, owner.as_ref(), value, number, at) });
        self.log.push((key, number));
    }

    fn incoming(&self, key: &Key, version: &Version) -> Incoming {
        Incoming {
            kind: key.0.clone(),
            id: key.1.clone(),
            version: Some(VersionId::new(version.number.to_string())),
            last_updated: Some(version.at),
            patient: self.owner.get(key).cloned().flatten(),
            body: Phi::new(version.body.clone().into()),
        }
    }

    pub fn current(&self, key: &Key) -> Option<&Version> {
        self.records.get(key)?.last().filter(|version| version.value.is_some())
    }

    pub fn get(&mut self, address: &str, now: DateTime<Utc>) -> Result<Page, Failure> {
        self.requests += 1;
        let (query, from) = address.split_once('#').map_or((address, None), |(query, from)| (query, Some(from)));
        let (path, rest) = query.split_once('?').unwrap();
        let params: BTreeMap<&str, &str> = rest.split('&').filter_map(|pair| pair.split_once('=')).collect();
        let count: usize = params.get("_count").map_or(1_000, |count| count.parse().unwrap());
        let mut page = Page { served_at: now + self.skew, bytes: 1, ..Page::default() };
        let parts: Vec<&str> = path.split('/').collect();

        if parts.last() == Some(&"_history") {
            let since = DateTime::parse_from_rfc3339(params["_since"]).unwrap();
            let only = (parts.len() == 2).then(|| parts[0]);
            let mut entries: Vec<(DateTime<Utc>, Key, u64)> = Vec::new();
            for (key, versions) in &self.records {
                let wanted = only.is_none_or(|only| key.0.as_str() == only);
                entries.extend(versions.iter().filter(|v| wanted && v.at >= since).map(|v| (v.at, key.clone(), v.number)));
            }
            entries.sort_by(|a, b| (b.0, &b.1, b.2).cmp(&(a.0, &a.1, a.2)));
            self.fill(&mut page, entries.into_iter().map(|(_, key, number)| (key, number)).collect(), query, from, count);
            return Ok(page);
        }

        let all = self.records.keys().filter(|key| self.current(key).is_some());
        let keys: Vec<Key> = if parts.len() == 3 {
            let patient = PatientId::new(parts[1]).unwrap();
            if self.current(&key("Patient", parts[1])).is_none() {
                return Err(Failure::NotFound);
            }
            let forgotten = |key: &&Key| self.traits.forgets_provenance && key.0.as_str() == "Provenance";
            let own = |key: &&Key| self.owner.get(*key).cloned().flatten().as_ref() == Some(&patient) && !forgotten(key);
            all.filter(own).cloned().collect()
        } else {
            let patient = params.get("patient").map(|patient| PatientId::new(patient.strip_prefix("Patient/").unwrap()).unwrap());
            let since = params.get("_lastUpdated").map(|since| DateTime::parse_from_rfc3339(since.strip_prefix("ge").unwrap()).unwrap());
            all.filter(|key| key.0.as_str() == parts[0])
                .filter(|key| params.get("_id").is_none_or(|id| key.1.as_str() == *id))
                .filter(|key| patient.is_none() || self.owner.get(*key).cloned().flatten() == patient)
                .filter(|key| since.is_none_or(|since| self.current(key).is_some_and(|version| version.at >= since)))
                .cloned()
                .collect()
        };
        page.total = Some(keys.len() as u64);
        if params.get("_summary") == Some(&"count") {
            return Ok(page);
        }
        let entries = keys.into_iter().map(|key| (key.clone(), self.current(&key).unwrap().number)).collect();
        self.fill(&mut page, entries, query, from, count);
        Ok(page)
    }

    fn fill(&self, page: &mut Page, entries: Vec<(Key, u64)>, query: &str, from: Option<&str>, count: usize) {
        let place = |(key, number): &(Key, u64)| format!("{}/{}/{number}", key.0, key.1);
        let offset = match from {
            None => 0,
            Some(from) if self.traits.shifting_pages || query.contains("_history") => from.parse().unwrap(),
            // The place the last page ended at, whatever has come or gone before it.
            Some(from) => entries.iter().position(|entry| place(entry).rsplit_once('/').unwrap().0 > from).unwrap_or(entries.len()),
        };
        for (key, number) in entries.iter().skip(offset).take(count) {
            let version = &self.records[key][*number as usize - 1];
            match version.value {
                Some(_) => page.records.push(self.incoming(key, version)),
                None => page.tombstones.push(Tombstone { kind: key.0.clone(), id: key.1.clone(), deleted_at: Some(version.at) }),
            }
        }
        if offset + count < entries.len() {
            let next = if self.traits.shifting_pages || query.contains("_history") {
                (offset + count).to_string()
            } else {
                place(&entries[offset + count - 1]).rsplit_once('/').unwrap().0.to_owned()
            };
            page.next = Some(Phi::new(format!("{query}#{next}").into()));
        }
    }

    pub fn put(&mut self, out: &Outgoing, now: DateTime<Utc>) -> Put {
        self.requests += 1;
        let key = (out.kind.clone(), out.id.clone());
        let value = value_of(out.body.expose());
        let versions = self.records.get(&key);
        let current = versions.and_then(|versions| versions.last());
        match (&out.base_version, current) {
            (Some(base), Some(current)) if current.value.is_some() && base.as_str() == current.number.to_string() => {}
            (Some(_), _) => return Put::PreconditionFailed,
            (None, Some(_)) if !self.traits.blind_creates => return Put::PreconditionFailed,
            (None, _) => {}
        }
        // One value in fifty breaks a rule of the house.
        if value.is_multiple_of(50) {
            return Put::Refused(Rejection::Validation);
        }
        self.owner.entry(key.clone()).or_insert(out.patient.clone());
        self.apply(now, key.clone(), Some(value));
        let version = self.current(&key).unwrap();
        Put::Taken { version: VersionId::new(version.number.to_string()), record: self.incoming(&key, version) }
    }

    pub fn look(&mut self, out: &Outgoing) -> Found {
        self.requests += 1;
        let key = (out.kind.clone(), out.id.clone());
        match self.records.get(&key).and_then(|versions| versions.last()) {
            None => Found::Nothing,
            Some(version) if version.value.is_none() => Found::Gone,
            Some(version) => Found::Record(self.incoming(&key, version)),
        }
    }

    pub fn recall(&mut self, out: &Outgoing) -> Vec<Incoming> {
        self.requests += 1;
        let key = (out.kind.clone(), out.id.clone());
        let versions = self.records.get(&key).map(Vec::as_slice).unwrap_or_default();
        versions.iter().rev().filter(|version| version.value.is_some()).map(|version| self.incoming(&key, version)).collect()
    }

    pub fn patients(&self) -> BTreeSet<PatientId> {
        self.owner.values().flatten().cloned().collect()
    }
}

/// A record's text without what the EHR adds.
/// A report of emergency access: about a patient, and no record of the chart.
pub fn is_report(key: &Key) -> bool {
    key.0.as_str() == "Task" && key.1.as_str().starts_with("report-")
}

pub fn plain(key: &Key, owner: Option<&PatientId>, value: u64) -> String {
    let subject = owner.map_or(String::new(), |patient| format!(r#","subject":{{"reference":"Patient/{patient}"}}"#));
    let code = if is_report(key) { r#","code":{"coding":[{"system":"urn:satchel:task","code":"break-glass-review"}]}"# } else { "" };
    format!(r#"{{"resourceType":"{}","id":"{}"{code}{subject},"valueInteger":{value}}}"#, key.0, key.1)
}

fn body(key: &Key, owner: Option<&PatientId>, value: Option<u64>, number: u64, at: DateTime<Utc>) -> String {
    let meta = format!(r#"{{"meta":{{"versionId":"{number}","lastUpdated":"{}"}},"#, at.to_rfc3339());
    plain(key, owner, value.unwrap_or(0)).replacen('{', &meta, 1)
}

pub fn value_of(text: &str) -> u64 {
    let digits = text.rsplit_once("\"valueInteger\":").unwrap().1;
    digits.trim_end_matches('}').parse().unwrap()
}
