//! The two keys: the wrapping key, which never leaves the token, and the device's secret, which is in it for one session.
use cryptoki::error::{Error, Result as Answer};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use zeroize::Zeroizing;

use super::file::KeyName;
use crate::secret::Key;

/// RFC 3394: 32 bytes become 40.
const WRAP: Mechanism<'static> = Mechanism::AesKeyWrap;

/// Makes the wrapping key in the token. What it may ever do is fixed here: to wrap and to unwrap.
pub fn generate(session: &Session, name: &KeyName) -> Answer<ObjectHandle> {
    let mut template = named(name);
    template.extend([Attribute::ValueLen(32.into()), Attribute::Private(true), Attribute::Wrap(true), Attribute::Unwrap(true)]);
    template.extend([Attribute::Sensitive(true), Attribute::Extractable(false), Attribute::Modifiable(false), Attribute::Copyable(false)]);
    template.extend(no_use());
    session.generate_key(&Mechanism::AesKeyGen, &template)
}

/// Whether the token made the key as it was asked to. One that does not know an attribute does not keep it.
pub fn is_as_promised(session: &Session, key: ObjectHandle) -> Answer<bool> {
    use AttributeType as T;
    let is = [T::Token, T::Private, T::Sensitive, T::AlwaysSensitive, T::NeverExtractable, T::Local, T::Wrap, T::Unwrap];
    let is_not = [T::Extractable, T::Modifiable, T::Copyable, T::Encrypt, T::Decrypt, T::Sign, T::Verify, T::Derive];
    let all = |kinds: &[T], expected| -> Answer<bool> {
        let told = session.get_attributes(key, kinds)?;
        Ok(told.len() == kinds.len() && told.iter().all(|attribute| flag(attribute) == Some(expected)))
    };
    Ok(all(&is, true)? && all(&is_not, false)?)
}

/// The wrapping key of this name, if there is exactly one.
pub fn find(session: &Session, name: &KeyName) -> Answer<Option<ObjectHandle>> {
    match session.find_objects(&named(name))?[..] {
        [] => Ok(None),
        [key] => Ok(Some(key)),
        _ => Err(Error::InvalidValue),
    }
}

/// Puts the device's secret into the token until the session ends, to be wrapped and not to be read.
pub fn import(session: &Session, secret: &Key) -> Answer<ObjectHandle> {
    let mut template = secret_template(true);
    template.push(Attribute::Value(secret.bytes().to_vec()));
    let made = session.create_object(&template);
    if let Some(Attribute::Value(copy)) = template.pop() {
        drop(Zeroizing::new(copy));
    }
    made
}

/// Wraps the device's secret.
pub fn wrap(session: &Session, wrapping: ObjectHandle, secret: ObjectHandle) -> Answer<[u8; 40]> {
    session.wrap_key(&WRAP, wrapping, secret)?.try_into().map_err(|_| Error::InvalidValue)
}

/// Unwraps the device's secret into the token until the session ends.
pub fn unwrap(session: &Session, wrapping: ObjectHandle, wrapped: &[u8; 40]) -> Answer<ObjectHandle> {
    session.unwrap_key(&WRAP, wrapping, wrapped, &secret_template(false))
}

/// The unwrapped device's secret.
pub fn read(session: &Session, secret: ObjectHandle) -> Answer<Key> {
    match session.get_attributes(secret, &[AttributeType::Value])?.pop() {
        Some(Attribute::Value(bytes)) => Key::copied(&Zeroizing::new(bytes)).ok_or(Error::InvalidValue),
        _ => Err(Error::InvalidValue),
    }
}

fn named(name: &KeyName) -> Vec<Attribute> {
    vec![
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::AES),
        Attribute::Token(true),
        Attribute::Label(name.label.as_bytes().to_vec()),
        Attribute::Id(name.id.0.to_vec()),
    ]
}

fn secret_template(sensitive: bool) -> Vec<Attribute> {
    let mut template = vec![
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::GENERIC_SECRET),
        Attribute::Token(false),
        Attribute::Private(true),
        Attribute::Sensitive(sensitive),
        Attribute::Extractable(true),
        Attribute::Wrap(false),
        Attribute::Unwrap(false),
    ];
    template.extend(no_use());
    template
}

/// What no key here is for.
fn no_use() -> [Attribute; 5] {
    [Attribute::Encrypt(false), Attribute::Decrypt(false), Attribute::Sign(false), Attribute::Verify(false), Attribute::Derive(false)]
}

fn flag(attribute: &Attribute) -> Option<bool> {
    use Attribute as A;
    match attribute {
        A::Token(is) | A::Private(is) | A::Sensitive(is) | A::AlwaysSensitive(is) | A::NeverExtractable(is) | A::Local(is) => Some(*is),
        A::Wrap(is) | A::Unwrap(is) | A::Extractable(is) | A::Modifiable(is) | A::Copyable(is) => Some(*is),
        A::Encrypt(is) | A::Decrypt(is) | A::Sign(is) | A::Verify(is) | A::Derive(is) => Some(*is),
        _ => None,
    }
}
