//! What the desk tells the terminal.
use std::io::Write as _;

use desk::view::{LockReason, RotationView, SecurityKeyPrompt, SecurityKeyStep, StatementLine, SyncView};
use desk::{Notices, TypedPin};
use kernel::{ErrorCode, PatientId};
use zeroize::Zeroizing;

use crate::clean;
use crate::stdin;

/// A terminal asks for what it wants to know; only sign-in needs it to act.
pub struct Terminal;

impl Notices for Terminal {
    fn sync(&self, _: &SyncView) {}

    fn idle_warning(&self, _: Option<u32>) {}

    fn locked(&self, _: LockReason) {}

    fn rotation(&self, _: Option<RotationView>) {}

    /// The key itself says by its light what it waits for; a line on stderr says why.
    fn security_key(&self, prompt: Option<&SecurityKeyPrompt>) {
        let Some(prompt) = prompt else { return };
        if prompt.step != SecurityKeyStep::Touch {
            return;
        }
        let mut stderr = std::io::stderr().lock();
        for StatementLine { label, value } in &prompt.lines {
            let _ = writeln!(stderr, "  {}: {}", clean::line(label), clean::line(value));
        }
        let _ = writeln!(stderr, "Touch your security key.");
    }

    /// The PIN follows the passphrase on standard input. A script is asked once: what it typed wrong it would type wrong again.
    fn security_key_pin(&self, prompt: &SecurityKeyPrompt) -> TypedPin {
        let prompt = match prompt.step {
            SecurityKeyStep::Pin { wrong: true, .. } if !stdin::is_typed() => return TypedPin::Declined,
            SecurityKeyStep::Pin { tries_left, wrong } => {
                let again = if wrong { "Wrong PIN. " } else { "" };
                format!("{again}Security key's PIN ({tries_left} tries left)")
            }
            SecurityKeyStep::Insert if !stdin::is_typed() => return TypedPin::Declined,
            SecurityKeyStep::Insert => {
                let _ = write!(std::io::stderr(), "Take your key out, put the new one in, and press Enter. ");
                return if stdin::enter() { TypedPin::Now(Zeroizing::new(String::new())) } else { TypedPin::Declined };
            }
            SecurityKeyStep::Touch => return TypedPin::Later,
        };
        stdin::passphrase(&prompt, true).map_or(TypedPin::Declined, TypedPin::Now)
    }

    fn chart_changed(&self, _: &PatientId) {}

    /// Without a browser that opens by itself, the address is for the person to open on this machine.
    fn browse(&self, url: &str) -> Result<(), ErrorCode> {
        if desk::open_browser(url).is_err() {
            let _ = writeln!(std::io::stderr(), "No browser opens here. Open this address in one on this machine:\n{url}");
        }
        Ok(())
    }
}
