//! What is set on this workstation.
use desk::view::{PolicyStanding, SetBy, SettingsView};

use crate::page::Page;

/// Every setting, and what is wrong with the hospital's policy.
pub fn settings(view: &SettingsView, page: &mut Page) {
    let policy = match view.standing {
        PolicyStanding::Absent => "none: the defaults hold",
        PolicyStanding::Gone => "gone: what it said holds",
        PolicyStanding::InForce => "in force",
        PolicyStanding::NotTheAdministrators => "only tightens: others may write it",
        PolicyStanding::Unbelievable => "cannot be believed: strict settings hold",
    };
    page.fields([("hospital's policy", Some(policy.to_owned()))]);
    view.findings.iter().for_each(|finding| page.line(finding));
    let rows = view.settings.iter().map(|row| {
        let by = match row.by {
            SetBy::Default => "",
            SetBy::Hospital => "your hospital",
            SetBy::Option => "this start",
        };
        [row.name.clone(), row.words.clone(), by.to_owned()]
    });
    page.table(["setting", "value", "set by"], rows, "");
}
