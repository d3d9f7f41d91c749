//! Unlocks the key file of a profile as its only clinician and prints the database's raw key, hexadecimal: what a hunt through a program's
//! memory looks for. Standard input is the passphrase; the keyring is that of the session.
#![allow(clippy::print_stdout, clippy::expect_used, clippy::panic, reason = "a developer command; what does not work ends it")]
use std::path::PathBuf;

use clap::Parser;
use keys::{Factors, FindSecret, KeyFile, OsKeyring, Passphrase, WorkstationSecrets};

#[derive(Parser)]
struct Arguments {
    /// Folder of the profile.
    profile: PathBuf,
}

fn main() {
    let file = KeyFile::read(&vault::Files::new(Arguments::parse().profile.join("vault")).keys()).expect("a key file");
    let mut passphrase = String::new();
    std::io::stdin().read_line(&mut passphrase).expect("a passphrase");
    let passphrase = Passphrase::new(passphrase.trim_end());
    let find: FindSecret<'_> = &|name| Box::new(OsKeyring::new(file.site(), file.device(), name));
    let workstation = WorkstationSecrets::load(&file, find).expect("the keyring");
    let factors = Factors { passphrase: &passphrase, workstation: &workstation, security_key: None };
    let [user] = file.users() else { panic!("one clinician") };
    let open = file.unlock(user.user(), &factors).expect("it unlocks");
    open.database_keys().for_each(|key| key.lend(|hex| println!("{hex}")));
}
