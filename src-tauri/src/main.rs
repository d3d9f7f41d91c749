//! satchel
fn main() {}
