//! Standard input: a passphrase on its first line, and what comes after it.
//!
//! Read past the standard library's buffer, byte by byte up to the line's end: no copy of the passphrase stays behind, and what
//! follows is still there to be read.
use std::fs::File;
use std::io::{self, IsTerminal as _, Read, Write as _};
use std::os::fd::AsFd as _;

use desk::view::TokenView;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use crate::clean;
use crate::failure::Failure;

/// Longest passphrase: 256 characters of four bytes.
const LONGEST: usize = 1024;

/// The passphrase: typed unseen after `prompt` where standard input is a terminal, else its first line, if that was `asked` for.
///
/// # Errors
/// [`Failure::Usage`] if there is none.
pub fn passphrase(prompt: &str, asked: bool) -> Result<Zeroizing<String>, Failure> {
    let terminal = io::stdin().is_terminal();
    if !terminal && !asked {
        return Err(Failure::Usage("a passphrase is needed: --passphrase-stdin reads it from the first line of standard input"));
    }
    let _unseen = terminal.then(|| Unseen::begin(prompt)).flatten();
    first_line(&mut input()?)
}

/// The PIN of a token, as [`passphrase`]: the next line.
///
/// # Errors
/// [`Failure::Usage`] if there is none.
pub fn pin(token: &TokenView, asked: bool) -> Result<Zeroizing<String>, Failure> {
    let prompt = token.label.as_ref().map_or_else(|| "PIN of the token".to_owned(), |label| format!("PIN of the token {label}"));
    passphrase(&clean::line(&prompt), asked).map_err(|_| Failure::Usage("the token's PIN is needed: the line after the passphrase"))
}

/// Whether somebody is typing.
pub fn is_typed() -> bool {
    io::stdin().is_terminal()
}

/// Waits for the end of a line; whether there was one.
pub fn enter() -> bool {
    let Ok(mut input) = input() else { return false };
    let mut byte = [0];
    while input.read(&mut byte).is_ok_and(|read| read == 1) {
        if byte[0] == b'\n' {
            return true;
        }
    }
    false
}

/// What follows the passphrase, up to the end.
///
/// # Errors
/// [`Failure::Usage`] if it is no UTF-8 text or longer than `limit` bytes.
pub fn rest(limit: usize) -> Result<Zeroizing<String>, Failure> {
    text(&mut input()?, limit)
}

/// A file as text.
///
/// # Errors
/// [`Failure::Usage`] if it cannot be read, is no UTF-8 text or longer than `limit` bytes.
pub fn file(path: &std::path::Path, limit: usize) -> Result<Zeroizing<String>, Failure> {
    text(&mut File::open(path).map_err(|_| Failure::Usage("the file cannot be opened"))?, limit)
}

fn input() -> Result<File, Failure> {
    let descriptor = io::stdin().as_fd().try_clone_to_owned();
    descriptor.map(File::from).map_err(|_| Failure::Usage("there is no standard input"))
}

fn first_line(input: &mut impl Read) -> Result<Zeroizing<String>, Failure> {
    let mut line = Zeroizing::new(Vec::with_capacity(LONGEST));
    let mut byte = Zeroizing::new([0]);
    while input.read(byte.as_mut_slice()).map_err(|_| UNREADABLE)? == 1 && byte[0] != b'\n' {
        if line.len() == LONGEST {
            return Err(Failure::Usage("the first line of standard input is too long for a passphrase"));
        }
        line.push(byte[0]);
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    if line.is_empty() {
        return Err(Failure::Usage("the first line of standard input holds no passphrase"));
    }
    owned(&line)
}

fn text(input: &mut impl Read, limit: usize) -> Result<Zeroizing<String>, Failure> {
    // All of it at once: a growing buffer would leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(limit + 1));
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    input.take(most).read_to_end(&mut bytes).map_err(|_| UNREADABLE)?;
    if bytes.len() > limit { Err(Failure::Usage("the text is too long")) } else { owned(&bytes) }
}

const UNREADABLE: Failure = Failure::Usage("the input cannot be read");

fn owned(bytes: &[u8]) -> Result<Zeroizing<String>, Failure> {
    let text = std::str::from_utf8(bytes).map_err(|_| Failure::Usage("the input is no UTF-8 text"))?;
    Ok(Zeroizing::new(text.to_owned()))
}

/// While it lives, the terminal shows nothing of what is typed.
struct Unseen(Termios);

impl Unseen {
    fn begin(prompt: &str) -> Option<Self> {
        let before = tcgetattr(io::stdin()).ok()?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        silent.local_modes.insert(LocalModes::ECHONL);
        tcsetattr(io::stdin(), OptionalActions::Flush, &silent).ok()?;
        let _ = write!(io::stderr(), "{prompt}: ");
        Some(Self(before))
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        let _ = tcsetattr(io::stdin(), OptionalActions::Now, &self.0);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_first_line_is_the_passphrase_and_the_rest_is_left() {
        let mut input = &b"seven grey herons\r\nCough for three days.\nPlan: rest.\n"[..];
        assert_eq!(first_line(&mut input).unwrap().as_str(), "seven grey herons");
        assert_eq!(text(&mut input, 100).unwrap().as_str(), "Cough for three days.\nPlan: rest.\n");
    }

    #[test]
    fn what_is_no_passphrase_or_no_text_is_refused() {
        for mut input in [&b""[..], b"\n", b"\r\nx", b"\xff\xfe\n", &[b'a'; LONGEST + 1]] {
            assert!(matches!(first_line(&mut input), Err(Failure::Usage(_))));
        }
        assert!(matches!(text(&mut &b"four"[..], 3), Err(Failure::Usage(_))));
        assert_eq!(text(&mut &b"four"[..], 4).unwrap().as_str(), "four");
    }
}
