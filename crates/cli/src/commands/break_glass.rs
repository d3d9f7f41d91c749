//! Emergency access, and its review.
use clap::{Args, Subcommand};
use desk::parse;
use desk::view::{BreakGlassRequest, JudgeReview, ReviewQuery};
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
/// Within the hour `chart`, `document` and `note` work on this patient. The passphrase that unlocks is the proof of who asks. Privacy
/// officers review emergency accesses with `reviews`, `judge`, `close` and `statistics`.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct BreakGlass {
    #[command(subcommand)]
    review: Option<Review>,
    /// The patient's id.
    #[arg(required = true)]
    patient: Option<String>,
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

#[derive(Subcommand)]
enum Review {
    /// Your own emergency accesses of late, and whether the privacy officer has heard of them.
    Own,
    /// Emergency accesses that wait for a review, newest first; asked of the EHR.
    Reviews {
        /// Closed ones as well.
        #[arg(long)]
        all: bool,
        /// The page after another: its `next`.
        #[arg(long, value_name = "LINK")]
        next: Option<String>,
    },
    /// Judge an emergency access, on the version that was read.
    Judge {
        /// The review's id.
        task: String,
        /// The version it was read in.
        #[arg(long, value_name = "V")]
        version: String,
        /// appropriate, inappropriate or follow-up.
        #[arg(long, value_name = "WHAT")]
        judgement: String,
        /// Why, in words; without it they are read from standard input after the passphrase.
        #[arg(long)]
        note: Option<String>,
    },
    /// Close a review that was judged.
    Close {
        /// The review's id.
        task: String,
        /// The version it was read in.
        #[arg(long, value_name = "V")]
        version: String,
    },
    /// How often each clinician broke the glass.
    Statistics {
        /// In the last so many days.
        #[arg(long, default_value_t = 30)]
        days: u32,
    },
}

impl Review {
    fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        if matches!(self, Self::Own) {
            let Unlocked { desk, .. } = terminal.unlock()?;
            return terminal.answer(&desk.ask(|host| desk::own_emergencies(host))?, |own, page| show::own_emergencies(own, page));
        }
        let Unlocked { desk, .. } = terminal.unlock_online()?;
        match self {
            Self::Own => Ok(()),
            Self::Reviews { all, next } => {
                let query = ReviewQuery { closed: all, next };
                terminal.answer(&desk.wait(async |host| desk::review_queue(host, query).await)?, show::reviews)
            }
            Self::Judge { task, version, judgement, note } => {
                let note = note.map_or_else(|| stdin::rest(LIMIT).map(|text| text.trim().to_owned()), Ok)?;
                let request = JudgeReview { task, version, judgement, note };
                terminal.answer(&desk.wait(async |host| desk::judge_review(host, request).await)?, show::review)
            }
            Self::Close { task, version } => {
                terminal.answer(&desk.wait(async |host| desk::close_review(host, &task, &version).await)?, show::review)
            }
            Self::Statistics { days } => {
                terminal.answer(&desk.wait(async |host| desk::break_glass_statistics(host, days).await)?, show::emergency_statistics)
            }
        }
    }
}

impl BreakGlass {
    pub fn run(self, terminal: &Terminal) -> Result<(), Failure> {
        if let Some(review) = self.review {
            return review.run(terminal);
        }
        let patient = self.patient.unwrap_or_default();
        if self.end {
            let Unlocked { desk, .. } = terminal.unlock()?;
            desk.ask(|host| desk::end_break_glass(host, &parse::patient(&patient)?))?;
            return terminal.answer(&json!({ "patient": patient, "ended": true }), |_, page| page.line("Ended."));
        }
        let reason = self.reason.unwrap_or_default();
        let Unlocked { desk, passphrase, .. } = terminal.unlock()?;
        let text = match self.text {
            Some(text) => text,
            None => stdin::rest(LIMIT)?.trim().to_owned(),
        };
        let request = BreakGlassRequest { patient, passphrase: passphrase.to_string(), reason, text };
        let granted = desk.ask_with_pin(|host| desk::break_glass(host, request))?;
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
