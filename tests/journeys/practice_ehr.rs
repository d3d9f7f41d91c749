//! The practice EHR as the journeys use it: signed in, read, cut off, restarted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::TcpStream;
use std::path::Path;

use journeys::{Clinician, PracticeEhr};

#[tokio::test]
async fn is_read_page_by_page_cut_off_and_keeps_its_records_over_a_restart() {
    let mut ehr = PracticeEhr::start(12);
    let records = ehr.records_as(&Clinician::PHYSICIAN).await;
    let patients = records.search("Patient?_count=5").await;
    assert_eq!(patients.len(), 12);
    let one = patients[0]["id"].as_str().unwrap();
    assert_eq!(records.read(&format!("Patient/{one}")).await["id"], one);

    ehr.go_offline().await;
    let cut_off = tokio::spawn({
        let records = records.clone();
        async move { records.read("metadata").await }
    });
    assert!(cut_off.await.is_err(), "no answer while offline");
    ehr.go_online().await;
    records.read("metadata").await;

    let address = ehr.fhir().to_owned();
    ehr.restart();
    assert_eq!(ehr.fhir(), address, "found again where it was");
    assert_eq!(ehr.records_as(&Clinician::NURSE).await.search("Patient?_count=50").await.len(), 12);
}

#[test]
fn ends_with_the_journey_that_started_it() {
    let ehr = PracticeEhr::start(0);
    let process = format!("/proc/{}", ehr.pid());
    let port: u16 = ehr.fhir().rsplit(':').next().and_then(|rest| rest.split('/').next()).unwrap().parse().unwrap();
    assert!(TcpStream::connect(("127.0.0.1", port)).is_ok());
    drop(ehr);
    assert!(!Path::new(&process).exists());
    assert!(TcpStream::connect(("127.0.0.1", port)).is_err());
}
