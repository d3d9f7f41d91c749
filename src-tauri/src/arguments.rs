//! The command line.
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use desk::{Options, PolicyFound};

/// Satchel: the charts of today's patients, encrypted on this workstation.
#[derive(Parser)]
#[command(version, about)]
struct Arguments {
    /// Folder of the profile [default: the user's data folder].
    #[arg(long, env = "SATCHEL_PROFILE")]
    profile: Option<PathBuf>,
    /// EHR offered at first run: its FHIR base address.
    #[arg(long, env = "SATCHEL_EHR")]
    ehr: Option<String>,
    /// Further root certificate (PEM) to trust for the EHR.
    #[arg(long, env = "SATCHEL_CA")]
    ca: Option<PathBuf>,
    /// Idle lock after so many seconds; shortens the 15 minutes, never lengthens.
    #[arg(long, env = "SATCHEL_IDLE_SECONDS")]
    idle_seconds: Option<u64>,
    /// At first run, keep this workstation's secret by a PKCS#11 token: absolute path of the token's module.
    #[arg(long, env = "SATCHEL_TOKEN_MODULE")]
    token_module: Option<PathBuf>,
    /// Which token, by its label, where several are plugged in.
    #[arg(long, env = "SATCHEL_TOKEN_LABEL")]
    token_label: Option<String>,
}

/// Reads the command line; `Err` carries the exit code after help, version or a fault was printed.
pub fn read() -> Result<Options, ExitCode> {
    let arguments = Arguments::try_parse().map_err(|error| {
        let _ = error.print();
        if error.use_stderr() { ExitCode::from(2) } else { ExitCode::SUCCESS }
    })?;
    let profile = arguments.profile.or_else(desk::default_profile).ok_or(ExitCode::from(2))?;
    let Arguments { ehr: suggested_ehr, ca: further_root, idle_seconds, token_module, token_label, .. } = arguments;
    Ok(Options { profile, suggested_ehr, further_root, idle_seconds, token_module, token_label, policy: PolicyFound::on_this_machine() })
}
