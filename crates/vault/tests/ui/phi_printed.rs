//! What is protected has no way into a log, an error or a file by accident.
use vault::kernel::Phi;

pub fn printed(name: &Phi<String>) -> String {
    format!("{name}") //~ E0277 `Phi<String>` doesn't implement `std::fmt::Display`
}
