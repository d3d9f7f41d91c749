//! Elements read from records whose shapes differ by type and by server: a value of an unexpected kind reads as absent,
//! it does not fail the record. Text is borrowed where it holds no escape.
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Implements the visitor methods that read as absent.
macro_rules! absent {
    ($($method:ident($kind:ty)),*) => {
        $(fn $method<E>(self, _: $kind) -> Result<Self::Value, E> { Ok(Self::Value::default()) })*
    };
}

macro_rules! drain {
    (seq) => {
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            Ok(Self::Value::default())
        }
    };
    (map) => {
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok(Self::Value::default())
        }
    };
}

macro_rules! loose {
    ($name:ident, $visitor:ident, { $($body:item)* }) => {
        struct $visitor<'de>(PhantomData<&'de ()>);

        impl<'de> Visitor<'de> for $visitor<'de> {
            type Value = $name<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any JSON value")
            }
            absent!(visit_bool(bool), visit_i64(i64), visit_u64(u64), visit_f64(f64));
            fn visit_unit<E>(self) -> Result<Self::Value, E> { Ok(Self::Value::default()) }
            $($body)*
        }

        impl<'de: 'a, 'a> Deserialize<'de> for $name<'a> {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                from.deserialize_any($visitor(PhantomData))
            }
        }
    };
}

/// A string.
#[derive(Default, Clone)]
pub(crate) struct Text<'a>(pub(crate) Option<Cow<'a, str>>);

impl Text<'_> {
    pub(crate) fn as_deref(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

loose!(Text, TextVisitor, {
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Text(Some(Cow::Borrowed(text))))
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Text(Some(Cow::Owned(text.to_owned()))))
    }
    drain!(seq);
    drain!(map);
});

/// Strings of an array.
#[derive(Default)]
pub(crate) struct Texts<'a>(pub(crate) Vec<Cow<'a, str>>);

loose!(Texts, TextsVisitor, {
    absent!(visit_str(&str));
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(Text(text)) = seq.next_element()? {
            all.extend(text);
        }
        Ok(Texts(all))
    }
    drain!(map);
});

/// `reference` of a Reference, of each in an array, or of the one inside a backbone element such as `participant.actor`.
#[derive(Default)]
pub(crate) struct References<'a> {
    first: Option<Cow<'a, str>>,
    more: Vec<Cow<'a, str>>,
}

impl<'a> References<'a> {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.first.iter().chain(&self.more).map(AsRef::as_ref)
    }

    fn push(&mut self, text: Cow<'a, str>) {
        if self.first.is_none() {
            self.first = Some(text);
        } else {
            self.more.push(text);
        }
    }

    fn append(&mut self, other: Self) {
        for text in other.first.into_iter().chain(other.more) {
            self.push(text);
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum ReferenceField {
    Reference,
    Actor,
    Individual,
    Member,
    Entity,
    What,
    Who,
    Other,
    Target,
    #[serde(other)]
    Unknown,
}

loose!(References, ReferencesVisitor, {
    absent!(visit_str(&str));
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut all = References::default();
        while let Some(found) = seq.next_element()? {
            all.append(found);
        }
        Ok(all)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut all = References::default();
        while let Some(field) = map.next_key()? {
            match field {
                ReferenceField::Reference => {
                    let Text(text) = map.next_value()?;
                    text.into_iter().for_each(|text| all.push(text));
                }
                ReferenceField::Unknown => {
                    map.next_value::<IgnoredAny>()?;
                }
                _ => all.append(map.next_value()?),
            }
        }
        Ok(all)
    }
});

/// A date, or where a Period begins (or ends, if it has no beginning).
#[derive(Default)]
pub(crate) struct When<'a>(pub(crate) Option<Cow<'a, str>>);

#[derive(serde::Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum PeriodField {
    Start,
    End,
    #[serde(other)]
    Unknown,
}

loose!(When, WhenVisitor, {
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(When(Some(Cow::Borrowed(text))))
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(When(Some(Cow::Owned(text.to_owned()))))
    }
    drain!(seq);
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut start, mut end) = (Text::default(), Text::default());
        while let Some(field) = map.next_key()? {
            match field {
                PeriodField::Start => start = map.next_value()?,
                PeriodField::End => end = map.next_value()?,
                PeriodField::Unknown => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(When(start.0.or(end.0)))
    }
});

/// `system` and `code` of a Coding.
#[derive(serde::Deserialize, Default)]
pub(crate) struct Coding<'a> {
    #[serde(borrow, default)]
    pub(crate) system: Text<'a>,
    #[serde(borrow, default)]
    pub(crate) code: Text<'a>,
}

/// The coding a record is filed by: the first of LOINC, else the first with a code; of a CodeableConcept, of an array of them,
/// or a Coding itself. Laboratories write their own code beside LOINC in either order, and one test must stay one series.
#[derive(Default)]
pub(crate) struct Concept<'a>(pub(crate) Option<Coding<'a>>);

impl Concept<'_> {
    fn is_loinc(&self) -> bool {
        self.0.as_ref().is_some_and(|coding| coding.system.as_deref() == Some("http://loinc.org"))
    }
}

#[derive(serde::Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum ConceptField {
    Coding,
    System,
    Code,
    #[serde(other)]
    Unknown,
}

loose!(Concept, ConceptVisitor, {
    absent!(visit_str(&str));
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut found = Concept::default();
        while let Some(next) = seq.next_element::<Concept<'de>>()? {
            if found.0.is_none() || (next.is_loinc() && !found.is_loinc()) {
                found = next;
            }
        }
        Ok(found)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut inner, mut own) = (Concept::default(), Coding::default());
        while let Some(field) = map.next_key()? {
            match field {
                ConceptField::Coding => inner = map.next_value()?,
                ConceptField::System => own.system = map.next_value()?,
                ConceptField::Code => own.code = map.next_value()?,
                ConceptField::Unknown => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Concept(inner.0.or_else(|| own.code.0.is_some().then_some(own))))
    }
});

/// `meta.security` and the like: every Coding of an array; other kinds read as none.
#[derive(Default)]
pub(crate) struct Codings<'a>(pub(crate) Vec<Concept<'a>>);

loose!(Codings, CodingsVisitor, {
    absent!(visit_str(&str));
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(concept) = seq.next_element()? {
            all.push(concept);
        }
        Ok(Codings(all))
    }
    drain!(map);
});

/// An object and nothing else: `serde` by itself would also fill a struct from an array, by position.
pub(crate) struct Strict<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Strict<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct ObjectVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
            type Value = Strict<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Strict)
            }
        }
        from.deserialize_map(ObjectVisitor(PhantomData))
    }
}

/// `meta`.
#[derive(Default)]
pub(crate) struct Meta<'a> {
    pub(crate) version_id: Text<'a>,
    pub(crate) last_updated: Text<'a>,
    pub(crate) security: Codings<'a>,
    pub(crate) profile: Texts<'a>,
}

#[derive(serde::Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum MetaField {
    VersionId,
    LastUpdated,
    Security,
    Profile,
    #[serde(other)]
    Unknown,
}

loose!(Meta, MetaVisitor, {
    absent!(visit_str(&str));
    drain!(seq);
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut meta = Meta::default();
        while let Some(field) = map.next_key()? {
            match field {
                MetaField::VersionId => meta.version_id = map.next_value()?,
                MetaField::LastUpdated => meta.last_updated = map.next_value()?,
                MetaField::Security => meta.security = map.next_value()?,
                MetaField::Profile => meta.profile = map.next_value()?,
                MetaField::Unknown => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(meta)
    }
});
