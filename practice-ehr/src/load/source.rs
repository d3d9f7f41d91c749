//! Files to load: found, decompressed, split into documents.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde_json::Value;

/// A document's resources, each with the `fullUrl` it goes by inside the document.
pub struct Document {
    /// For messages: the file's name, and the line or member.
    pub name: String,
    /// In the document's order.
    pub resources: Vec<(Option<String>, Value)>,
}

/// A document, or the name of one that is not JSON.
pub type Parsed = Result<Document, String>;

/// Synthea's bundles are compressed with a window of up to 2^27 bytes.
const WINDOW_LOG: u32 = 27;

/// Every loadable file at or under `path`: those that others refer to first, then by name.
pub fn files(path: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if path.is_dir() {
        let mut directories = vec![path.to_owned()];
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(directory)? {
                let path = entry?.path();
                match path.is_dir() {
                    true => directories.push(path),
                    false if form(&path).is_some() => found.push(path),
                    false => {}
                }
            }
        }
    } else {
        std::fs::metadata(path)?;
        found.push(path.to_owned());
    }
    found.sort_by_key(|file| (rank(file), file.clone()));
    Ok(found)
}

/// Reads one file.
pub fn documents(file: &Path) -> std::io::Result<Vec<Parsed>> {
    let raw = std::fs::File::open(file)?;
    let plain: Box<dyn Read> = if file.extension().is_some_and(|extension| extension == "zst") {
        let mut decoder = zstd::Decoder::new(raw)?;
        decoder.window_log_max(WINDOW_LOG)?;
        Box::new(decoder)
    } else {
        Box::new(raw)
    };
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    match form(file) {
        Some(Form::Lines) => lines(BufReader::new(plain), &name),
        Some(Form::Archive) => archive(plain, &name),
        _ => Ok(vec![document(BufReader::new(plain), name)]),
    }
}

enum Form {
    Json,
    Lines,
    Archive,
}

fn form(file: &Path) -> Option<Form> {
    let name = file.file_name()?.to_str()?;
    let name = name.strip_suffix(".zst").unwrap_or(name);
    match name.rsplit_once('.')?.1 {
        "json" => Some(Form::Json),
        "ndjson" => Some(Form::Lines),
        "tar" => Some(Form::Archive),
        _ => None,
    }
}

/// Hospitals, then practitioners, then everything else: patients' bundles refer to the former by identifier.
fn rank(file: &Path) -> u8 {
    let name = file.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    match name.as_str() {
        name if name.starts_with("hospital") || name.starts_with("organization.") || name.starts_with("location.") => 0,
        name if name.starts_with("practitioner") => 1,
        _ => 2,
    }
}

fn document(reader: impl Read, name: String) -> Parsed {
    let json: Value = serde_json::from_reader(reader).map_err(|_| name.clone())?;
    // Documents and messages are resources of their own; other bundles are only a way to carry resources.
    let carries = json["resourceType"] == "Bundle"
        && json["type"].as_str().is_some_and(|kind| ["transaction", "batch", "collection", "searchset"].contains(&kind));
    if !carries {
        return Ok(Document { name, resources: vec![(None, json)] });
    }
    let Value::Object(mut bundle) = json else { return Err(name) };
    let Some(Value::Array(entries)) = bundle.remove("entry") else {
        return Ok(Document { name, resources: vec![] });
    };
    let resources = entries.into_iter().map(|mut entry| (entry["fullUrl"].as_str().map(String::from), entry["resource"].take())).collect();
    Ok(Document { name, resources })
}

fn lines(reader: impl BufRead, name: &str) -> std::io::Result<Vec<Parsed>> {
    let mut documents = Vec::new();
    for (number, line) in reader.lines().enumerate() {
        let line = line?;
        if !line.trim().is_empty() {
            documents.push(document(line.as_bytes(), format!("{name}:{}", number + 1)));
        }
    }
    Ok(documents)
}

fn archive(reader: impl Read, name: &str) -> std::io::Result<Vec<Parsed>> {
    let mut documents = Vec::new();
    for entry in tar::Archive::new(reader).entries()? {
        let entry = entry?;
        let path = entry.path()?.into_owned();
        if path.extension().is_some_and(|extension| extension == "json") {
            documents.push(document(entry, format!("{name}:{}", path.display())));
        }
    }
    Ok(documents)
}
