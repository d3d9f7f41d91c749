//! Protected health information as a type (HIPAA, 45 CFR 160.103).
use std::fmt;

use zeroize::Zeroize;

/// A value that identifies or describes a patient.
///
/// INVARIANT: it has a redacted `Debug`, no `Display` and no `Serialize`, so that it cannot reach a log, an error or a
/// file by accident. [`Phi::expose`] is the only way in, and every call stands under an `// EXPOSE: why` line.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Phi<T>(T);

impl<T> Phi<T> {
    /// Marks a value as protected.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself; write the reason on the line above, as `// EXPOSE: why`.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// Gives the value up; write the reason on the line above, as `// EXPOSE: why`.
    pub fn into_exposed(self) -> T {
        self.0
    }

    /// Maps the value without leaving protection.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Phi<U> {
        Phi(change(self.0))
    }
}

impl<T> fmt::Debug for Phi<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Phi(redacted)")
    }
}

impl<T: Zeroize> Zeroize for Phi<T> {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::Phi;

    #[test]
    fn debug_is_redacted() {
        let name = Phi::new("Okonkwo".to_owned());
        assert_eq!(format!("{name:?} {:?}", Some(&name)), "Phi(redacted) Some(Phi(redacted))");
    }
}
