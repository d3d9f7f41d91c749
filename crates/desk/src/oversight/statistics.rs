//! How often the glass was broken, and how large a part of all openings that is.
//!
//! Reports are the EHR's, from every workstation. Openings are told by the audit chain, which is this workstation's: the share is of
//! what was opened here.
use std::collections::BTreeMap;
use std::sync::Arc;

use access::{ReadAudit, Target, admit};
use audit::{Action, Entry, Filter, Outcome};
use chrono::{DateTime, Local, NaiveDate, TimeDelta, Utc};
use kernel::{ErrorCode, PatientId, Phi, UserId};
use serde_json::Value;
use sync::Address;

use super::review::{admitted, asked, page, row_of};
use crate::emergency::{QUERY, uses};
use crate::host::Host;
use crate::problem::Problem;
use crate::view::{ChartOpenings, EmergencyStatistics, OpeningsBy, ReviewRow};

/// Pages of reports read at most.
const MOST_PAGES: usize = 40;

/// Emergency accesses of each clinician in the last `days` (365 at most), and their share of the charts opened here.
///
/// # Errors
/// As [`review_queue`].
pub async fn break_glass_statistics(host: &Arc<Host>, days: u32) -> Result<EmergencyStatistics, Problem> {
    let days = days.clamp(1, 365);
    let (client, _) = admitted(host, format!("statistics of {days} days")).await?;
    let now = host.now().wall;
    let from = now - TimeDelta::days(i64::from(days));
    let since = from.format("%Y-%m-%d");
    let mut next = Some(Address::Query(Phi::new(format!("{QUERY}&authored-on=ge{since}&_count=200").into())));
    let (mut rows, mut pages, mut unreadable) = (Vec::new(), 0, 0);
    while let Some(address) = next.take_if(|_| pages < MOST_PAGES) {
        let page = page(host, &client, address).await?;
        let read: Vec<ReviewRow> = page.records.iter().filter_map(row_of).collect();
        unreadable += page.unreadable.len() + page.records.len() - read.len();
        rows.extend(read);
        pages += 1;
        next = page.next.map(Address::Next);
    }
    let unreported = match asked(host, &client, |client| async move { client.operation("$break-glass-unreported", None).await }).await {
        Ok(body) => serde_json::from_slice::<Value>(&body).ok().map(|said| said["parameter"].as_array().map_or(0, Vec::len)),
        // An EHR that issues no numbers misses none.
        Err(Problem::Named(ErrorCode::EhrRefused)) => None,
        Err(problem) => return Err(problem),
    };
    let counting = Arc::clone(host);
    let openings = tokio::task::spawn_blocking(move || openings(&counting, from)).await.map_err(|_| Problem::Locked)??;
    Ok(EmergencyStatistics {
        days,
        openings,
        uses: uses(&rows, days, now),
        incomplete: next.is_some() || unreadable > 0,
        unreported: unreported.map(|count| u32::try_from(count).unwrap_or(u32::MAX)),
    })
}

/// Charts opened on this workstation since then.
///
/// # Errors
/// [`Problem::Forbidden`] but for roles that may read the chain.
fn openings(host: &Host, from: DateTime<Utc>) -> Result<ChartOpenings, Problem> {
    host.work(|open, gate, origin| {
        let user = open.user.clone();
        let wanted = Filter { actions: vec![Action::ReadChart, Action::BreakGlass], from: Some(from), ..Filter::default() };
        let mut tally = Tally::default();
        open.vault.transact(origin, |tx| {
            let permit = admit::<ReadAudit, _>(gate, tx, &user, Target::workstation().detail("openings counted"))?;
            Ok::<_, Problem>(tx.audit_each(&permit, &wanted, |entry| tally.take(entry.as_ref()))?)
        })?;
        let name =
            |user: &UserId| open.key_file.users().iter().find(|known| known.user() == user).map(|known| known.display_name().to_owned());
        Ok(tally.counted(name))
    })
}

/// One clinician in one chart on one day of this workstation is one opening, however often the chart was drawn anew; and an
/// emergency if the glass was broken for any of it: too many are better than too few.
#[derive(Default)]
struct Tally {
    emergency: BTreeMap<(UserId, PatientId, Option<NaiveDate>), bool>,
    unreadable: bool,
}

impl Tally {
    fn take(&mut self, entry: Option<&Entry>) {
        let Some(entry) = entry else {
            self.unreadable = true;
            return;
        };
        let (Outcome::Allowed, Some(actor), Some(patient)) = (entry.outcome, &entry.actor, &entry.subject.patient) else { return };
        let day = DateTime::parse_from_rfc3339(&entry.at).ok().map(|at| at.with_timezone(&Local).date_naive());
        let emergency = entry.action == Action::BreakGlass || entry.subject.purpose.is_some();
        *self.emergency.entry((actor.user.clone(), patient.clone(), day)).or_default() |= emergency;
    }

    fn counted(self, name: impl Fn(&UserId) -> Option<String>) -> ChartOpenings {
        let mut by = BTreeMap::<UserId, (u32, u32)>::new();
        for ((user, ..), emergency) in self.emergency {
            let (ordinary, broken) = by.entry(user).or_default();
            *if emergency { broken } else { ordinary } += 1;
        }
        let all = by.values().fold((0, 0), |(ordinary, emergency), one| (ordinary + one.0, emergency + one.1));
        let mut by: Vec<_> = by.iter().map(|(user, count)| counted(user.as_str(), name(user).unwrap_or_default(), *count)).collect();
        by.sort_by(|a, b| b.emergency.cmp(&a.emergency).then_with(|| a.user.cmp(&b.user)));
        ChartOpenings { all: counted("", String::new(), all), by, unreadable: self.unreadable }
    }
}

fn counted(user: &str, name: String, (ordinary, emergency): (u32, u32)) -> OpeningsBy {
    let all = ordinary + emergency;
    let percent = (all > 0).then(|| 100.0 * f64::from(emergency) / f64::from(all));
    OpeningsBy { user: user.to_owned(), name, ordinary, emergency, percent }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;
    use crate::test_host::{PASSPHRASE, PATIENT, STRANGER, TEAM, TestHost, patient, stranger};
    use crate::view::BreakGlassRequest;

    fn since(test: &TestHost, hours: i64) -> Vec<(String, u32, u32, Option<f64>)> {
        let counted = openings(&test.host, test.host.now().wall - TimeDelta::hours(hours)).unwrap();
        assert!(!counted.unreadable);
        [counted.all].into_iter().chain(counted.by).map(|of| (of.user, of.ordinary, of.emergency, of.percent)).collect()
    }

    #[test]
    fn openings_are_counted_from_the_chain_once_a_chart_a_day() {
        let test = TestHost::new();
        test.enrol("physician", &["patient.*", "audit.*"], &["progress_notes", "break_glass_reviews"]);
        assert_eq!(since(&test, 24), [(String::new(), 0, 0, None)]);
        test.receive(&[PATIENT, TEAM, STRANGER]);
        crate::open_chart(&test.host, &patient()).unwrap();
        crate::open_chart(&test.host, &patient()).unwrap();
        assert!(crate::open_chart(&test.host, &stranger()).is_err());
        assert_eq!(since(&test, 24), [(String::new(), 1, 0, Some(0.0)), ("dr-1".into(), 1, 0, Some(0.0))], "a refusal opened nothing");
        let (reason, text) = ("ETREAT".into(), "unconscious in the hall".into());
        crate::break_glass(&test.host, BreakGlassRequest { patient: "pat-2".into(), passphrase: PASSPHRASE.into(), reason, text }).unwrap();
        crate::open_chart(&test.host, &stranger()).unwrap();
        assert_eq!(since(&test, 24)[1], ("dr-1".into(), 1, 1, Some(50.0)));
        test.host.lock();
        test.clock.pass(48 * 3600);
        test.sign_in("dr-1", "physician", &["patient.*", "audit.*"], &["progress_notes", "break_glass_reviews"]);
        test.unlock();
        crate::open_chart(&test.host, &patient()).unwrap();
        assert_eq!(since(&test, 24)[1], ("dr-1".into(), 1, 0, Some(0.0)), "within the span alone");
        assert_eq!(since(&test, 72)[0], (String::new(), 2, 1, Some(100.0 / 3.0)), "another day is another opening");
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let mut tally = Tally::default();
        tally.take(None);
        assert!(tally.counted(|_| None).unreadable);
    }

    #[test]
    fn the_share_is_for_readers_of_the_chain() {
        let test = TestHost::open();
        assert!(matches!(openings(&test.host, test.host.now().wall), Err(Problem::Forbidden)));
    }
}
