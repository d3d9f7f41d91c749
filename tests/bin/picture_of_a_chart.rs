//! Opens Satchel where there is no desktop, goes from first run to an opened chart, and leaves a picture of it.
#![allow(clippy::print_stdout, clippy::expect_used, reason = "a developer command; what does not work ends it")]
use std::path::PathBuf;

use clap::Parser;
use journeys::{App, Clinician, Desktop, PracticeEhr, Window};

#[derive(Parser)]
struct Arguments {
    /// Where the picture goes, PNG.
    picture: PathBuf,
    /// How many synthetic patients the practice EHR makes.
    #[arg(long)]
    patients: Option<u32>,
    /// FHIR records the practice EHR loads; repeatable.
    #[arg(long)]
    load: Vec<PathBuf>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments = Arguments::parse();
    println!("Starting a display, a keyring and the practice EHR");
    let desktop = Desktop::start().await;
    let ehr = PracticeEhr::start_with(arguments.patients, arguments.load);

    println!("Opening Satchel");
    let app = App::launch(&desktop, &desktop.keyring.home().join("satchel"), &ehr).await;
    println!("Signing in as {}", Clinician::PHYSICIAN.user);
    app.window.enrol(&desktop, &ehr, &Clinician::PHYSICIAN, "seven grey herons at the weir").await;
    println!("First sync");
    app.window.synced().await;
    open_a_chart(&app.window, &ehr).await;

    std::fs::write(&arguments.picture, app.window.png().await).expect("the picture can be written");
    println!("An opened chart: {}", arguments.picture.display());
}

/// The chart of someone on today's schedule; where nobody is, of the first patient the EHR names.
async fn open_a_chart(window: &Window, ehr: &PracticeEhr) {
    let records = ehr.records_as(&Clinician::PHYSICIAN).await;
    let patient = match window.ids("schedule-row-").await.into_iter().next() {
        Some(id) => records.read(&format!("Patient/{id}")).await,
        None => records.read("Patient?_count=1").await["entry"][0]["resource"].clone(),
    };
    let id = patient["id"].as_str().expect("a patient");
    let family = patient["name"][0]["family"].as_str().expect("a family name");
    println!("Searching and opening a chart");
    window.open_by_search(family, id).await;
    window.see("section-problems").await;
}
