//! Faults on demand: which requests go wrong, how, and how often.
//!
//! Deciding is pure and happens once per request ([`Faults::plan`]); the front carries the plan out.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::Method;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// The request waits before anything happens.
    Latency {
        /// Milliseconds.
        ms: u32,
    },
    /// The connection is cut before the EHR sees the request.
    DropBeforeCommit,
    /// The EHR carries the request out; the connection is cut instead of answering.
    DropAfterCommit,
    /// The request is refused unseen.
    Status {
        /// HTTP status, such as 503 or 429.
        status: u16,
        /// `Retry-After` in seconds.
        retry_after: Option<u32>,
    },
    /// The answer trickles: `bytes` at a time, `ms` apart.
    SlowDrip {
        /// Bytes per piece.
        bytes: u32,
        /// Milliseconds between pieces.
        ms: u32,
    },
    /// A write is carried out only on release, and then bears the instant at which it arrived, as on servers that
    /// stamp a transaction at its start: rows with a later `lastUpdated` may have been handed out before it is visible.
    Hold,
}

/// Which requests a fault befalls. Everything absent matches anything.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// HTTP method, upper case.
    pub method: Option<String>,
    /// The path starts with this, such as `/fhir/Observation`.
    pub path: Option<String>,
    /// The path is exactly this, such as `/fhir` (where bundles are posted).
    pub path_is: Option<String>,
    /// Path and query contain this.
    pub contains: Option<String>,
    /// So many matching requests pass unharmed first.
    #[serde(default)]
    pub after: u32,
    /// So many requests are befallen; forever when absent.
    pub times: Option<u32>,
    /// What befalls them.
    pub fault: Fault,
}

/// A rule in force, as the admin interface lists it.
#[derive(Clone, Debug, Serialize)]
pub struct Armed {
    /// Names the rule for removal.
    pub id: u64,
    /// The rule; `after` and `times` are what remains of them.
    pub rule: Rule,
    /// How many requests it has befallen.
    pub hits: u64,
}

/// What one request will suffer, in the order it suffers it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Wait this long first.
    pub latency: Option<Duration>,
    /// Cut the connection before the EHR sees the request.
    pub drop_before: bool,
    /// Answer this status and `Retry-After` seconds instead.
    pub status: Option<(u16, Option<u32>)>,
    /// Hold the write until release.
    pub hold: bool,
    /// Cut the connection instead of answering.
    pub drop_after: bool,
    /// Let the answer trickle: bytes, and the pause between pieces.
    pub drip: Option<(u32, Duration)>,
}

/// All faults in force.
pub struct Faults {
    armed: Mutex<(u64, Vec<Armed>)>,
    offline: watch::Sender<bool>,
}

impl Default for Faults {
    fn default() -> Self {
        Self { armed: Mutex::default(), offline: watch::Sender::new(false) }
    }
}

impl Faults {
    /// Puts a rule in force.
    pub fn arm(&self, rule: Rule) -> Armed {
        let mut state = self.lock();
        state.0 += 1;
        let armed = Armed { id: state.0, rule, hits: 0 };
        state.1.push(armed.clone());
        armed
    }

    /// The rules in force, also exhausted ones.
    pub fn armed(&self) -> Vec<Armed> {
        self.lock().1.clone()
    }

    /// Lifts one rule, or all. Answers whether there was one.
    pub fn disarm(&self, id: Option<u64>) -> bool {
        let rules = &mut self.lock().1;
        let before = rules.len();
        rules.retain(|armed| id.is_some_and(|id| armed.id != id));
        rules.len() < before
    }

    /// What befalls this request. Uses up one of every matching rule's times.
    pub fn plan(&self, method: &Method, path: &str, query: &str) -> Plan {
        let mut plan = Plan::default();
        for armed in &mut self.lock().1 {
            if !armed.rule.matches(method, path, query) || armed.rule.times == Some(0) {
                continue;
            }
            if armed.rule.after > 0 {
                armed.rule.after -= 1;
                continue;
            }
            armed.rule.times = armed.rule.times.map(|times| times - 1);
            armed.hits += 1;
            plan.add(&armed.rule.fault);
        }
        plan
    }

    /// Cuts every connection on which anything but the admin interface is asked for, now and until told otherwise.
    pub fn set_offline(&self, offline: bool) {
        self.offline.send_replace(offline);
    }

    /// Resolves when the EHR is, or goes, offline.
    pub async fn went_offline(&self) {
        // The sender lives in self: waiting cannot fail.
        let _ = self.offline.subscribe().wait_for(|offline| *offline).await;
    }

    fn lock(&self) -> MutexGuard<'_, (u64, Vec<Armed>)> {
        self.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rule {
    fn matches(&self, method: &Method, path: &str, query: &str) -> bool {
        self.method.as_deref().is_none_or(|m| m.eq_ignore_ascii_case(method.as_str()))
            && self.path.as_deref().is_none_or(|p| path.starts_with(p))
            && self.path_is.as_deref().is_none_or(|p| path == p)
            && self.contains.as_deref().is_none_or(|c| path.contains(c) || query.contains(c))
    }
}

impl Plan {
    fn add(&mut self, fault: &Fault) {
        match *fault {
            Fault::Latency { ms } => self.latency = Some(Duration::from_millis(ms.into())),
            Fault::DropBeforeCommit => self.drop_before = true,
            Fault::DropAfterCommit => self.drop_after = true,
            Fault::Status { status, retry_after } => self.status = Some((status, retry_after)),
            Fault::SlowDrip { bytes, ms } => self.drip = Some((bytes.max(1), Duration::from_millis(ms.into()))),
            Fault::Hold => self.hold = true,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn rule(fault: Fault) -> Rule {
        Rule { method: None, path: None, path_is: None, contains: None, after: 0, times: None, fault }
    }

    #[test]
    fn a_rule_befalls_only_what_it_matches_and_only_so_often() {
        let faults = Faults::default();
        faults.arm(Rule {
            method: Some("POST".into()),
            path: Some("/fhir/Obs".into()),
            after: 1,
            times: Some(2),
            ..rule(Fault::DropAfterCommit)
        });
        let hit = |method, path| faults.plan(&method, path, "").drop_after;
        assert!(!hit(Method::GET, "/fhir/Observation"));
        assert!(!hit(Method::POST, "/fhir/Patient"));
        assert!(!hit(Method::POST, "/fhir/Observation"), "the first passes");
        assert!(hit(Method::POST, "/fhir/Observation"));
        assert!(hit(Method::POST, "/fhir/Observation"));
        assert!(!hit(Method::POST, "/fhir/Observation"), "used up");
        assert_eq!(faults.armed()[0].hits, 2);
    }

    #[test]
    fn rules_read_as_the_admin_interface_writes_them() {
        let rule: Rule = serde_json::from_str(r#"{"path": "/fhir", "times": 1, "fault": {"latency": {"ms": 20}}}"#).unwrap();
        assert_eq!(rule.fault, Fault::Latency { ms: 20 });
        let rule: Rule = serde_json::from_str(r#"{"fault": "hold"}"#).unwrap();
        assert_eq!(rule.fault, Fault::Hold);
        assert!(serde_json::from_str::<Rule>(r#"{"fault": "hold", "tims": 1}"#).is_err(), "a typo is not silently ignored");
    }

    #[test]
    fn several_rules_combine_and_can_be_lifted() {
        let faults = Faults::default();
        let slow = faults.arm(rule(Fault::Latency { ms: 5 }));
        faults.arm(Rule { contains: Some("_count=2".into()), ..rule(Fault::Status { status: 503, retry_after: Some(1) }) });
        let plan = faults.plan(&Method::GET, "/fhir/Patient", "_count=2");
        assert_eq!(plan.latency, Some(Duration::from_millis(5)));
        assert_eq!(plan.status, Some((503, Some(1))));
        assert!(faults.disarm(Some(slow.id)));
        assert!(!faults.disarm(Some(slow.id)));
        assert_eq!(faults.plan(&Method::GET, "/fhir/Patient", ""), Plan::default());
        assert!(faults.disarm(None));
        assert!(faults.armed().is_empty());
    }
}
