//! satchel-cli
fn main() {}
