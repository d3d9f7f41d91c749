//! Standard output carries answers and nothing else.
//!
//! The library that speaks to security keys prints remarks there that nothing turns off, and a token's module is its maker's code.
//! Whoever reads `--json` must find neither among the answers: what others print goes to standard error.
use std::fs::File;
use std::io;

/// Where answers go: standard output as it was. To be called once, before anything else writes there.
///
/// # Errors
/// The operating system's.
#[cfg(unix)]
pub fn set_apart() -> io::Result<File> {
    use std::os::fd::AsFd as _;
    let answers = io::stdout().as_fd().try_clone_to_owned()?;
    rustix::stdio::dup2_stdout(io::stderr())?;
    Ok(answers.into())
}

/// Where answers go: standard output itself, for here nothing else is kept from it.
///
/// # Errors
/// The operating system's.
#[cfg(not(unix))]
pub fn set_apart() -> io::Result<File> {
    use std::os::windows::io::AsHandle as _;
    Ok(io::stdout().as_handle().try_clone_to_owned()?.into())
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::env;
    use std::io::Write as _;
    use std::process::Command;

    use super::*;

    const CHILD: &str = "SATCHEL_ANSWERS_CHILD";

    /// In a process of its own, for the test's own standard output is everybody's.
    #[test]
    fn what_others_print_is_not_among_the_answers() {
        let name = "answers::tests::what_others_print_is_not_among_the_answers";
        if env::var_os(CHILD).is_some() {
            let mut answers = set_apart().unwrap();
            io::stdout().write_all(b"a remark\n").unwrap();
            answers.write_all(b"the answer\n").unwrap();
            return;
        }
        let said = Command::new(env::current_exe().unwrap()).args(["--exact", name, "--nocapture"]).env(CHILD, "1").output().unwrap();
        let [out, err] = [said.stdout, said.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        assert!(out.contains("the answer\n") && !out.contains("a remark"), "{out}");
        assert!(err.contains("a remark\n") && !err.contains("the answer"), "{err}");
    }
}
