//! The bounded parser against `serde_json`, and against input made to hurt.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
use fhir::{Json, JsonError, Limits, Number, Object, PointerError, equal_apart_from_server_meta, scan};
use proptest::prelude::*;

const LIMITS: Limits = Limits { bytes: 1 << 20, depth: 40, nodes: 10_000 };

fn parse(text: &str) -> Json {
    Json::parse(text.as_bytes(), &LIMITS).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn refused(bytes: &[u8]) -> JsonError {
    let by_scan = scan(bytes, &LIMITS).err();
    assert_eq!(Json::parse(bytes, &LIMITS).err(), by_scan, "scan and parse agree");
    by_scan.expect("refused")
}

#[test]
fn keeps_order_digits_and_characters() {
    let text = r#"{"z":1.10,"a":[-0,1E+2,0.000],"é\u0000":"\ud83d\ude00\/\"\\\n","":{},"n":null,"t":true,"f":false}"#;
    let back = r#"{"z":1.10,"a":[-0,1E+2,0.000],"é\u0000":"😀/\"\\\n","":{},"n":null,"t":true,"f":false}"#;
    assert_eq!(parse(text).to_text(), back);
    assert_eq!(parse(" \t\r\n[ ] ").to_text(), "[]");
}

#[test]
fn refuses_by_name() {
    for (bytes, error) in [
        (&br#"{"a":1,"a":2}"#[..], JsonError::DuplicateKey),
        (br#"{"a":1,"\u0061":2}"#, JsonError::DuplicateKey),
        (br#"[{"a":{"b":1},"b":1,"a":2}]"#, JsonError::DuplicateKey),
        (br#""\ud800""#, JsonError::LoneSurrogate),
        (br#""\ud800\u0041""#, JsonError::LoneSurrogate),
        (br#""\udc00""#, JsonError::LoneSurrogate),
        (b"\"\xff\"", JsonError::NotUtf8),
        (b"\"\xed\xa0\x80\"", JsonError::NotUtf8),
        (b"1 2", JsonError::Trailing),
        (b"{}x", JsonError::Trailing),
        (b"", JsonError::Syntax),
        (b"\xef\xbb\xbf{}", JsonError::Syntax),
    ] {
        assert_eq!(refused(bytes), error, "{:?}", String::from_utf8_lossy(bytes));
    }
    for text in [
        "{",
        "[1,]",
        "[,1]",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{a:1}",
        "{1:1}",
        "[1}",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "+1",
        "NaN",
        "tru",
        "truex",
        "\"a",
        "\"\t\"",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\\u12",
        "'a'",
        "[1 2]",
        "{\"a\":1 \"b\":2}",
        "]",
        "/**/1",
        "\"\\",
    ] {
        let error = refused(text.as_bytes());
        assert!(matches!(error, JsonError::Syntax | JsonError::Trailing), "{text}: {error}");
    }
}

#[test]
fn limits_hold() {
    let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    assert!(scan(deep(40).as_bytes(), &LIMITS).is_ok());
    assert_eq!(refused(deep(41).as_bytes()), JsonError::TooDeep);
    assert_eq!(refused("[".repeat(900_000).as_bytes()), JsonError::TooDeep);
    let unbounded = Limits { bytes: usize::MAX, depth: usize::MAX, nodes: usize::MAX };
    assert_eq!(scan(deep(121).as_bytes(), &unbounded), Err(JsonError::TooDeep), "deeper than any limit may allow");
    assert_eq!(refused(format!("[{}1]", "1,".repeat(9_999)).as_bytes()), JsonError::TooMany);
    assert_eq!(refused(" ".repeat((1 << 20) + 1).as_bytes()), JsonError::TooLong);
}

#[test]
fn many_members_stay_cheap_and_checked() {
    let members = |n: usize| (0..n).map(|i| format!("\"k{i}\":0")).collect::<Vec<_>>().join(",");
    assert!(scan(format!("{{{}}}", members(9_000)).as_bytes(), &LIMITS).is_ok());
    assert_eq!(refused(format!("{{{},\"k17\":0}}", members(9_000)).as_bytes()), JsonError::DuplicateKey);
}

#[test]
fn equality_is_of_values_with_digits() {
    assert_eq!(parse(r#"{"a":1,"b":[1,2]}"#), parse(r#"{"b":[1,2],"a":1}"#));
    assert_ne!(parse("[1,2]"), parse("[2,1]"));
    assert_ne!(parse("1.10"), parse("1.1"));
    assert_ne!(parse(r#"{"a":1}"#), parse(r#"{"a":1,"b":null}"#));
    assert_ne!(parse(r#"{"a":1,"b":2}"#), parse(r#"{"b":1,"a":2}"#));
}

#[test]
fn server_meta_alone_does_not_differ() {
    let sent = r#"{"resourceType":"Observation","id":"1","valueQuantity":{"value":7.20}}"#;
    let back = r##"{"id":"1","meta":{"versionId":"2","lastUpdated":"2024-01-01T00:00:00Z","source":"#x"},"resourceType":"Observation","valueQuantity":{"value":7.20}}"##;
    assert!(equal_apart_from_server_meta(&parse(sent), &parse(back)));
    for changed in [back.replace("7.20", "7.2"), back.replace(r#""source":"#, r##""tag":"##), back.replace(r#""id":"1""#, r#""id":"2""#)] {
        assert!(!equal_apart_from_server_meta(&parse(sent), &parse(&changed)), "{changed}");
    }
}

#[test]
fn edits_touch_nothing_else() {
    let mut patient = parse(r#"{"x":1.0,"name":[{"family":"A","given":["B"]}],"a/b~c":0,"y":1e2}"#);
    assert_eq!(patient.pointer("/name/0/given/0").and_then(Json::as_str), Some("B"));
    assert_eq!(patient.pointer("/a~1b~0c").map(Json::to_text).as_deref(), Some("0"));
    assert_eq!(patient.pointer("").map(Json::to_text), Some(patient.to_text()));
    for absent in ["/name/1", "/name/00", "/name/-", "/x/y", "name", "/name/0/given/+0"] {
        assert!(patient.pointer(absent).is_none(), "{absent}");
    }
    patient.set("/name/0/family", "Z".into()).unwrap();
    patient.set("/name/0/given/-", "C".into()).unwrap();
    patient.set("/new", Json::Number(Number::new("7.20").unwrap())).unwrap();
    assert_eq!(patient.to_text(), r#"{"x":1.0,"name":[{"family":"Z","given":["B","C"]}],"a/b~c":0,"y":1e2,"new":7.20}"#);
    assert_eq!(patient.set("/name/3", Json::Null), Err(PointerError::Nowhere));
    assert_eq!(patient.set("/x/y", Json::Null), Err(PointerError::Nowhere));
    assert_eq!(patient.set("x", Json::Null), Err(PointerError::NotAPointer));
    assert!(Number::new("1 ").is_none() && Number::new("").is_none() && Number::new("1a").is_none());
    assert_eq!(patient.as_object_mut().and_then(|object| object.remove("x")).map(|x| x.to_text()).as_deref(), Some("1.0"));
    let built: Object = [("a".to_owned(), Json::from(true)), ("a".to_owned(), Json::Null)].into_iter().collect();
    assert_eq!(Json::from(built).to_text(), r#"{"a":null}"#);
}

#[test]
fn debug_shows_nothing() {
    assert_eq!(format!("{:?}", parse(r#"{"family":"Okonkwo"}"#)), "Json(redacted)");
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..24).prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn reads_as_serde_json_does(value in any_json(), pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
        let ours = parse(&text);
        let again: serde_json::Value = serde_json::from_str(&ours.to_text()).unwrap();
        prop_assert_eq!(again, serde_json::from_str::<serde_json::Value>(&text).unwrap());
        prop_assert!(parse(&ours.to_text()) == ours);
        prop_assert!(scan(text.as_bytes(), &LIMITS).is_ok());
    }

    #[test]
    fn agrees_with_serde_json_on_damaged_text(value in any_json(), at in any::<prop::sample::Index>(), byte: u8, cut: bool) {
        let mut bytes = serde_json::to_vec(&value).unwrap();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at) } else { bytes[at] = byte }
        let theirs = serde_json::from_slice::<serde_json::Value>(&bytes);
        match Json::parse(&bytes, &LIMITS) {
            // A number too large for a double is the one thing kept here and refused there.
            Ok(tree) => prop_assert!(theirs.as_ref().is_ok_and(|v| *v == serde_json::from_str::<serde_json::Value>(&tree.to_text()).unwrap())
                || theirs.is_err_and(|e| e.to_string().contains("number out of range"))),
            Err(error) => prop_assert!(theirs.is_err() || error == JsonError::DuplicateKey, "{error}"),
        }
    }

    #[test]
    fn never_panics(bytes in prop::collection::vec(prop_oneof![
        Just(b'"'), Just(b'\\'), Just(b'u'), Just(b'd'), Just(b'8'), Just(b'{'), Just(b'}'), Just(b'['), Just(b']'), Just(b':'), Just(b','), any::<u8>(),
    ], 0..64)) {
        let tree = Json::parse(&bytes, &LIMITS);
        prop_assert_eq!(tree.as_ref().err().copied(), scan(&bytes, &LIMITS).err());
        prop_assert_eq!(tree.is_ok(), scan(&bytes, &LIMITS).is_ok());
    }
}
