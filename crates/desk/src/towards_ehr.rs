//! This workstation's network address as the EHR would see it, short of what stands in between.
use std::net::UdpSocket;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use kernel::Moment;
use tokio::runtime::Handle;
use url::Url;

/// How long an address is taken for the present one.
const FRESH_MS: u64 = 60_000;

/// The last address found. Looking takes a name lookup, so it is done aside: an entry never waits for the network.
#[derive(Default)]
pub struct TowardsEhr {
    found: Mutex<Option<Found>>,
    looking: AtomicBool,
}

struct Found {
    ehr: Url,
    at: Moment,
    address: Option<Box<str>>,
}

impl TowardsEhr {
    /// The address towards this EHR as last found, and a new look if that is old. `None` offline, and until the first look ends.
    pub fn address(self: &Arc<Self>, ehr: &Url, now: Moment, runtime: &Handle) -> Option<Box<str>> {
        let known = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.as_ref().filter(|found| found.ehr == *ehr).map(|found| (found.at, found.address.clone()));
        let fresh = known.as_ref().is_some_and(|(at, _)| now.0.saturating_sub(at.0) < FRESH_MS);
        if !fresh && !self.looking.swap(true, Ordering::AcqRel) {
            let (this, ehr) = (Arc::clone(self), ehr.clone());
            runtime.spawn_blocking(move || {
                let address = look(&ehr);
                *this.found.lock().unwrap_or_else(PoisonError::into_inner) = Some(Found { ehr, at: now, address });
                this.looking.store(false, Ordering::Release);
            });
        }
        known.and_then(|(_, address)| address)
    }
}

/// Connecting a datagram socket sends nothing: the system chooses the route, and with it the local address.
fn look(ehr: &Url) -> Option<Box<str>> {
    let theirs = ehr.socket_addrs(|| None).ok()?.into_iter().next()?;
    let any = if theirs.is_ipv4() { "0.0.0.0:0" } else { "[::]:0" };
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect(theirs).ok()?;
    let ours = socket.local_addr().ok()?.ip();
    (!ours.is_unspecified()).then(|| ours.to_string().into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn the_address_is_found_aside_kept_for_a_minute_and_that_of_one_ehr() {
        let towards = Arc::new(TowardsEhr::default());
        let ehr = Url::parse("https://127.0.0.1:8443/fhir").unwrap();
        let ask = |ehr: &Url, at| towards.address(ehr, Moment(at), &Handle::current());
        assert_eq!(ask(&ehr, 0), None, "nobody waits for the first look");
        let settled = || async {
            while towards.looking.load(Ordering::Acquire) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        settled().await;
        assert_eq!(ask(&ehr, 59_999).as_deref(), Some("127.0.0.1"));
        assert!(!towards.looking.load(Ordering::Acquire), "fresh enough");
        assert_eq!(ask(&ehr, 60_000).as_deref(), Some("127.0.0.1"), "the old one while a new look is taken");
        settled().await;
        let other = Url::parse("https://[::1]:8443/fhir").unwrap();
        assert_eq!(ask(&other, 60_001), None, "another EHR, another route");
        settled().await;
    }

    #[test]
    fn an_ehr_that_cannot_be_reached_has_no_address() {
        assert_eq!(look(&Url::parse("https://ehr.invalid/fhir").unwrap()), None);
        assert_eq!(look(&Url::parse("data:x").unwrap()), None);
    }
}
