//! The EHR's operation that issues numbers: `POST [base]/$break-glass-grants`, Parameters in and out.
use access::{GrantNumber, IssuedNumber};
use chrono::DateTime;
use kernel::DeviceId;
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

/// The numbers in the answer; `None` if it is none. A grant that is not whole is left out. The signature is the EHR's to verify:
/// what vouches for the answer here is the connection it came by.
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
