//! Satchel from a terminal: the desk's use-cases, for administrators and scripts.
//!
//! As thin as the shell: each command hands over to [`desk`] and prints what it answers. It goes through the same permits and the
//! same audit chain, prints no PHI but what was asked for, and ends with a code that a script can act on ([`failure`]).
mod answers;
mod arguments;
mod clean;
mod commands;
mod failure;
mod hardening;
mod notices;
mod opened;
mod page;
mod show;
mod stdin;
mod terminal;

use std::alloc::System;
use std::process::ExitCode;

use clap::Parser as _;
use zeroizing_alloc::ZeroAlloc;

/// Whatever was allocated is overwritten when it is freed.
#[global_allocator]
static ALLOCATOR: ZeroAlloc<System> = ZeroAlloc(System);

fn main() -> ExitCode {
    hardening::harden();
    let arguments = match arguments::Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(failure::USAGE) } else { ExitCode::SUCCESS };
        }
    };
    let terminal = match terminal::Terminal::new(arguments.common) {
        Ok(terminal) => terminal,
        Err(failure) => return failure.exit(false),
    };
    match arguments.command.run(&terminal) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.exit(terminal.json()),
    }
}
