//! Emergency access.
use clap::Args;
use desk::parse;
use desk::view::BreakGlassRequest;
use serde_json::json;

use crate::failure::Failure;
use crate::opened::Unlocked;
use crate::show;
use crate::stdin;
use crate::terminal::Terminal;

/// Longest reason, bytes.
const LIMIT: usize = 4096;

/// Open a chart that is not yours, or a restricted one, for an hour; it is recorded and reviewed.
///
/// Within the hour `chart`, `document` and `note` work on this patient. The passphrase that unlocks is the proof of who asks.
#[derive(Args)]
pub struct BreakGlass {
    /// The patient's id.
    patient: String,
    /// Why: ETREAT emergency treatment, CAREMGT covering for a colleague, PATRQT the patient asks, DISASTER, BTG another pressing
    /// reason of care (HL7 PurposeOfUse).
    #[arg(long, value_name = "CODE", required_unless_present = "end")]
    reason: Option<String>,
    /// Why, in words; without it they are read from standard input after the passphrase.
    #[arg(long)]
    text: Option<String>,
    /// End the access before its hour is over.
    #[arg(long, conflicts_with_all = ["reason", "text"])]
    end: bool,
}

impl BreakGlass {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        if self.end {
            let Unlocked { desk, .. } = terminal.unlock()?;
            desk.ask(|host| desk::end_break_glass(host, &parse::patient(&self.patient)?))?;
            return terminal.answer(&json!({ "patient": self.patient, "ended": true }), |_, page| page.line("Ended."));
        }
        let reason = self.reason.unwrap_or_default();
        let Unlocked { desk, passphrase, .. } = terminal.unlock()?;
        let text = match self.text {
            Some(text) => text,
            None => stdin::rest(LIMIT)?.trim().to_owned(),
        };
        let request = BreakGlassRequest { patient: self.patient, passphrase: passphrase.to_string(), reason, text };
        let granted = desk.ask(|host| desk::break_glass(host, request))?;
        terminal.answer(&granted, show::break_glass)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_help_names_every_reason() {
        let command = BreakGlass::augment_args(clap::Command::new("break-glass"));
        let reason = command.get_arguments().find(|argument| argument.get_id() == "reason").unwrap();
        let help = reason.get_help().unwrap().to_string();
        for reason in desk::break_glass_reasons() {
            assert!(help.contains(&reason.code), "{}", reason.code);
        }
    }
}
