//! Index, header and bundle over small records.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use fhir::{Bundle, BundleError, Content, Header, Index, JsonError, Limits, Method, ReadError, SearchMode};

fn patient_of(raw: &str) -> Option<String> {
    Index::read(raw).unwrap_or_else(|error| panic!("{error}: {raw}")).patient.map(|patient| patient.as_str().to_owned())
}

#[test]
fn filed_by_whom_it_is_about() {
    for (raw, expected) in [
        (r#"{"resourceType":"Patient","id":"p","link":[{"other":{"reference":"Patient/q"}}]}"#, Some("p")),
        (r#"{"resourceType":"Observation","subject":{"reference":"Patient/p"},"performer":[{"reference":"Patient/q"}]}"#, Some("p")),
        (r#"{"resourceType":"Observation","performer":[{"reference":"Patient/q"}]}"#, None),
        (r#"{"resourceType":"Observation","subject":{"reference":"Group/p"}}"#, None),
        (r#"{"resourceType":"Immunization","patient":{"reference":"Patient/p/_history/2"}}"#, Some("p")),
        (r#"{"resourceType":"Coverage","beneficiary":{"reference":"Patient/p"},"payor":[{"reference":"Patient/q"}]}"#, Some("p")),
        (r#"{"resourceType":"Task","for":{"reference":"Patient/p"},"owner":{"reference":"Practitioner/d"}}"#, Some("p")),
        (r#"{"resourceType":"ResearchSubject","individual":{"reference":"Patient/p"}}"#, Some("p")),
        (r#"{"resourceType":"EnrollmentRequest","candidate":{"reference":"Patient/p"}}"#, Some("p")),
        (r#"{"resourceType":"SupplyRequest","deliverTo":{"reference":"Patient/p"}}"#, Some("p")),
        (r#"{"resourceType":"AppointmentResponse","actor":{"reference":"Patient/p"}}"#, Some("p")),
        (r#"{"resourceType":"Person","link":[{"target":{"reference":"Patient/p"}}]}"#, Some("p")),
        (r#"{"resourceType":"AuditEvent","entity":[{"what":{"reference":"Patient/p"}}]}"#, Some("p")),
        (
            r#"{"resourceType":"Goal","subject":{"reference":"Patient/p"},"target":[{"measure":{"text":"x"},"detailString":"y"}]}"#,
            Some("p"),
        ),
        (r#"{"resourceType":"Account","subject":[{"reference":"Device/1"},{"reference":"Patient/p"}]}"#, Some("p")),
        (r#"{"resourceType":"Practitioner","subject":{"reference":"Patient/p"}}"#, None),
        (r#"{"resourceType":"Observation","subject":{"reference":"https://other.example.org/Patient/p"}}"#, None),
        (r##"{"resourceType":"Observation","subject":{"reference":"#p"}}"##, None),
        (r#"{"resourceType":"Observation","subject":"Patient/p"}"#, None),
        (r#"{"resourceType":"NewInRNine","subject":{"reference":"Patient/p"}}"#, Some("p")),
    ] {
        assert_eq!(patient_of(raw).as_deref(), expected, "{raw}");
    }
    let absolute = r#"{"resourceType":"Observation","subject":{"reference":"https://ehr.example.org/fhir/Patient/p"}}"#;
    assert!(Index::read_from(absolute, Some("https://ehr.example.org/fhir/")).unwrap().patient.is_some());
}

#[test]
fn several_patients_are_all_named() {
    let raw = r#"{"resourceType":"Appointment","participant":[{"actor":{"reference":"Practitioner/d"}},
        {"actor":{"reference":"Patient/p"}},{"actor":{"reference":"Patient/q"}},{"actor":{"reference":"Patient/p"}}]}"#;
    let index = Index::read(raw).unwrap();
    assert_eq!(index.patient.unwrap().as_str(), "p");
    assert_eq!(index.other_patients.iter().map(|patient| patient.as_str()).collect::<Vec<_>>(), ["q"]);
    let raw = r#"{"resourceType":"Provenance","target":[{"reference":"Observation/1"},{"reference":"Patient/p"}]}"#;
    assert_eq!(patient_of(raw).as_deref(), Some("p"));
}

#[test]
fn dated_by_what_happened() {
    for (element, shown) in [
        (r#""issued":"2024-01-02T00:00:00Z","effectiveDateTime":"2024-01-01""#, "01-Jan-2024"),
        (r#""effectivePeriod":{"start":"2023-05","end":"2023-06"}"#, "May-2023"),
        (r#""onsetPeriod":{"end":"2020"}"#, "2020"),
        (r#""onsetAge":{"value":5},"recordedDate":"2021-01-01""#, "01-Jan-2021"),
        (r#""performedString":"in spring","created":"2021-01-01""#, "01-Jan-2021"),
        (r#""effectiveDateTime":"soon","issued":"2024-01-02T03:04:05Z""#, "02-Jan-2024 03:04"),
        (r#""start":"2024-01-02T03:04:05Z","created":"2023-01-01""#, "02-Jan-2024 03:04"),
        (r#""authoredOn":"2024-01-02","period":{"start":"2024-01-03"}"#, "03-Jan-2024"),
    ] {
        let index = Index::read(&format!(r#"{{"resourceType":"X",{element}}}"#)).unwrap();
        assert_eq!(index.date.map(|date| date.display()).as_deref(), Some(shown), "{element}");
    }
    assert!(Index::read(r#"{"resourceType":"X","date":20240101}"#).unwrap().date.is_none());
}

#[test]
fn coded_by_loinc_or_the_first() {
    for (element, code) in [
        (
            r#""code":{"coding":[{"system":"urn:lab","code":"GLU"},{"system":"http://loinc.org","code":"2345-7"}]}"#,
            Some("http://loinc.org|2345-7"),
        ),
        (r#""code":{"coding":[{"display":"x"},{"system":"urn:a","code":"1"},{"system":"urn:b","code":"2"}]}"#, Some("urn:a|1")),
        (r#""code":{"coding":[{"code":"1"}]}"#, Some("|1")),
        (r#""code":{"text":"glucose"},"type":[{"text":"a"},{"coding":[{"system":"s","code":"c"}]}]"#, Some("s|c")),
        (r#""vaccineCode":{"coding":[{"system":"s","code":"a\"b"}]}"#, Some("s|a\"b")),
        (r#""medicationCodeableConcept":{"coding":[{"system":"s","code":"c"}]}"#, Some("s|c")),
        (r#""type":"allergy""#, None),
        (r#""code":7"#, None),
    ] {
        let index = Index::read(&format!(r#"{{"resourceType":"X",{element}}}"#)).unwrap();
        assert_eq!(index.code.as_deref(), code, "{element}");
    }
}

#[test]
fn restricted_by_confidentiality() {
    let label = |system: &str, code: &str| {
        let raw = format!(r#"{{"resourceType":"X","meta":{{"security":[{{"system":"s","code":"R"}},{{{system}"code":"{code}"}}]}}}}"#);
        Index::read(&raw).unwrap().restricted
    };
    let v3 = r#""system":"http://terminology.hl7.org/CodeSystem/v3-Confidentiality","#;
    assert!(label(v3, "R") && label(v3, "V") && label("", "V"));
    assert!(!label(v3, "N") && !label(v3, "U") && !label(r#""system":"other","#, "R"));
}

#[test]
fn header() {
    let raw = r#"{"resourceType":"Patient","id":"p","meta":{"versionId":"3","lastUpdated":"2024-01-02T00:00:00Z",
        "security":[{"system":"s","code":"c"},{"display":"no code"}],"profile":["http://a","http://b"]},"name":[{"family":"x"}]}"#;
    let header = Header::read(raw).unwrap();
    assert_eq!(header.version_id.unwrap().as_str(), "3");
    assert_eq!(header.last_updated.as_deref(), Some("2024-01-02T00:00:00Z"));
    assert_eq!(header.security.len(), 1);
    assert_eq!(header.profile.len(), 2);
    for (raw, error) in [
        ("[]", ReadError::NotAnObject),
        ("{", ReadError::NotAnObject),
        (r#"{"resourceType":"X","id":"1","id":"2"}"#, ReadError::NotAnObject),
        ("{}", ReadError::NotAResource),
        (r#"{"resourceType":"x1"}"#, ReadError::NotAResource),
    ] {
        assert_eq!(Header::read(raw), Err(error), "{raw}");
        assert_eq!(Index::read(raw), Err(error), "{raw}");
    }
    assert!(Header::read(r#"{"resourceType":"X","id":"../x"}"#).unwrap().id.is_none());
}

fn bundle(text: &str) -> Bundle {
    Bundle::parse(text.as_bytes(), &Limits::PAGE).unwrap()
}

#[test]
fn search_page() {
    let page = bundle(
        r#"{"resourceType":"Bundle","type":"searchset","total":3,"link":[{"relation":"self","url":"s"},{"relation":"next","url":"n"}],"entry":[
        {"fullUrl":"https://ehr/fhir/Observation/1","resource":{"resourceType":"Observation", "id":"1","meta":{"versionId":"2"},"valueQuantity":{"value":7.20}},"search":{"mode":"match"}},
        {"resource":{"resourceType":"Patient","id":"p"},"search":{"mode":"include"}},
        {"resource":{"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"not-supported"}]},"search":{"mode":"outcome"}}]}"#,
    );
    assert_eq!((&*page.kind, page.total, page.next.as_deref(), page.self_link.as_deref()), ("searchset", Some(3), Some("n"), Some("s")));
    let [first, second, third] = page.entries.as_slice() else { panic!("three entries") };
    assert_eq!(
        first.resource(),
        Some(r#"{"resourceType":"Observation", "id":"1","meta":{"versionId":"2"},"valueQuantity":{"value":7.20}}"#)
    );
    assert_eq!(first.identity.as_ref().map(|(kind, id)| format!("{kind}/{id}")).as_deref(), Some("Observation/1"));
    assert_eq!(first.version_id.as_ref().map(|version| version.as_str()), Some("2"));
    assert_eq!((first.mode, second.mode), (Some(SearchMode::Match), Some(SearchMode::Include)));
    assert_eq!(third.outcome.as_ref().and_then(fhir::Outcome::worst).map(|issue| issue.code), Some("not-supported"));
}

#[test]
fn history_and_deletions() {
    let page = bundle(
        r#"{"resourceType":"Bundle","type":"history","entry":[
        {"fullUrl":"https://ehr/fhir/Condition/c","request":{"method":"DELETE","url":"Condition/c"},"response":{"status":"204 No Content","etag":"W/\"4\"","lastModified":"2024-01-02T00:00:00Z"}},
        {"fullUrl":"https://ehr/fhir/Condition/d","request":{"method":"DELETE"},"response":{"status":"204"}},
        {"request":{"method":"PUT","url":"Condition/e"},"resource":{"resourceType":"Condition","id":"e"},"response":{"status":"200"}}]}"#,
    );
    let [gone, also_gone, put] = page.entries.as_slice() else { panic!("three entries") };
    assert!(gone.is_deletion() && also_gone.is_deletion() && !put.is_deletion());
    assert_eq!(gone.version_id.as_ref().map(|version| version.as_str()), Some("4"));
    assert_eq!(gone.last_updated.as_deref(), Some("2024-01-02T00:00:00Z"));
    assert_eq!((gone.status, gone.method), (Some(204), Some(Method::Delete)));
    assert_eq!(also_gone.identity.as_ref().map(|(_, id)| id.as_str()), Some("d"));
    let answer = bundle(
        r#"{"resourceType":"Bundle","type":"transaction-response","entry":[{"response":{"status":"201 Created","location":"https://ehr/fhir/Patient/7/_history/1","etag":"W/\"1\""}},
        {"response":{"status":"409","outcome":{"resourceType":"OperationOutcome","issue":[{"severity":"error","code":"conflict"}]}}}]}"#,
    );
    assert_eq!(answer.entries[0].identity.as_ref().map(|(kind, id)| format!("{kind}/{id}")).as_deref(), Some("Patient/7"));
    assert_eq!(answer.entries[1].outcome.as_ref().unwrap().worst().unwrap().code, "conflict");
}

#[test]
fn one_bad_resource_does_not_take_the_page() {
    let deep = format!("{}{}", "[".repeat(100), "]".repeat(100));
    let page = bundle(&format!(
        r#"{{"resourceType":"Bundle","entry":[
        {{"resource":{{"resourceType":"Observation","id":"1","status":"final","status":"final"}}}},
        {{"resource":{{"resourceType":"Observation","id":"2","x":{deep}}}}},
        {{"fullUrl":"https://ehr/Observation/3","resource":{{"resourceType":"Observation","id":"3","id":"4"}}}},
        {{"resource":{{"resourceType":"Observation","id":"5","note":"\ud800"}}}},
        {{"resource":{{"resourceType":"Observation","id":"6"}}}}]}}"#
    ));
    let refused = |i: usize| match &page.entries[i].content {
        Content::Refused(error) => Some(*error),
        _ => None,
    };
    assert_eq!(
        [0, 1, 2, 3, 4].map(refused),
        [Some(JsonError::DuplicateKey), Some(JsonError::TooDeep), Some(JsonError::DuplicateKey), Some(JsonError::LoneSurrogate), None]
    );
    let ids: Vec<_> = page.entries.iter().map(|entry| entry.identity.as_ref().map(|(_, id)| id.as_str())).collect();
    assert_eq!(ids, [Some("1"), Some("2"), Some("3"), Some("5"), Some("6")]);
}

#[test]
fn what_is_no_page_is_refused() {
    for text in [
        "",
        "{}",
        "[]",
        r#"{"resourceType":"Patient"}"#,
        r#"{"resourceType":"Bundle","entry":{}}"#,
        r#"{"resourceType":"Bundle","entry":[],"entry":[]}"#,
    ] {
        assert_eq!(Bundle::parse(text.as_bytes(), &Limits::PAGE).err(), Some(BundleError::NotABundle), "{text}");
    }
    let small = Limits { bytes: 200, depth: 10, nodes: 3 };
    assert_eq!(Bundle::parse(&[b' '; 201], &small).err(), Some(BundleError::Json(JsonError::TooLong)));
    assert_eq!(Bundle::parse(b"\xff", &small).err(), Some(BundleError::Json(JsonError::NotUtf8)));
    let many = br#"{"resourceType":"Bundle","entry":[{},{},{},{}]}"#;
    assert_eq!(Bundle::parse(many, &small).err(), Some(BundleError::Json(JsonError::TooMany)));
    let together = Bundle::parse(br#"{"resourceType":"Bundle","entry":[{"resource":{"a":1}},{"resource":{"b":1}}]}"#, &small).unwrap();
    assert!(matches!(together.entries[1].content, Content::Refused(JsonError::TooMany)), "limits hold for the page as a whole");
}

proptest::proptest! {
    #[test]
    fn never_panics(text in r#"[{}\[\]",:a-z0-9\\ ]{0,80}"#) {
        let raw = format!(r#"{{"resourceType":"Bundle","entry":[{{"resource":{text}}}]}}"#);
        let _ = Bundle::parse(raw.as_bytes(), &Limits::PAGE);
        let _ = Bundle::parse(text.as_bytes(), &Limits::PAGE);
        let _ = (Index::read(&text), Header::read(&text), fhir::Outcome::read(&text));
    }

    /// Any kind of value at any element read: absent, never an error.
    #[test]
    fn unexpected_kinds_read_as_absent(
        name in proptest::sample::select(vec!["id", "meta", "subject", "patient", "participant", "code", "type", "period", "effectiveDateTime", "date", "target"]),
        value in proptest::sample::select(vec!["1", "-1.5", "true", "null", "\"x\"", "[]", "{}", "[1,[2],{\"reference\":3}]", "{\"reference\":[],\"coding\":1,\"start\":{},\"security\":\"x\"}", "[null]"]),
    ) {
        let raw = format!(r#"{{"resourceType":"Observation","{name}":{value}}}"#);
        let index = Index::read(&raw);
        proptest::prop_assert!(index.is_ok(), "{raw}");
        proptest::prop_assert!(index.unwrap().patient.is_none());
    }
}
