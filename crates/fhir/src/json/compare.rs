//! When two values are the same.
use super::tree::{Json, Object};

/// Without order, as RFC 8259 §4 defines an object.
impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        if self.len() != other.len() {
            return false;
        }
        // Two readings of one record nearly always have the same order.
        if self.iter().zip(other.iter()).all(|((a, _), (b, _))| a == b) {
            return self.iter().zip(other.iter()).all(|((_, a), (_, b))| a == b);
        }
        let (left, right) = (sorted(self), sorted(other));
        left.iter().zip(&right).all(|((a, _), (b, _))| a == b) && left.iter().zip(&right).all(|((_, a), (_, b))| a == b)
    }
}

impl Eq for Object {}

fn sorted(object: &Object) -> Vec<(&str, &Json)> {
    let mut members: Vec<_> = object.iter().collect();
    members.sort_unstable_by_key(|(name, _)| *name);
    members
}

/// Whether two forms of a resource differ at most in what a server writes itself on every update.
///
/// Left out: `meta.versionId` and `meta.lastUpdated`, which R4 §2.27.1 makes the server's; `meta.source`, which servers
/// overwrite with the id of the request; and a `meta` that holds nothing else. Labels, tags and profiles count: they are
/// clinical policy. So do digits: a server that turns `7.20` into `7.2` has changed the record.
#[must_use]
pub fn equal_apart_from_server_meta(a: &Json, b: &Json) -> bool {
    without_server_meta(a) == without_server_meta(b)
}

fn without_server_meta(resource: &Json) -> Json {
    let mut copy = resource.clone();
    if let Json::Object(object) = &mut copy
        && let Some(Json::Object(meta)) = object.get_mut("meta")
    {
        for name in ["versionId", "lastUpdated", "source"] {
            meta.remove(name);
        }
        if meta.is_empty() {
            object.remove("meta");
        }
    }
    copy
}
