//! What is in force as the file, the memory, the screen and the administrators' page write it.
use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;

#[test]
fn a_full_file_is_in_force_as_it_stands() {
    let effective = resolved(FULL);
    assert_eq!(effective.standing(), Standing::InForce);
    assert_eq!(*effective.idle_seconds(), by_policy(300));
    assert_eq!(*effective.session_cap_hours(), by_policy(10));
    assert_eq!(*effective.offline_lease_hours(), by_policy(12));
    assert_eq!(*effective.factors(), by_policy(Factors::WithSecurityKey));
    assert_eq!(*effective.step_up(), by_policy(Act::ALL.iter().copied().collect()));
    assert_eq!(*effective.min_passphrase_chars(), by_policy(16));
    let days = KeyClass::ALL.iter().map(|class| effective.rotation_days(*class));
    let asked = [180, 180, 365, 90, 90].map(by_policy).into_iter();
    assert_eq!(days.collect::<Vec<_>>(), asked.chain([365, 365].map(by_default)).collect::<Vec<_>>());
    assert_eq!(*effective.allow_tls_1_2(), by_policy(true));
    assert_eq!(*effective.ehr(), by_policy(Some("https://ehr.example.org/fhir/r4".to_owned())));
    assert_eq!(*effective.further_root(), by_policy(Some("/etc/satchel/hospital-root.pem".into())));
    assert_eq!(*effective.token_module(), by_policy(Some("/usr/lib/opensc-pkcs11.so".into())));
    assert_eq!(*effective.token_label(), by_policy(Some("ward-3".to_owned())));
    assert_eq!(*effective.require_disk_encryption(), by_policy(Requirement::RefuseEnrolment));
    assert_eq!(*effective.require_secure_swap(), by_policy(Requirement::Warn));
    assert_eq!(problems(&effective), [PolicyProblem::Tls12Allowed], "an exception is always told");
}

#[test]
fn what_is_kept_as_last_known_has_the_files_form() {
    let kept = serde_json::to_value(resolved(FULL).to_keep().unwrap()).unwrap();
    let mut file: Value = serde_json::from_str(FULL).unwrap();
    // A set has its own order.
    file["step_up"] = json!(["sign", "break_glass", "export", "key_operations"]);
    assert_eq!(kept, file);
    assert_eq!(resolved(kept.to_string()), resolved(FULL));
}

#[test]
fn every_setting_has_a_place_in_the_frozen_file() {
    let file: Value = serde_json::from_str(FULL).unwrap();
    let names: BTreeSet<_> = file.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, SettingName::ALL.iter().map(|name| name.as_str()).collect());
}

#[test]
fn the_screen_is_told_value_origin_lock_and_findings() {
    let told = serde_json::to_value(resolved(r#"{"idle_seconds": 1800, "step_up": ["sign"], "idle": 1}"#)).unwrap();
    assert_eq!(told["standing"], "in_force");
    assert_eq!(told["idle_seconds"], json!({"value": 900, "origin": "policy", "locked": true}));
    assert_eq!(told["step_up"]["value"], json!(["sign", "break_glass"]));
    assert_eq!(told["rotation_days"]["door"], json!({"value": 365, "origin": "default", "locked": false}));
    let findings = json!([
        {"state": "warn", "problem": "beyond_floor", "setting": "idle_seconds", "asked": 1800, "used": 900},
        {"state": "bad", "problem": "unknown_setting", "name": "idle"},
    ]);
    assert_eq!(told["findings"], findings);
    let disk = serde_json::to_value(Finding::new(Check::Disk, Detail::DiskPlain)).unwrap();
    assert_eq!(disk, json!({"what": "disk", "state": "bad", "detail": "disk_plain"}));
}

#[test]
fn the_administrators_page_shows_the_frozen_file_and_every_name() {
    let page = include_str!("../../../../../docs/policy.md");
    assert!(page.contains(FULL.trim_end()));
    let names = SettingName::ALL.iter().map(|name| name.as_str()).chain(Act::ALL.iter().map(|act| act.as_str()));
    let names = names.chain(Factors::ALL.iter().map(|factors| factors.as_str())).chain(KeyClass::ALL.iter().map(|class| class.as_str()));
    for name in names.chain(Requirement::ALL.iter().map(|requirement| requirement.as_str())) {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}

#[test]
fn every_setting_is_a_line_of_the_list() {
    let lines = |effective: &Effective| effective.every().map(|line| (line.name, line.locked, line.value.to_string())).collect::<Vec<_>>();
    let full = lines(&resolved(FULL));
    assert!(full.iter().map(|line| line.0).eq(SettingName::ALL.iter().copied()));
    assert!(full.iter().all(|line| line.1), "every setting of the full file is the hospital's");
    assert!(lines(&resolved("{}")).iter().all(|line| !line.1));
    let value = |name: SettingName| full.iter().find(|line| line.0 == name).unwrap().2.as_str();
    assert_eq!(value(SettingName::IdleSeconds), "300 s");
    assert!(value(SettingName::RotationDays).starts_with("database 180, group 180, patient 365, door 90, audit 90"));
    assert_eq!(value(SettingName::StepUp), "sign, break_glass, export, key_operations");
    assert_eq!((value(SettingName::AllowTls12), value(SettingName::Ehr)), ("yes", "https://ehr.example.org/fhir/r4"));
}
