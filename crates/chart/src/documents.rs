//! Notes and documents: DocumentReference, and DiagnosticReport where the report itself is attached.
use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::concept::{self, LOINC};
use crate::directory::Directory;
use crate::html;
use crate::read::{Node, Read, Unexpected, local_id};
use crate::record::{Dated, Resource, StoredRecord, source};
use crate::view::{DocumentRow, DocumentView, NotShown, Source};

/// Longest text opened: 4 MiB of base64.
const LONGEST: usize = 4 << 20;
/// Characters of base64 decoded for an excerpt.
const EXCERPT_BASE64: usize = 640;
/// Characters of an excerpt.
const EXCERPT: usize = 160;

/// Padding is optional: some servers leave it out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true),
);

/// Opens a DocumentReference or a DiagnosticReport; `None` if the record is neither, does not read, names no patient, or
/// is entered in error.
#[must_use]
pub fn open_document(record: &StoredRecord<'_>, directory: &Directory) -> Option<DocumentView> {
    let resource = Resource::parse(record.kind, record.body?).ok()?;
    open(record, resource.node().ok()?, directory).ok()
}

fn open(record: &StoredRecord<'_>, node: Node<'_>, directory: &Directory) -> Read<DocumentView> {
    let source = source(record.kind, node, record.state)?;
    let patient = node.reference("subject")?.and_then(|reference| local_id(reference, "Patient")).ok_or(Unexpected)?;
    let row = match record.kind {
        "DocumentReference" => document(node, source, directory)?,
        "DiagnosticReport" => report(node, source, directory)?,
        _ => return Err(Unexpected),
    };
    if row.item.status == "entered-in-error" {
        return Err(Unexpected);
    }
    let (text, not_shown) = match shown_attachment(&attachments(record.kind, node)?)? {
        Some(attachment) => match text(attachment, LONGEST)? {
            Ok(text) => (Some(text), None),
            Err(why) => (None, Some(why)),
        },
        None => (None, Some(NotShown::Unreadable)),
    };
    Ok(DocumentView { row: row.item, patient: patient.into(), text, not_shown })
}

/// Reads a DocumentReference.
pub(crate) fn document(node: Node<'_>, source: Source, directory: &Directory) -> Read<Dated<DocumentRow>> {
    let status = node.text("status")?.ok_or(Unexpected)?;
    // A current document may itself be unfinished or withdrawn; that is what a reader must know.
    let status = match node.text("docStatus")? {
        Some(own @ ("preliminary" | "amended" | "entered-in-error")) if status == "current" => own,
        _ => status,
    };
    let attachments = attachments("DocumentReference", node)?;
    let first = attachments.first().copied();
    let context = node.object("context")?;
    let serviced = context.map_or(Ok(None), |context| context.object("period"))?.map_or(Ok(None), |period| period.date("start"))?;
    let created = first.map_or(Ok(None), |attachment| attachment.date("creation"))?;
    let date = node.date("date")?.or(serviced).or(created);
    let title = match (concept::words(node, "type")?, node.text("description")?) {
        (Some(kind), _) => Some(kind),
        (None, Some(description)) => Some(description),
        (None, None) => first.map_or(Ok(None), |attachment| attachment.text("title"))?,
    };
    let item = DocumentRow {
        source,
        title: title.or(concept::all_words(node, "category")?.first().copied()).unwrap_or("Document").to_owned(),
        when: date.map(|date| date.display()),
        author: names(&node.objects("author")?, directory)?,
        status: status.to_owned(),
        content_type: content_type(&attachments)?,
        excerpt: excerpt(&attachments)?,
        note: is_note(node, "type")?,
    };
    Ok(Dated::new(item, date))
}

/// Reads a DiagnosticReport with an attached form as a document.
pub(crate) fn report(node: Node<'_>, source: Source, directory: &Directory) -> Read<Dated<DocumentRow>> {
    let attachments = attachments("DiagnosticReport", node)?;
    let period = node.object("effectivePeriod")?.map_or(Ok(None), |period| period.date("start"))?;
    let date = node.date("effectiveDateTime")?.or(period).or(node.date("issued")?);
    let item = DocumentRow {
        source,
        title: concept::words(node, "code")?.ok_or(Unexpected)?.to_owned(),
        when: date.map(|date| date.display()),
        author: names(&node.objects("performer")?, directory)?,
        status: node.text("status")?.ok_or(Unexpected)?.to_owned(),
        content_type: content_type(&attachments)?,
        excerpt: excerpt(&attachments)?,
        note: is_note(node, "code")?,
    };
    Ok(Dated::new(item, date))
}

fn attachments<'a>(kind: &str, node: Node<'a>) -> Read<Vec<Node<'a>>> {
    if kind == "DiagnosticReport" {
        return node.objects("presentedForm");
    }
    let mut all = Vec::new();
    for content in node.objects("content")? {
        all.extend(content.object("attachment")?);
    }
    Ok(all)
}

/// The attachment to show: the first that is text, else the first.
fn shown_attachment<'a>(attachments: &[Node<'a>]) -> Read<Option<Node<'a>>> {
    for attachment in attachments {
        if Media::of(*attachment)?.is_text() {
            return Ok(Some(*attachment));
        }
    }
    Ok(attachments.first().copied())
}

fn content_type(attachments: &[Node<'_>]) -> Read<Option<String>> {
    let shown = shown_attachment(attachments)?;
    Ok(shown.map_or(Ok(None), |attachment| attachment.text("contentType"))?.map(ToOwned::to_owned))
}

fn excerpt(attachments: &[Node<'_>]) -> Read<Option<String>> {
    let Some(attachment) = shown_attachment(attachments)? else { return Ok(None) };
    let Ok(text) = text(attachment, EXCERPT_BASE64)? else { return Ok(None) };
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut shown: String = words.chars().take(EXCERPT).collect();
    if shown.len() < words.len() {
        shown.push('…');
    }
    Ok((!shown.is_empty()).then_some(shown))
}

/// The text of an attachment, of its first `most` characters of base64 for an excerpt.
fn text(attachment: Node<'_>, most: usize) -> Read<Result<String, NotShown>> {
    let media = Media::of(attachment)?;
    if !media.is_text() {
        return Ok(Err(NotShown::OtherType));
    }
    let Some(data) = attachment.exact("data")? else {
        return Ok(Err(if attachment.has("url") { NotShown::NotFetched } else { NotShown::Unreadable }));
    };
    let cut = most < LONGEST && data.len() > most;
    if data.len() > most && !cut {
        return Ok(Err(NotShown::Unreadable));
    }
    let data: Vec<u8> = data.bytes().filter(|b| !b.is_ascii_whitespace()).take(most / 4 * 4).collect();
    let Ok(bytes) = BASE64.decode(data) else { return Ok(Err(NotShown::Unreadable)) };
    Ok(media.decode(&bytes, cut).ok_or(NotShown::Unreadable))
}

/// What a content type promises.
struct Media {
    html: bool,
    text: bool,
    latin1: bool,
    known_charset: bool,
}

impl Media {
    fn of(attachment: Node<'_>) -> Read<Self> {
        let content_type = attachment.text("contentType")?.unwrap_or_default().to_ascii_lowercase();
        let mut parts = content_type.split(';').map(str::trim);
        let media = parts.next().unwrap_or_default();
        let charset = parts.find_map(|part| part.strip_prefix("charset=")).map(|name| name.trim_matches('"'));
        let latin1 = matches!(charset, Some("iso-8859-1" | "latin1" | "windows-1252"));
        Ok(Self {
            html: matches!(media, "text/html" | "application/xhtml+xml"),
            // RTF is markup that no clinician can read.
            text: (media.starts_with("text/") && media != "text/rtf") || media == "application/xhtml+xml",
            latin1,
            known_charset: latin1 || matches!(charset, None | Some("utf-8" | "utf8" | "us-ascii")),
        })
    }

    fn is_text(&self) -> bool {
        self.text
    }

    fn decode(&self, bytes: &[u8], cut: bool) -> Option<String> {
        if !self.known_charset {
            return None;
        }
        let text = if self.latin1 {
            bytes.iter().map(|&byte| char::from(byte)).collect()
        } else {
            match std::str::from_utf8(bytes) {
                Ok(text) => text.to_owned(),
                // An excerpt may end within a character.
                Err(error) if cut && error.error_len().is_none() => String::from_utf8_lossy(bytes.get(..error.valid_up_to())?).into_owned(),
                Err(_) => return None,
            }
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        Some(if self.html { html::to_text(text) } else { text.to_owned() })
    }
}

fn names(references: &[Node<'_>], directory: &Directory) -> Read<Option<String>> {
    let mut names = Vec::new();
    for reference in references {
        names.extend(directory.name(*reference)?);
    }
    Ok((!names.is_empty()).then(|| names.join(", ")))
}

/// Types of the US Core clinical notes (US Core, "Clinical Notes Guidance"), and others written at the point of care.
const NOTES: [&str; 14] = [
    "11488-4", "18842-5", "34117-2", "11506-3", "28570-0", "34111-5", "34109-9", "51847-2", "34746-8", "34748-4", "34133-9", "51848-0",
    "10164-2", "11504-8",
];

fn is_note(node: Node<'_>, kind: &str) -> Read<bool> {
    let category = concept::all_codes(node, "category")?;
    let kinds = concept::codes(node, kind)?;
    let loinc_note = |code: &concept::Code<'_>| code.system == LOINC && NOTES.contains(&code.code);
    Ok(category.iter().any(|code| code.code == "clinical-note") || kinds.iter().chain(&category).any(loinc_note))
}
