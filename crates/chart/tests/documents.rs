//! Notes and documents.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
mod support;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chart::view::{DocumentView, NotShown};
use chart::{Directory, open_document};
use support::{chart, loinc, record, stored};

fn document(rest: &str) -> String {
    record("DocumentReference", "d", &format!(r#""status":"current",{rest}"#))
}

fn attached(content_type: &str, bytes: &[u8]) -> String {
    format!(r#""content":[{{"attachment":{{"contentType":"{content_type}","data":"{}"}}}}]"#, STANDARD.encode(bytes))
}

fn open(body: &str) -> Option<DocumentView> {
    open_document(&stored(&support::kind_of(body), body), &Directory::new())
}

#[test]
fn text_of_every_promise() {
    for (content_type, bytes, text) in [
        ("text/plain", "37.2 °C".as_bytes(), "37.2 °C"),
        ("text/plain; charset=UTF-8", b"\xef\xbb\xbfa  b\r\n", "a  b\r\n"),
        ("text/plain;charset=iso-8859-1", b"37 \xb0C", "37 °C"),
        ("TEXT/HTML", b"<p>BP &lt; 140</p>", "BP < 140"),
        ("application/xhtml+xml", b"<div>x</div>", "x"),
        ("text/markdown", b"# Plan", "# Plan"),
    ] {
        let view = open(&document(&attached(content_type, bytes))).unwrap();
        assert_eq!((view.text.as_deref(), view.not_shown, view.patient.as_str()), (Some(text), None, "p"), "{content_type}");
    }
}

#[test]
fn what_cannot_be_shown_says_why() {
    let url = r#""content":[{"attachment":{"contentType":"text/plain","url":"Binary/1"}}]"#;
    let bad = r#""content":[{"attachment":{"contentType":"text/plain","data":"%%%"}}]"#;
    let empty = r#""content":[{"attachment":{"contentType":"text/plain"}}]"#;
    for (content, why) in [
        (attached("application/pdf", b"%PDF"), NotShown::OtherType),
        (attached("text/rtf", b"{rtf}"), NotShown::OtherType),
        (attached("", b"x"), NotShown::OtherType),
        (url.to_owned(), NotShown::NotFetched),
        (bad.to_owned(), NotShown::Unreadable),
        (empty.to_owned(), NotShown::Unreadable),
        (attached("text/plain", b"\xff\xfe"), NotShown::Unreadable),
        (attached("text/plain; charset=utf-16", b"xx"), NotShown::Unreadable),
        (attached("text/plain", &vec![b'x'; 4 << 20]), NotShown::Unreadable),
        (r#""content":[]"#.to_owned(), NotShown::Unreadable),
    ] {
        let view = open(&document(&content)).unwrap();
        assert_eq!((view.text, view.not_shown), (None, Some(why)), "{}", content.get(..60).unwrap_or(&content));
    }
}

#[test]
fn what_is_no_document_does_not_open() {
    let ok = attached("text/plain", b"x");
    assert!(open(&document(&ok)).is_some());
    for body in [
        document(&ok).replace("Patient/p", "Group/p"),
        document(&ok).replace("\"current\"", "\"entered-in-error\""),
        document(&format!(r#""docStatus":"entered-in-error",{ok}"#)),
        record("Observation", "o", r#""status":"final""#),
        "{".to_owned(),
    ] {
        assert!(open(&body).is_none(), "{body}");
    }
}

#[test]
fn rows() {
    let note = format!(
        r#""type":{},"category":[{{"coding":[{{"code":"clinical-note"}}]}}],"date":"2024-03-12T14:05:00-05:00","author":[{{"display":"Dr. X"}},{{"reference":"Practitioner/unknown"}}],{}"#,
        loinc("11506-3", "Progress note"),
        attached("text/plain", format!("Feels\n\n better. {}", "é".repeat(600)).as_bytes())
    );
    let scan = format!(
        r#""docStatus":"preliminary","description":"Scanned letter","context":{{"period":{{"start":"2024-03-10"}}}},{}"#,
        attached("application/pdf", b"x")
    );
    let both = r#""content":[{"attachment":{"contentType":"application/pdf","url":"x","title":"Both"}},{"attachment":{"contentType":"text/plain","data":"aGVsbG8","creation":"2024-03-09"}}]"#;
    let report = format!(
        r#""status":"final","code":{},"effectiveDateTime":"2024-03-11","presentedForm":[{{"contentType":"text/plain","data":"{}"}}]"#,
        loinc("34117-2", "H&P"),
        STANDARD.encode("well")
    );
    let chart = chart(&[
        record("DocumentReference", "1", &format!(r#""status":"current",{note}"#)),
        record("DocumentReference", "2", &format!(r#""status":"current",{scan}"#)),
        record("DocumentReference", "3", &format!(r#""status":"superseded",{both}"#)),
        record("DiagnosticReport", "4", &report),
    ]);
    let rows: Vec<String> = chart
        .documents
        .iter()
        .map(|row| {
            format!(
                "{}|{}|{}|{}|{}",
                row.title,
                row.when.as_deref().unwrap_or("-"),
                row.status,
                row.content_type.as_deref().unwrap_or("-"),
                row.note
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            "Progress note|12-Mar-2024 14:05|current|text/plain|true",
            "H&P|11-Mar-2024|final|text/plain|true",
            "Scanned letter|10-Mar-2024|preliminary|application/pdf|false",
            "Both|-|superseded|text/plain|false",
        ]
    );
    let excerpt = chart.documents[0].excerpt.as_deref().unwrap();
    assert!(excerpt.starts_with("Feels better. éé") && excerpt.ends_with("é…") && excerpt.chars().count() == 161, "{excerpt}");
    assert_eq!(chart.documents[0].author.as_deref(), Some("Dr. X"));
    assert_eq!((chart.documents[2].excerpt.as_deref(), chart.documents[3].excerpt.as_deref()), (None, Some("hello")));
    assert_eq!(chart.reports.len(), 1, "the report stands in both lists");
}
