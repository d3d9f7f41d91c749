//! What types must not be able to do, asked of the types themselves.
use access::{Permit, ReadChart};
use kernel::{PatientId, Phi};
use keys::{OpenKeys, PatientKey};
use serde::Serialize;

/// A method found on the wrapper itself, where its bound holds, goes before the trait's.
struct Asked<T>(std::marker::PhantomData<T>);

trait Otherwise {
    fn serializes(&self) -> bool {
        false
    }
    fn displays(&self) -> bool {
        false
    }
    fn clones(&self) -> bool {
        false
    }
}

impl<T> Otherwise for Asked<T> {}

impl<T: Serialize> Asked<T> {
    fn serializes(&self) -> bool {
        true
    }
}

impl<T: std::fmt::Display> Asked<T> {
    fn displays(&self) -> bool {
        true
    }
}

impl<T: Clone> Asked<T> {
    fn clones(&self) -> bool {
        true
    }
}

macro_rules! asked {
    ($type:ty) => {{
        let asked = Asked::<$type>(std::marker::PhantomData);
        (asked.serializes(), asked.displays(), asked.clones())
    }};
}

#[test]
fn what_is_protected_cannot_be_written_out_and_what_is_secret_cannot_be_copied() {
    assert_eq!(asked!(PatientId), (true, true, true), "the question itself works");
    assert_eq!(asked!(Phi<String>), (false, false, true));
    assert_eq!(asked!(Phi<PatientId>), (false, false, true));
    assert_eq!(asked!(OpenKeys), (false, false, false));
    assert_eq!(asked!(PatientKey), (false, false, false));
    assert_eq!(asked!(Permit<'static, ReadChart>), (false, false, false));
    assert_eq!(asked!(vault::OpenVault), (false, false, false));
}
