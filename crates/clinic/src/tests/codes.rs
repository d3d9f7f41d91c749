//! Codes that are well formed and mean one thing.

use super::{clinic, walk};
use serde_json::Value;
use std::collections::BTreeMap;

#[test]
fn codes_carry_right_check_digits_and_one_display_each() {
    let clinic = clinic(1);
    let mut displays: BTreeMap<(String, String), String> = BTreeMap::new();
    for record in clinic.directory().into_iter().chain((0..250).flat_map(|i| clinic.patient(i))) {
        walk(&record, &mut |map| {
            let text = |key: &str| map.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let (system, code, display) = (text("system"), text("code"), text("display"));
            match system.as_str() {
                "http://snomed.info/sct" => assert!(verhoeff(&code), "SNOMED CT {code} {display}"),
                "http://loinc.org" if !code.starts_with('L') => assert!(loinc_check(&code), "LOINC {code} {display}"),
                _ => {}
            }
            if !display.is_empty() && !code.is_empty() {
                let kept = displays.entry((system, code.clone())).or_insert_with(|| display.clone());
                assert_eq!(*kept, display, "{code}");
            }
        });
    }
    assert!(displays.len() > 250, "{}", displays.len());
}

/// SNOMED CT identifiers end in a Verhoeff check digit (dihedral group D5).
pub(crate) fn verhoeff(code: &str) -> bool {
    fn multiply(a: u32, b: u32) -> u32 {
        match (a < 5, b < 5) {
            (true, true) => (a + b) % 5,
            (true, false) => (a + b - 5) % 5 + 5,
            (false, true) => (a + 5 - b) % 5 + 5,
            (false, false) => (a + 5 - b) % 5,
        }
    }
    fn permute(times: usize, digit: u32) -> u32 {
        (0..times % 8).fold(digit, |d, _| [1, 5, 7, 6, 2, 8, 3, 0, 9, 4][d as usize])
    }
    let sum = code.bytes().rev().enumerate().fold(0, |sum, (i, byte)| multiply(sum, permute(i, u32::from(byte - b'0'))));
    sum == 0
}

/// LOINC codes end in a modulus-10 check digit.
fn loinc_check(code: &str) -> bool {
    let Some((body, check)) = code.split_once('-') else { return false };
    let sum: u32 =
        body.bytes().rev().enumerate().map(|(i, b)| u32::from(b - b'0') * if i % 2 == 0 { 2 } else { 1 }).map(|d| d / 10 + d % 10).sum();
    check == ((10 - sum % 10) % 10).to_string()
}
