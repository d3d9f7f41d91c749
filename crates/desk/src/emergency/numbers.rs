//! The EHR's operation that issues numbers: `POST [base]/$break-glass-grants`, Parameters in and out.
use access::{GrantNumber, IssuedNumber};
use chrono::DateTime;
use kernel::{DeviceId, PractitionerId};
use remote::{EhrKeys, NotSigned};
use serde_json::{Value, json};

/// Its name.
pub const OPERATION: &str = "$break-glass-grants";

/// Asks for `count` numbers for this workstation, and names those that ended unused.
pub fn request(device: &DeviceId, count: u32, unused: &[GrantNumber]) -> String {
    let mut parameters =
        vec![json!({ "name": "device", "valueString": device.as_str() }), json!({ "name": "count", "valuePositiveInt": count })];
    parameters.extend(unused.iter().map(|number| json!({ "name": "unused", "valueString": number.as_str() })));
    json!({ "resourceType": "Parameters", "parameter": parameters }).to_string()
}

/// Header type of a number's signature (RFC 7515 §4.1.9).
const JWS_TYPE: &str = "break-glass-grant+jwt";

/// Whom a number must have been issued to.
#[derive(Clone)]
pub struct Holder {
    /// The clinician.
    pub practitioner: PractitionerId,
    /// The workstation.
    pub device: DeviceId,
}

/// What is wrong with a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The EHR has not signed it, as far as its keys are known.
    NotSigned(NotSigned),
    /// The EHR has signed something else: another number, clinician, workstation or end.
    OtherClaims,
}

impl Fault {
    /// The stable name, for audit entries.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotSigned(NotSigned::Form) => "form",
            Self::NotSigned(NotSigned::UnknownKey) => "unknown_key",
            Self::NotSigned(NotSigned::Signature) => "signature",
            Self::OtherClaims => "other_claims",
        }
    }
}

/// Whether the EHR signed this number, to this holder, until this end.
///
/// # Errors
/// [`Fault`].
pub fn verify(issued: &IssuedNumber, keys: &EhrKeys, holder: &Holder) -> Result<(), Fault> {
    let claims = keys.claims(JWS_TYPE, &issued.signed).map_err(Fault::NotSigned)?;
    let same = claims["sub"] == *holder.practitioner.as_str()
        && claims["device"] == *holder.device.as_str()
        && claims["number"] == *issued.number.as_str()
        && claims["exp"].as_i64() == Some(issued.expires.timestamp());
    if same { Ok(()) } else { Err(Fault::OtherClaims) }
}

/// The numbers in the answer; `None` if it is none. A grant that is not whole is left out.
pub fn answer(body: &[u8]) -> Option<Vec<IssuedNumber>> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    if answer["resourceType"] != "Parameters" {
        return None;
    }
    let grants = answer["parameter"].as_array().into_iter().flatten().filter(|parameter| parameter["name"] == "grant");
    Some(grants.filter_map(issued).collect())
}

fn issued(grant: &Value) -> Option<IssuedNumber> {
    let part = |name: &str| grant["part"].as_array()?.iter().find(|part| part["name"] == name);
    Some(IssuedNumber {
        number: GrantNumber::new(part("number")?["valueString"].as_str()?).ok()?,
        expires: DateTime::parse_from_rfc3339(part("expires")?["valueInstant"].as_str()?).ok()?.to_utc(),
        signed: part("signed")?["valueString"].as_str()?.into(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn the_wire_form_is_frozen() {
        let asked = request(&DeviceId::new("ward-3").unwrap(), 10, &[GrantNumber::new("7").unwrap()]);
        let expected = json!({"resourceType": "Parameters", "parameter": [
            {"name": "device", "valueString": "ward-3"}, {"name": "count", "valuePositiveInt": 10}, {"name": "unused", "valueString": "7"}]});
        assert_eq!(serde_json::from_str::<Value>(&asked).unwrap(), expected);
    }

    #[test]
    fn a_number_is_what_the_ehr_signed_and_nothing_else() {
        let frozen: Value = serde_json::from_str(include_str!("../../vectors/break_glass_grant.json")).unwrap();
        let keys = |name: &str| serde_json::from_value::<EhrKeys>(frozen[name].clone()).unwrap();
        let holder = Holder { practitioner: PractitionerId::new("dr-1").unwrap(), device: DeviceId::new("ward-3").unwrap() };
        let issued = |name: &str| IssuedNumber {
            number: GrantNumber::new("42").unwrap(),
            expires: "2026-03-09T08:00:00Z".parse().unwrap(),
            signed: frozen[name].as_str().unwrap().into(),
        };
        assert_eq!(verify(&issued("good"), &keys("keys"), &holder), Ok(()));
        assert_eq!(verify(&issued("good"), &keys("next"), &holder), Ok(()));
        assert_eq!(verify(&issued("good"), &keys("stranger"), &holder).unwrap_err().code(), "unknown_key");
        for other in ["other_clinician", "other_device", "other_number", "other_end"] {
            assert_eq!(verify(&issued(other), &keys("keys"), &holder), Err(Fault::OtherClaims), "{other}");
        }
        assert_eq!(verify(&issued("other_type"), &keys("keys"), &holder).unwrap_err().code(), "form");
    }

    #[test]
    fn whole_grants_are_read_and_others_left_out() {
        let grant = |number: &str, expires: &str| {
            json!({"name": "grant", "part": [{"name": "number", "valueString": number}, {"name": "expires", "valueInstant": expires},
                {"name": "signed", "valueString": "a.b.c"}]})
        };
        let good = grant("42", "2026-03-09T08:00:00Z");
        let sent = json!({"resourceType": "Parameters", "parameter": [
            {"name": "issued", "valueInstant": "2026-03-02T08:00:00Z"}, good, grant("4 2", "2026-03-09T08:00:00Z"), grant("43", "soon"),
            {"name": "grant"}]});
        let numbers = answer(sent.to_string().as_bytes()).unwrap();
        assert_eq!(numbers.iter().map(|issued| issued.number.as_str()).collect::<Vec<_>>(), ["42"]);
        assert_eq!(answer(b"{}"), None);
        assert_eq!(answer(b"<html>"), None);
    }
}
