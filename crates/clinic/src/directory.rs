//! Who works in the clinic, where, and the forms they use: what every chart refers to and nothing in a chart changes.

use crate::codes::{CLINIC_URL, NPI, SNOMED, concept, hl7, reference};
use crate::questionnaires;
use serde_json::{Value, json};

/// A person who works in the clinic. Synthetic staff: their passwords are the business of whoever runs the EHR.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clinician {
    /// Sign-in name, `given.family`.
    pub username: &'static str,
    /// Logical id of the Practitioner.
    pub practitioner_id: &'static str,
    /// As shown on a badge.
    pub display_name: &'static str,
    /// Family name.
    pub family: &'static str,
    /// Given name.
    pub given: &'static str,
    /// `physician`, `surgeon`, `nurse`, `icu`, `pharmacist`, `billing`, `front_desk`, `privacy_officer` or `administrator`.
    pub role: &'static str,
}

/// Everyone who works in the clinic.
pub const CLINICIANS: &[Clinician] = &[
    staff("amara.okafor", "amara-okafor", "Amara Okafor, MD", "Okafor", "Amara", "physician"),
    staff("henrik.lindqvist", "henrik-lindqvist", "Henrik Lindqvist, MD", "Lindqvist", "Henrik", "physician"),
    staff("sofia.marchetti", "sofia-marchetti", "Sofia Marchetti, MD", "Marchetti", "Sofia", "surgeon"),
    staff("lena.fischer", "lena-fischer", "Lena Fischer, RN", "Fischer", "Lena", "nurse"),
    staff("tomas.novak", "tomas-novak", "Tomáš Novák, RN", "Novák", "Tomáš", "nurse"),
    staff("grace.kim", "grace-kim", "Grace Kim, RN, CCRN", "Kim", "Grace", "icu"),
    staff("daniel.reyes", "daniel-reyes", "Daniel Reyes, PharmD", "Reyes", "Daniel", "pharmacist"),
    staff("priya.shah", "priya-shah", "Priya Shah", "Shah", "Priya", "billing"),
    staff("joan.whitaker", "joan-whitaker", "Joan Whitaker", "Whitaker", "Joan", "front_desk"),
    staff("miriam.adler", "miriam-adler", "Miriam Adler, CHPC", "Adler", "Miriam", "privacy_officer"),
    staff("samuel.osei", "samuel-osei", "Samuel Osei", "Osei", "Samuel", "administrator"),
];

pub(crate) const CLINIC: (&str, &str) = ("Organization/harborview", "Harborview Health");
pub(crate) const LABORATORY: (&str, &str) = ("Organization/harborview-laboratory", "Harborview Laboratory");
pub(crate) const OUTPATIENT: (&str, &str) = ("Location/family-medicine", "Family Medicine Clinic");
pub(crate) const EMERGENCY: (&str, &str) = ("Location/emergency", "Emergency Department");
pub(crate) const WARD: (&str, &str) = ("Location/ward-3-west", "Medical-Surgical Unit 3 West");
pub(crate) const ICU: (&str, &str) = ("Location/icu", "Intensive Care Unit");
pub(crate) const SURGERY: (&str, &str) = ("Location/surgery", "Surgical Services");

/// A practice next door, whose patients turn up here: its staff have no account in this clinic and nobody here has its
/// patients in a panel, so opening such a chart takes break-glass.
pub(crate) const ELSEWHERE: [Clinician; 2] = [
    staff("ruth.castellano", "ruth-castellano", "Ruth Castellano, MD", "Castellano", "Ruth", "physician"),
    staff("owen.brandt", "owen-brandt", "Owen Brandt, RN", "Brandt", "Owen", "nurse"),
];
pub(crate) const EASTSIDE: (&str, &str) = ("Organization/eastside", "Eastside Family Practice");
pub(crate) const EASTSIDE_OFFICE: (&str, &str) = ("Location/eastside-office", "Eastside Family Practice");

/// The first clinician of a role.
pub(crate) fn of_role(role: &str) -> &'static Clinician {
    CLINICIANS.iter().find(|c| c.role == role).unwrap_or(&CLINICIANS[0])
}

/// `Reference` to a clinician's Practitioner.
pub(crate) fn practitioner(who: &Clinician) -> Value {
    reference(&format!("Practitioner/{}", who.practitioner_id), who.display_name)
}

/// Every record of the directory, references pointing backwards.
pub(crate) fn records() -> Vec<Value> {
    let mut records = vec![
        organization("harborview", "Harborview Health", ("prov", "Healthcare Provider"), None),
        organization("harborview-laboratory", "Harborview Laboratory", ("dept", "Hospital Department"), Some("harborview")),
        organization("eastside", EASTSIDE.1, ("prov", "Healthcare Provider"), None),
        location(OUTPATIENT, CLINIC, ("FMC", "Family medicine clinic")),
        location(EMERGENCY, CLINIC, ("ER", "Emergency room")),
        location(WARD, CLINIC, ("HU", "Hospital unit")),
        location(ICU, CLINIC, ("ICU", "Intensive care unit")),
        location(SURGERY, CLINIC, ("SU", "Surgery clinic")),
        location(EASTSIDE_OFFICE, EASTSIDE, ("FMC", "Family medicine clinic")),
    ];
    for (i, who) in CLINICIANS.iter().enumerate() {
        records.push(practitioner_record(who, i));
        records.push(role_record(who, CLINIC, unit_of(who.role)));
    }
    for (i, who) in ELSEWHERE.iter().enumerate() {
        records.push(practitioner_record(who, CLINICIANS.len() + i));
        records.push(role_record(who, EASTSIDE, EASTSIDE_OFFICE));
    }
    records.push(unit_group());
    records.extend(questionnaires::definitions());
    records
}

const fn staff(
    username: &'static str,
    practitioner_id: &'static str,
    display_name: &'static str,
    family: &'static str,
    given: &'static str,
    role: &'static str,
) -> Clinician {
    Clinician { username, practitioner_id, display_name, family, given, role }
}

fn organization(id: &str, name: &str, kind: (&str, &str), part_of: Option<&str>) -> Value {
    let mut record = json!({
        "resourceType": "Organization",
        "id": id,
        "active": true,
        "type": [concept(&hl7("organization-type"), kind.0, kind.1)],
        "name": name,
        "telecom": [{ "system": "phone", "value": "+1-555-555-0100", "use": "work" }],
        "address": [address()],
    });
    if let Some(whole) = part_of {
        record["partOf"] = reference(&format!("Organization/{whole}"), CLINIC.1);
    }
    record
}

fn address() -> Value {
    json!({
        "use": "work", "line": ["1 Harborview Way"], "city": "Port Ellery", "state": "MA", "postalCode": "01999", "country": "US",
    })
}

fn location((target, name): (&str, &str), owner: (&str, &str), kind: (&str, &str)) -> Value {
    json!({
        "resourceType": "Location",
        "id": target.trim_start_matches("Location/"),
        "status": "active",
        "name": name,
        "mode": "instance",
        "type": [concept(&hl7("v3-RoleCode"), kind.0, kind.1)],
        "managingOrganization": reference(owner.0, owner.1),
    })
}

fn practitioner_record(who: &Clinician, position: usize) -> Value {
    let mut record = json!({
        "resourceType": "Practitioner",
        "id": who.practitioner_id,
        "identifier": [{ "system": format!("{CLINIC_URL}/staff"), "value": who.username }],
        "active": true,
        "name": [{ "use": "official", "text": who.display_name, "family": who.family, "given": [who.given] }],
        "birthDate": born(position),
        "address": [{ "use": "home", "line": [format!("{} {}", 3 + 97 * position, home(position))], "city": "Port Ellery", "postalCode": "01999" }],
        "telecom": [{ "system": "email", "value": format!("{}@harborview.example.org", who.username), "use": "work" }],
    });
    if let Some((_, _, _, degree)) = role_codes(who.role).filter(|codes| !codes.3.is_empty()) {
        record["qualification"] = json!([{ "code": { "text": degree } }]);
        if let Some(identifiers) = record["identifier"].as_array_mut() {
            identifiers.insert(0, json!({ "system": NPI, "value": npi(position) }));
        }
    }
    record
}

/// Birth dates and homes of staff, by which a namesake among the patients is told from a colleague, and a household is known.
fn born(position: usize) -> String {
    format!("{}-{:02}-{:02}", 1958 + (position * 7) % 38, 1 + (position * 5) % 12, 1 + (position * 11) % 28)
}

fn home(position: usize) -> &'static str {
    ["Harbor Street", "Winter Street", "Quarry Way"][position % 3]
}

fn role_record(who: &Clinician, employer: (&str, &str), unit: (&str, &str)) -> Value {
    let mut record = json!({
        "resourceType": "PractitionerRole",
        "id": format!("{}-role", who.practitioner_id),
        "active": true,
        "practitioner": practitioner(who),
        "organization": reference(employer.0, employer.1),
        "location": [reference(unit.0, unit.1)],
    });
    record["code"] = match role_codes(who.role) {
        Some((code, display, specialty, _)) => {
            if let Some((code, display)) = specialty {
                record["specialty"] = json!([concept(SNOMED, code, display)]);
            }
            json!([{
                "coding": [
                    { "system": format!("{CLINIC_URL}/role"), "code": who.role },
                    { "system": SNOMED, "code": code, "display": display },
                ],
                "text": display,
            }])
        }
        None => json!([{ "coding": [{ "system": format!("{CLINIC_URL}/role"), "code": who.role }], "text": who.role }]),
    };
    record
}

/// Occupation (SNOMED CT), specialty (SNOMED CT) and degree of a licensed role.
type RoleCodes = (&'static str, &'static str, Option<(&'static str, &'static str)>, &'static str);

fn role_codes(role: &str) -> Option<RoleCodes> {
    Some(match role {
        "physician" => ("309343006", "Physician", Some(("419772000", "Family practice")), "Doctor of Medicine"),
        "surgeon" => ("304292004", "Surgeon", Some(("394609007", "General surgery")), "Doctor of Medicine"),
        "nurse" => ("224535009", "Registered nurse", None, "Registered Nurse"),
        "icu" => ("224535009", "Registered nurse", Some(("408478003", "Critical care medicine")), "Registered Nurse"),
        "pharmacist" => ("46255001", "Pharmacist", None, "Doctor of Pharmacy"),
        _ => return None,
    })
}

fn unit_of(role: &str) -> (&'static str, &'static str) {
    match role {
        "surgeon" => SURGERY,
        "icu" => ICU,
        _ => OUTPATIENT,
    }
}

/// A ten-digit NPI that begins with 2 (CMS has assigned none) and passes the Luhn check over `80840` + number.
fn npi(position: usize) -> String {
    let body = format!("2{:08}", 10_407_311 + position * 7_919);
    let sum: u32 = format!("80840{body}")
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, digit)| {
            let digit = u32::from(digit - b'0');
            if i % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit }
        })
        .sum();
    format!("{body}{}", (10 - sum % 10) % 10)
}

fn unit_group() -> Value {
    let members: Vec<Value> =
        CLINICIANS.iter().filter(|c| matches!(c.role, "physician" | "nurse")).map(|c| json!({ "entity": practitioner(c) })).collect();
    json!({
        "resourceType": "Group",
        "id": "family-medicine-staff",
        "active": true,
        "type": "practitioner",
        "actual": true,
        "name": "Family Medicine staff",
        "quantity": members.len(),
        "managingEntity": reference(CLINIC.0, CLINIC.1),
        "member": members,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn npi_passes_the_luhn_check_of_cms() {
        for i in 0..CLINICIANS.len() {
            let number = npi(i);
            assert_eq!(number.len(), 10);
            assert!(number.starts_with('2'));
            let sum: u32 = format!("80840{number}")
                .bytes()
                .rev()
                .enumerate()
                .map(|(i, d)| u32::from(d - b'0') * if i % 2 == 1 { 2 } else { 1 })
                .map(|d| d / 10 + d % 10)
                .sum();
            assert_eq!(sum % 10, 0, "{number}");
        }
    }

    #[test]
    fn every_role_is_filled_and_every_clinician_has_a_role_record() {
        for role in ["physician", "surgeon", "nurse", "icu", "pharmacist", "billing", "front_desk", "privacy_officer", "administrator"] {
            assert!(CLINICIANS.iter().any(|c| c.role == role), "{role}");
        }
        let records = records();
        for who in CLINICIANS {
            let target = format!("Practitioner/{}", who.practitioner_id);
            assert!(
                records.iter().any(|r| r["resourceType"] == "PractitionerRole" && r["practitioner"]["reference"] == target.as_str()),
                "{target}"
            );
        }
    }
}
