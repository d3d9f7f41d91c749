//! The identity banner.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod support;

use chart::view::Banner;
use support::{chart, patient, record};

fn banner(rest: &str) -> Banner {
    let chart = chart(&[patient(rest)]);
    assert!(chart.unreadable.is_empty(), "{rest}");
    chart.banner
}

#[test]
fn everything_recorded() {
    let banner = banner(
        r#""meta":{"security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","code":"R"}]},
        "name":[{"use":"old","family":"Stark","given":["Christa"]},{"use":"usual","family":"Heller","given":["Chris"]},
                {"use":"official","family":"Heller","given":["Christa","Mae"],"prefix":["Mrs."],"suffix":["Jr."]}],
        "birthDate":"1961-03-13","gender":"female",
        "identifier":[{"system":"urn:x","value":"x-1"},{"type":{"coding":[{"code":"SS"}]},"value":"999-38-6256"},
                      {"type":{"coding":[{"code":"MR"}]},"value":"M-7"},{"type":{"coding":[{"code":"MR"}]},"use":"old","value":"M-1"},
                      {"system":"https://fhir.nhs.uk/Id/nhs-number","value":"129 728 7652"},{"type":{"text":"Trial No."},"value":"T-9"},{"system":"urn:y","value":"M-7"}],
        "address":[{"use":"old","line":["1 Past Rd"]},{"line":["725 Wisoky Bypass","Apt 36"],"city":"Worcester","state":"MA","postalCode":"01545","country":"US"}],
        "telecom":[{"system":"email","value":"c@example.org"},{"system":"phone","value":"555-724-7108","use":"home","rank":1},{"value":"555-0","use":"old"}],
        "communication":[{"language":{"text":"English"}},{"language":{"text":"Spanish"},"preferred":true}],
        "extension":[{"url":"http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired","valueBoolean":true}]"#,
    );
    assert_eq!(banner.name, "HELLER Jr., Christa Mae (Mrs.)");
    assert_eq!(banner.also_known_as.as_deref(), Some("HELLER, Chris"));
    assert_eq!((banner.born.as_deref(), banner.age.as_deref()), (Some("13-Mar-1961"), Some("62y")));
    assert_eq!(banner.gender.as_deref(), Some("Female"));
    let numbers: Vec<String> = banner.identifiers.iter().map(|id| format!("{} {}", id.label, id.value)).collect();
    assert_eq!(numbers, ["MRN M-7", "NHS No. 129 728 7652", "Trial No. T-9", "ID x-1"]);
    assert_eq!(banner.address.as_deref(), Some("725 Wisoky Bypass, Apt 36, Worcester, MA 01545, US"));
    assert_eq!(banner.contact, ["555-724-7108 (home)", "c@example.org"]);
    assert_eq!(banner.language.as_deref(), Some("Spanish, interpreter needed"));
    assert!(banner.restricted && !banner.similar_name && banner.deceased.is_none());
}

#[test]
fn nothing_recorded_is_nothing_shown() {
    let banner = banner(r#""active":true"#);
    assert_eq!((banner.name.as_str(), banner.patient.as_str()), ("", "p"));
    assert!(
        banner.born.is_none() && banner.age.is_none() && banner.gender.is_none() && banner.address.is_none() && banner.language.is_none()
    );
}

#[test]
fn names_of_all_scripts() {
    for (name, shown, also) in [
        (r#"{"family":"山田","given":["太郎"]},{"family":"Yamada","given":["Taro"]}"#, "山田, 太郎", Some("YAMADA, Taro")),
        (
            r#"{"family":"ヤマダ","given":["タロウ"],"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation","valueCode":"SYL"}]},
            {"family":"Yamada","given":["Taro"],"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation","valueCode":"ABC"}]}"#,
            "ヤマダ, タロウ",
            Some("YAMADA, Taro"),
        ),
        (r#"{"text":"Sukarno"}"#, "Sukarno", None),
        (r#"{"given":["Madonna"]}"#, "Madonna", None),
        (r#"{"family":"van der Groß","given":["Ünal"]}"#, "VAN DER GROSS, Ünal", None),
        (r#"{"family":"محمد"}"#, "محمد", None),
        (r#"{"use":"maiden","family":"Stark","given":["A"]},{"use":"nickname","family":"Lee","given":["Bo"]}"#, "LEE, Bo", None),
        (r#"{"use":"official","family":"Past","period":{"end":"2001"}},{"family":"Now"}"#, "NOW", None),
        (r#"{"use":"maiden","family":"Only"}"#, "ONLY", None),
    ] {
        let banner = banner(&format!(r#""name":[{name}]"#));
        assert_eq!((banner.name.as_str(), banner.also_known_as.as_deref()), (shown, also), "{name}");
    }
}

#[test]
fn the_dead_have_the_age_they_reached() {
    let dead = banner(r#""birthDate":"1950-06-01","deceasedDateTime":"2020-05-31T10:00:00Z""#);
    assert_eq!((dead.age.as_deref(), dead.deceased.as_deref()), (Some("69y"), Some("31-May-2020")));
    let undated = banner(r#""birthDate":"1950-06-01","deceasedBoolean":true"#);
    assert_eq!((undated.age, undated.deceased.as_deref()), (None, Some("yes")));
    assert!(banner(r#""deceasedBoolean":false"#).deceased.is_none());
}

#[test]
fn newborns_by_the_hour() {
    let time = |at: &str| {
        format!(
            r#""birthDate":"2024-03-12","_birthDate":{{"extension":[{{"url":"http://hl7.org/fhir/StructureDefinition/patient-birthTime","valueDateTime":"{at}"}}]}}"#
        )
    };
    assert_eq!(banner(&time("2024-03-12T11:00:00-05:00")).age.as_deref(), Some("60min"));
    assert_eq!(banner(&time("2024-03-12T09:00:00-05:00")).age.as_deref(), Some("3hr"));
    assert_eq!(banner(&time("2024-03-10T09:00:00-05:00")).age.as_deref(), Some("0d"), "a time on another day is not believed");
    assert_eq!(banner(r#""birthDate":"1961-03""#).born.as_deref(), Some("Mar-1961"));
}

#[test]
fn flags_stand_while_active() {
    let flag = |id: &str, rest: &str| record("Flag", id, &format!(r#""code":{{"text":"{id}"}},{rest}"#));
    let chart = chart(&[
        flag("Falls", r#""status":"active""#),
        flag("MRSA", r#""status":"active","period":{"end":"2024-03-12"}"#),
        flag("Over", r#""status":"active","period":{"end":"2024-03-11"}"#),
        flag("Gone", r#""status":"inactive""#),
        flag("Wrong", r#""status":"entered-in-error""#),
    ]);
    assert_eq!(chart.banner.flags, ["Falls", "MRSA"]);
    assert_eq!(chart.other.len(), 4);
}
