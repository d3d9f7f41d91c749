//! SMART App Launch 2 scopes for resources: `user/Observation.rs`, `user/*.cruds` (§ Scopes and Launch Context).

use std::collections::BTreeMap;
use std::fmt;

/// What may be done with a type of resource: any of create, read, update, delete, search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions(u8);

/// Instance create.
pub const CREATE: Permissions = Permissions(1);
/// Read, vread, instance history.
pub const READ: Permissions = Permissions(2);
/// Update, patch.
pub const UPDATE: Permissions = Permissions(4);
/// Delete.
pub const DELETE: Permissions = Permissions(8);
/// Search, type and system history.
pub const SEARCH: Permissions = Permissions(16);

const LETTERS: [(char, Permissions); 5] = [('c', CREATE), ('r', READ), ('u', UPDATE), ('d', DELETE), ('s', SEARCH)];

/// Granted access, by resource type; `*` is every type but AuditEvent.
///
/// INVARIANT: who may read every chart may still not read who read it: AuditEvent must be granted by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(BTreeMap<String, Permissions>);

impl Permissions {
    /// Both.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    fn common(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    fn covers(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl Scopes {
    /// Reads the `user/` scopes out of a space-separated list, v2 (`.cruds`) or v1 (`.read`, `.write`, `.*`) form; others
    /// are not about resources and are left out, as are malformed ones.
    pub fn parse(scope: &str) -> Self {
        let mut parsed = Self::default();
        for item in scope.split_ascii_whitespace() {
            let Some((kind, letters)) = item.strip_prefix("user/").and_then(|rest| rest.split_once('.')) else { continue };
            if let Some(permissions) = permissions(letters) {
                parsed.add(kind, permissions);
            }
        }
        parsed
    }

    /// Whether `permissions` on resources of `kind` are granted. `*` asks for every type.
    pub fn allow(&self, kind: &str, permissions: Permissions) -> bool {
        let by_name = self.0.get(kind).copied().unwrap_or_default();
        let by_star = if kind == "AuditEvent" { Permissions::default() } else { self.0.get("*").copied().unwrap_or_default() };
        by_name.and(by_star).covers(permissions)
    }

    /// What is both requested (`self`) and `granted`.
    pub fn within(&self, granted: &Self) -> Self {
        let mut both = Self::default();
        for (asked, asked_permissions) in &self.0 {
            for (kind, permissions) in &granted.0 {
                let common = asked_permissions.common(*permissions);
                match (asked.as_str(), kind.as_str()) {
                    ("*", kind) => both.add(kind, common),
                    ("AuditEvent", "*") => {}
                    (asked, "*") => both.add(asked, common),
                    (asked, kind) if asked == kind => both.add(kind, common),
                    _ => {}
                }
            }
        }
        both
    }

    fn add(&mut self, kind: &str, permissions: Permissions) {
        if permissions != Permissions::default() {
            let entry = self.0.entry(kind.to_owned()).or_default();
            *entry = entry.and(permissions);
        }
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (kind, permissions)) in self.0.iter().enumerate() {
            let letters = LETTERS.iter().filter(|(_, p)| permissions.covers(*p)).map(|(letter, _)| letter);
            write!(f, "{}user/{kind}.{}", if i == 0 { "" } else { " " }, letters.collect::<String>())?;
        }
        Ok(())
    }
}

fn permissions(letters: &str) -> Option<Permissions> {
    match letters {
        "read" => return Some(READ.and(SEARCH)),
        "write" => return Some(CREATE.and(UPDATE).and(DELETE)),
        "*" => return permissions("cruds"),
        _ => {}
    }
    let mut all = Permissions::default();
    let mut order = LETTERS.iter();
    // The letters must come in the order c, r, u, d, s, each at most once.
    for letter in letters.chars() {
        all = all.and(order.find(|(l, _)| *l == letter)?.1);
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_in_both_versions_and_malformed_ones_ignored() {
        let scopes = Scopes::parse("openid user/Observation.cru user/Patient.read user/Goal.sr patient/Flag.rs user/Task.");
        assert!(scopes.allow("Observation", CREATE.and(UPDATE)));
        assert!(!scopes.allow("Observation", DELETE));
        assert!(scopes.allow("Patient", READ.and(SEARCH)));
        assert!(!scopes.allow("Goal", READ), "letters out of order");
        assert!(!scopes.allow("Flag", READ), "not a user scope");
        assert_eq!(scopes.to_string(), "user/Observation.cru user/Patient.rs");
    }

    #[test]
    fn the_star_covers_everything_but_the_audit_trail() {
        let scopes = Scopes::parse("user/*.rs user/AuditEvent.c");
        assert!(scopes.allow("Condition", READ));
        assert!(scopes.allow("*", SEARCH));
        assert!(scopes.allow("AuditEvent", CREATE));
        assert!(!scopes.allow("AuditEvent", READ));
    }

    #[test]
    fn what_is_granted_is_what_was_asked_for_and_may_be_had() {
        let role = Scopes::parse("user/*.rs user/DocumentReference.cruds user/AuditEvent.c");
        let granted = |asked: &str| Scopes::parse(asked).within(&role).to_string();
        assert_eq!(granted("user/*.cruds"), "user/*.rs user/AuditEvent.c user/DocumentReference.cruds");
        assert_eq!(granted("user/Patient.cruds"), "user/Patient.rs");
        assert_eq!(granted("user/DocumentReference.cu"), "user/DocumentReference.cu");
        assert_eq!(granted("user/AuditEvent.crs"), "user/AuditEvent.c");
        assert_eq!(granted("openid"), "");
    }
}
