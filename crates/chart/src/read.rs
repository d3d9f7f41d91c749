//! Reading an element: absent is an answer, an unexpected kind is an error.
//!
//! A record whose element is not what FHIR says it is (a `status` that is a number, a `code` that is a string) must be
//! shown as unreadable: taking the element for absent would show a dose without its unit, or no allergy.
use fhir::{FhirDate, Json, Number, Object, Reference};

/// An element is not what its type promises, or one without which the record says nothing is missing.
#[derive(Debug, thiserror::Error, PartialEq, Eq, Clone, Copy)]
#[error("the record is not what its type promises")]
pub(crate) struct Unexpected;

pub(crate) type Read<T> = Result<T, Unexpected>;

/// An object within a record.
#[derive(Clone, Copy)]
pub(crate) struct Node<'a>(&'a Object);

impl<'a> Node<'a> {
    pub(crate) fn of(json: &'a Json) -> Read<Self> {
        json.as_object().map(Self).ok_or(Unexpected)
    }

    fn member(self, name: &str) -> Option<&'a Json> {
        self.0.get(name).filter(|value| !matches!(value, Json::Null))
    }

    pub(crate) fn has(self, name: &str) -> bool {
        self.member(name).is_some()
    }

    /// Names of the members that begin with `prefix`: finds which of a choice (`value[x]`) is present.
    pub(crate) fn names(self, prefix: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().map(|(name, _)| name).filter(move |name| name.starts_with(prefix))
    }

    /// A string without surrounding white space; an empty one is absent.
    pub(crate) fn text(self, name: &str) -> Read<Option<&'a str>> {
        match self.member(name) {
            None => Ok(None),
            Some(value) => {
                let text = value.as_str().ok_or(Unexpected)?.trim();
                Ok((!text.is_empty()).then_some(text))
            }
        }
    }

    /// A string as it stands, white space included.
    pub(crate) fn exact(self, name: &str) -> Read<Option<&'a str>> {
        self.member(name).map(|value| value.as_str().ok_or(Unexpected)).transpose()
    }

    pub(crate) fn bool(self, name: &str) -> Read<Option<bool>> {
        self.member(name).map(|value| value.as_bool().ok_or(Unexpected)).transpose()
    }

    pub(crate) fn number(self, name: &str) -> Read<Option<&'a Number>> {
        self.member(name).map(|value| value.as_number().ok_or(Unexpected)).transpose()
    }

    pub(crate) fn object(self, name: &str) -> Read<Option<Node<'a>>> {
        self.member(name).map(Node::of).transpose()
    }

    /// The objects of an array; none if it is absent.
    pub(crate) fn objects(self, name: &str) -> Read<Vec<Node<'a>>> {
        match self.member(name) {
            None => Ok(Vec::new()),
            Some(Json::Array(items)) => items.iter().filter(|item| !matches!(item, Json::Null)).map(Node::of).collect(),
            Some(_) => Err(Unexpected),
        }
    }

    /// The strings of an array; `null` stands for one that only has extensions.
    pub(crate) fn texts(self, name: &str) -> Read<Vec<&'a str>> {
        match self.member(name) {
            None => Ok(Vec::new()),
            Some(Json::Array(items)) => {
                let texts =
                    items.iter().filter(|item| !matches!(item, Json::Null)).map(|item| item.as_str().map(str::trim).ok_or(Unexpected));
                texts.filter(|text| *text != Ok("")).collect()
            }
            Some(_) => Err(Unexpected),
        }
    }

    /// The date, if it is one: a text that is no date is unexpected.
    pub(crate) fn date(self, name: &str) -> Read<Option<FhirDate>> {
        self.text(name)?.map(|text| FhirDate::parse(text).ok_or(Unexpected)).transpose()
    }

    /// `reference` of the Reference `name`.
    pub(crate) fn reference(self, name: &str) -> Read<Option<&'a str>> {
        self.object(name)?.map_or(Ok(None), |reference| reference.text("reference"))
    }

    /// The value of the first extension with that url, as the node that holds its `value[x]`.
    pub(crate) fn extension(self, url: &str) -> Read<Option<Node<'a>>> {
        for extension in self.objects("extension")? {
            if extension.text("url")? == Some(url) {
                return Ok(Some(extension));
            }
        }
        Ok(None)
    }
}

/// The id in a local reference to a resource of that type.
pub(crate) fn local_id(reference: &str, kind: &str) -> Option<Box<str>> {
    match Reference::parse(reference) {
        Reference::Local { kind: found, id } if found.as_str() == kind => Some(id.as_str().into()),
        _ => None,
    }
}
