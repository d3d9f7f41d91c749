//! What a clinician is shown before stepping up, and the bytes of it that the key signs.
use kernel::{Phi, UserId};
use sha2::{Digest, Sha256};

/// What a second factor is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Act {
    /// Open the vault.
    Unlock,
    /// Sign a note or an order.
    Sign,
    /// Sign a prescription for a controlled substance (21 CFR 1311).
    SignControlledSubstance,
    /// Open a chart in an emergency.
    BreakGlass,
    /// Take PHI off the workstation.
    Export,
    /// Change keys: enrol, rotate, recover, change a passphrase.
    KeyOperation,
}

impl Act {
    /// Every act.
    pub const ALL: [Self; 6] =
        [Self::Unlock, Self::Sign, Self::SignControlledSubstance, Self::BreakGlass, Self::Export, Self::KeyOperation];

    /// The stable name, as canonical bytes and the audit trail carry it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unlock => "unlock",
            Self::Sign => "sign",
            Self::SignControlledSubstance => "sign_controlled_substance",
            Self::BreakGlass => "break_glass",
            Self::Export => "export",
            Self::KeyOperation => "key_operation",
        }
    }

    /// Whether the key is asked for factor S besides its signature.
    #[must_use]
    pub const fn takes_secret(self) -> bool {
        matches!(self, Self::Unlock | Self::KeyOperation)
    }
}

/// One line as it stands on the screen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// What it is, as the screen words it.
    pub label: String,
    /// What it says.
    pub value: Phi<String>,
}

/// Why a text cannot be put before someone to sign.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
pub enum StatementError {
    /// Nothing is shown.
    #[error("statement says nothing")]
    Empty,
    /// Signing and break-glass are for one patient (21 CFR 1311.140(a)(1)); none is named.
    #[error("statement names no patient")]
    NoPatient,
    /// More than 64 lines, or a line of more than 4096 bytes.
    #[error("statement is too long to be read")]
    TooLong,
    /// It holds characters that show as something else or not at all: controls, bidirectional overrides and isolates.
    #[error("statement cannot be shown as it is")]
    Unshowable,
}

/// What is displayed, to whom, of whom, for which act. 21 CFR 1311.140(a)(3)–(5): what 1311.120(b)(9) lists and the words of
/// (a)(3) stay displayed while the factors are asked for, and completing that *is* signing.
///
/// INVARIANT: the screen renders [`Statement::lines`] and nothing else, so that shown and signed are one thing.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Statement {
    act: Act,
    who: UserId,
    patient: Option<[u8; 16]>,
    lines: Vec<Line>,
}

impl Statement {
    /// `patient` is the vault's keyed tag of the patient's id.
    pub fn new(act: Act, who: UserId, patient: Option<[u8; 16]>, lines: Vec<Line>) -> Result<Self, StatementError> {
        // EXPOSE: looked through for what would not show, and measured.
        let texts = || lines.iter().flat_map(|line| [&line.label, line.value.expose()]);
        if lines.is_empty() || lines.iter().any(|line| line.label.is_empty()) {
            return Err(StatementError::Empty);
        }
        if patient.is_none() && matches!(act, Act::Sign | Act::SignControlledSubstance | Act::BreakGlass) {
            return Err(StatementError::NoPatient);
        }
        if lines.len() > 64 || texts().any(|text| text.len() > 4096) {
            return Err(StatementError::TooLong);
        }
        if texts().any(|text| text.chars().any(misleads)) {
            return Err(StatementError::Unshowable);
        }
        Ok(Self { act, who, patient, lines })
    }

    /// What it is for.
    #[must_use]
    pub const fn act(&self) -> Act {
        self.act
    }

    /// Who is to sign.
    #[must_use]
    pub const fn who(&self) -> &UserId {
        &self.who
    }

    /// What to show, in this order.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// SHA-256 of the canonical bytes. It depends on PHI: keep it where PHI is kept.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        // EXPOSE: hashed, not kept.
        Sha256::digest(self.canonical().expose()).into()
    }

    /// The form that is signed: a domain, then act, user, patient's tag, number of lines (u32) and each line's label and value;
    /// every text has its length before it (u32, big-endian), so that no two statements share their bytes.
    pub(crate) fn canonical(&self) -> Phi<Vec<u8>> {
        let mut out = b"satchel statement 1\0".to_vec();
        let mut put = |bytes: &[u8]| {
            out.extend(length(bytes.len()));
            out.extend_from_slice(bytes);
        };
        put(self.act.as_str().as_bytes());
        put(self.who.as_str().as_bytes());
        put(self.patient.as_ref().map_or(&[], |tag| tag));
        put(&length(self.lines.len()));
        for line in &self.lines {
            put(line.label.as_bytes());
            // EXPOSE: it stays within Phi.
            put(line.value.expose().as_bytes());
        }
        Phi::new(out)
    }
}

/// INVARIANT: what is measured is bounded by [`Statement::new`], far below `u32::MAX`.
fn length(of: usize) -> [u8; 4] {
    u32::try_from(of).unwrap_or(u32::MAX).to_be_bytes()
}

/// Whether a character shows as what it is, as a [`Statement`] demands.
#[must_use]
pub fn is_showable(c: char) -> bool {
    !misleads(c)
}

/// Line breaks and tabs are shown; other controls, bidirectional formatting (Unicode UAX #9, "Trojan Source") and zero-width
/// characters let a text read as what it is not. The two joiners U+200C and U+200D spell words in several scripts and stay.
fn misleads(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        _ => c.is_control(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const ONE: Option<[u8; 16]> = Some([1; 16]);

    fn line(label: &str, value: &str) -> Line {
        Line { label: label.into(), value: Phi::new(value.into()) }
    }

    fn digest(act: Act, who: &str, patient: Option<[u8; 16]>, lines: &[(&str, &str)]) -> [u8; 32] {
        let lines = lines.iter().map(|(label, value)| line(label, value)).collect();
        Statement::new(act, UserId::new(who).unwrap(), patient, lines).unwrap().digest()
    }

    #[test]
    fn any_difference_changes_the_digest() {
        let all = [
            digest(Act::Sign, "a", ONE, &[("Drug", "Oxycodone 5 mg")]),
            digest(Act::SignControlledSubstance, "a", ONE, &[("Drug", "Oxycodone 5 mg")]),
            digest(Act::Sign, "b", ONE, &[("Drug", "Oxycodone 5 mg")]),
            digest(Act::Export, "a", ONE, &[("Drug", "Oxycodone 5 mg")]),
            digest(Act::Export, "a", None, &[("Drug", "Oxycodone 5 mg")]),
            digest(Act::Sign, "a", Some([2; 16]), &[("Drug", "Oxycodone 5 mg")]),
            digest(Act::Sign, "a", ONE, &[("Drug", "Oxycodone 50 mg")]),
            digest(Act::Sign, "a", ONE, &[("DrugO", "xycodone 5 mg")]),
            digest(Act::Sign, "a", ONE, &[("Drug", "Oxycodone 5 mg"), ("Drug", "")]),
            digest(Act::Sign, "a", ONE, &[("Drug", "Oxycodone"), (" 5 mg", "")]),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(all.iter().skip(at + 1).all(|other| one != other), "{at}");
        }
    }

    #[test]
    fn what_would_not_show_is_refused() {
        let with = |lines| Statement::new(Act::Sign, UserId::new("a").unwrap(), ONE, lines).map(|_| ());
        for act in [Act::Sign, Act::SignControlledSubstance, Act::BreakGlass] {
            let of_nobody = Statement::new(act, UserId::new("a").unwrap(), None, vec![line("Dose", "5 mg")]);
            assert_eq!(of_nobody, Err(StatementError::NoPatient));
        }
        assert_eq!(with(vec![]), Err(StatementError::Empty));
        assert_eq!(with(vec![line("", "x")]), Err(StatementError::Empty));
        assert_eq!(with(vec![line("Dose", &"x".repeat(4097))]), Err(StatementError::TooLong));
        assert_eq!(with(vec![line("Dose", "5 mg"); 65]), Err(StatementError::TooLong));
        for hidden in ["5\u{202e}0 mg", "5\u{2067}0", "5\u{200b}0", "5\u{0}0", "5\u{8}0", "\u{feff}5"] {
            assert_eq!(with(vec![line("Dose", hidden)]), Err(StatementError::Unshowable), "{hidden:?}");
        }
        assert_eq!(with(vec![line("Name", "عائشة نور\nZoë\tمی\u{200c}روم")]), Ok(()));
    }

    #[test]
    fn debug_shows_no_value() {
        assert!(!format!("{:?}", line("Drug", "Oxycodone")).contains("Oxycodone"));
    }
}
