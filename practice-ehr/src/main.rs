//! `practice-ehr`: see the crate's documentation.

use std::process::ExitCode;

use clap::Parser as _;
use practice_ehr::args::{Action, Command};
use tracing_subscriber::EnvFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn,practice_ehr=info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let result: Result<(), Box<dyn std::error::Error>> = match Command::parse().action {
        Action::Serve(args) => practice_ehr::serve::serve(args).await.map_err(Into::into),
        Action::SignIn(args) => practice_ehr::sign_in::sign_in(&args).await.map_err(Into::into),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let mut reason: Option<&dyn std::error::Error> = Some(error.as_ref());
            while let Some(error) = reason {
                tracing::error!("{error}");
                reason = error.source();
            }
            ExitCode::FAILURE
        }
    }
}
