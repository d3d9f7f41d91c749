//! The chain for readers elsewhere: one link, one record of the chosen form. A page is the records of its links.
use kernel::DeviceId;
use serde_json::value::RawValue;

use crate::chain::Link;
use crate::entry::{Entry, Outcome};
use crate::event::audit_event;

/// How the chain is exported.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Form {
    /// One JSON object a line: the entry's bytes as they were hashed, its digest and MAC. The only form that can be verified again.
    #[default]
    Ndjson,
    /// One FHIR R4 AuditEvent a line (IHE BALP).
    Balp,
    /// RFC 4180, a header first; for spreadsheets.
    Csv,
}

const COLUMNS: [&str; 25] = [
    "log_id",
    "sequence",
    "at",
    "user",
    "practitioner",
    "role",
    "action",
    "outcome",
    "patient",
    "resource_type",
    "resource_id",
    "purpose",
    "detail",
    "before",
    "after",
    "address",
    "device",
    "system",
    "client",
    "workstation",
    "boot",
    "boot_ms",
    "correlation",
    "digest",
    "mac",
];

impl Form {
    /// What stands before the first record.
    #[must_use]
    pub fn header(self) -> String {
        match self {
            Self::Ndjson | Self::Balp => String::new(),
            Self::Csv => row(COLUMNS.map(str::to_owned)),
        }
    }

    /// A link's record, its line end included. An entry that cannot be read has one too, which says so.
    #[must_use]
    pub fn record(self, device: &DeviceId, link: &Link) -> String {
        let entry: Option<Entry> = serde_json::from_slice(&link.body).ok();
        match self {
            Self::Ndjson => plain(link),
            Self::Balp => format!("{}\n", audit_event(device, link.sequence, entry.as_ref())),
            Self::Csv => row(cells(link, entry)),
        }
    }
}

fn plain(link: &Link) -> String {
    let body = String::from_utf8_lossy(&link.body).into_owned();
    // A line end within the body would tear the line apart; ours have none.
    let entry = RawValue::from_string(body).ok().filter(|raw| !raw.get().contains(['\n', '\r']));
    let entry = entry.as_ref().map_or("null", |raw| raw.get());
    let (digest, mac) = (String::from(link.digest), String::from(link.mac));
    format!("{{\"sequence\":{},\"entry\":{entry},\"digest\":\"{digest}\",\"mac\":\"{mac}\"}}\n", link.sequence)
}

fn cells(link: &Link, entry: Option<Entry>) -> [String; COLUMNS.len()] {
    let (sequence, digest, mac) = (link.sequence.to_string(), String::from(link.digest), String::from(link.mac));
    let Some(entry) = entry else {
        let mut cells = [const { String::new() }; COLUMNS.len()];
        (cells[1], cells[6], cells[23], cells[24]) = (sequence, "unreadable".to_owned(), digest, mac);
        return cells;
    };
    let Entry { at, boot_id, boot_ms, actor, action, outcome, subject, workstation, address, client, correlation, log_id, device, .. } =
        entry;
    let (user, practitioner, role) =
        actor.map_or_else(Default::default, |actor| (actor.user.to_string(), actor.practitioner.to_string(), actor.role));
    let (kind, id) = subject.record.map_or_else(Default::default, |(kind, id)| (kind.to_string(), id.to_string()));
    let (device, system) = device.map_or_else(Default::default, |device| (device.id.to_string(), device.system));
    let outcome = match outcome {
        Outcome::Allowed => "allowed",
        Outcome::Refused => "refused",
        Outcome::Failed => "failed",
    };
    let text = |digest: Option<crate::Digest>| digest.map(String::from).unwrap_or_default();
    [
        log_id.map(|id| id.to_string()).unwrap_or_default(),
        sequence,
        at,
        user,
        practitioner,
        role,
        action.as_str().to_owned(),
        outcome.to_owned(),
        subject.patient.map(|id| id.to_string()).unwrap_or_default(),
        kind,
        id,
        subject.purpose.unwrap_or_default(),
        subject.detail.unwrap_or_default(),
        text(subject.before),
        text(subject.after),
        address.unwrap_or_default(),
        device,
        system,
        client,
        workstation,
        boot_id,
        boot_ms.to_string(),
        correlation.to_string(),
        digest,
        mac,
    ]
}

/// RFC 4180: every cell in quotes, quotes doubled, CRLF at the end.
fn row<const N: usize>(cells: [String; N]) -> String {
    let quoted = cells.map(|cell| format!("\"{}\"", harmless(&cell).replace('"', "\"\"")));
    format!("{}\r\n", quoted.join(","))
}

/// A spreadsheet takes a cell for a formula that begins with one of these (OWASP, "CSV Injection"); an apostrophe before it makes it text.
/// The same behind whatever a careless reader takes for a cell's end: quotes, separators, line ends.
fn harmless(cell: &str) -> String {
    let mut safe = String::with_capacity(cell.len());
    let mut begins = true;
    for character in cell.chars() {
        let formula = matches!(character, '=' | '+' | '-' | '@' | '\t' | '\r' | '＝' | '＋' | '－' | '＠');
        if begins && formula {
            safe.push('\'');
        }
        safe.push(character);
        begins = matches!(character, '"' | '\'' | ',' | ';' | '\n' | '\r' | '\t') || (begins && character == ' ');
    }
    safe
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use kernel::{CorrelationId, Instants, LogId, Moment, PatientId, PractitionerId, RecordId, ResourceType, UserId};
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::chain::{Digest, Head, Mac, link};
    use crate::entry::{Action, Actor, Device, Origin, Subject};

    struct NoKey;
    impl Mac for NoKey {
        fn mac(&self, _: &[u8]) -> Digest {
            Digest([9; 32])
        }
    }

    fn ward() -> DeviceId {
        DeviceId::new("ward-3").unwrap()
    }

    fn made(role: &str, detail: &str) -> Link {
        let practitioner = PractitionerId::new("prac-ada").unwrap();
        let origin = Origin {
            actor: Some(Actor { user: UserId::new("ada").unwrap(), practitioner, role: role.into() }),
            at: Instants { wall: "2026-03-01T08:00:00.250Z".parse().unwrap(), boot: Moment(7) },
            boot_id: "b".into(),
            correlation: CorrelationId::parse("00000000-0000-4000-8000-000000000001").unwrap(),
            workstation: "desk-1".into(),
            address: Some("10.0.0.7".into()),
            client: "0.1.0",
            device: Some(Device { id: ward(), system: "Linux 6.1".into() }),
        };
        let subject = Subject {
            patient: Some(PatientId::new("pat-1").unwrap()),
            record: Some((ResourceType::new("Observation").unwrap(), RecordId::new("obs-1").unwrap())),
            purpose: Some("ETREAT".into()),
            detail: Some(detail.into()),
            after: Some(Digest([7; 32])),
            ..Subject::default()
        };
        let mut entry = Entry::new(1, &origin, Action::SignNote, Outcome::Allowed, subject);
        entry.log_id = LogId::parse("00000000-0000-4000-8000-000000000002");
        link(&Head::EMPTY, &entry, &NoKey).unwrap()
    }

    /// Reads RFC 4180 as its grammar says, quotes everywhere.
    fn read(csv: &str) -> Vec<Vec<String>> {
        let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
        let mut characters = csv.chars().peekable();
        while let Some(character) = characters.next() {
            match (quoted, character) {
                (true, '"') if characters.peek() == Some(&'"') => cell.push(characters.next().unwrap()),
                (_, '"') => quoted = !quoted,
                (false, ',') => row.push(std::mem::take(&mut cell)),
                (false, '\r') => assert_eq!(characters.next(), Some('\n')),
                (false, other) => panic!("{other} outside quotes"),
                (true, other) => cell.push(other),
            }
            if character == '\r' && !quoted {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
        }
        rows
    }

    #[test]
    fn the_csv_form_is_frozen() {
        let text = Form::Csv.header() + &Form::Csv.record(&ward(), &made("physician", "60 min, \"quoted\""));
        assert_eq!(text, include_str!("../vectors/export.csv"));
        let rows = read(&text);
        assert_eq!((rows.len(), rows[0].len(), rows[1].len()), (2, COLUMNS.len(), COLUMNS.len()));
        assert_eq!(rows[1][12], "60 min, \"quoted\"");
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        for (cell, safe) in [
            ("=1+1", "'=1+1"),
            ("+49", "'+49"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t'=1"),
            ("\r=1", "'\r'=1"),
            ("  =1", "  '=1"),
            ("a\n=1", "a\n'=1"),
            ("a\",=1", "a\",'=1"),
            ("a;=1", "a;'=1"),
            ("＝1", "'＝1"),
            ("1-2=3 a@b", "1-2=3 a@b"),
            ("2026-03-01T08:00:00Z", "2026-03-01T08:00:00Z"),
        ] {
            assert_eq!(harmless(cell), safe);
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_back_in_its_own_cell_and_never_begins_as_a_formula(detail in "[ =+@\\-\"',;\\r\\n\\ta-c＝]{0,12}", role in "[=+\"\\n a]{0,8}") {
            let rows = read(&Form::Csv.record(&ward(), &made(&role, &detail)));
            prop_assert_eq!(rows.len(), 1);
            prop_assert_eq!(rows[0].len(), COLUMNS.len());
            prop_assert_eq!(&rows[0][12], &harmless(&detail));
            for cell in &rows[0] {
                prop_assert!(!cell.trim_start_matches(' ').starts_with(['=', '+', '-', '@', '\t', '\r', '＝']), "{cell:?}");
            }
        }
    }

    #[test]
    fn lines_are_whole_objects_and_an_unreadable_entry_is_one_too() {
        for form in [Form::Ndjson, Form::Balp] {
            for link in [made("physician", "a\nb"), Link { body: b"{\"sequence\"".to_vec(), ..made("x", "y") }] {
                let line = form.record(&ward(), &link);
                assert!(line.ends_with('\n') && line.lines().count() == 1, "{line}");
                serde_json::from_str::<Value>(&line).unwrap();
            }
        }
        let link = made("physician", "60 min");
        let line: Value = serde_json::from_str(&Form::Ndjson.record(&ward(), &link)).unwrap();
        assert_eq!((&line["entry"]["action"], &line["digest"]), (&"sign_note".into(), &String::from(link.digest).into()));
        assert!(Form::Ndjson.record(&ward(), &link).contains(std::str::from_utf8(&link.body).unwrap()), "byte for byte");
        let unreadable = Link { body: b"x".to_vec(), ..link };
        assert!(read(&Form::Csv.record(&ward(), &unreadable))[0].contains(&"unreadable".to_owned()));
    }
}
