//! A screen nobody looks at.
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

use xtask::child;

/// An X server of its own on a free display number; dropping it ends it and every window on it.
#[derive(Debug)]
pub struct Display {
    number: u32,
    server: Child,
}

impl Display {
    /// Starts one of this size in pixels.
    pub fn start(width: u32, height: u32) -> Self {
        // `-noreset`: without it the server forgets everything when its last client leaves, and programs that start then fail.
        let mut server = child::bound("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", &format!("{width}x{height}x24"), "-noreset", "-nolisten", "tcp"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb is installed (cargo xtask setup)");
        let mut said = String::new();
        let out = server.stdout.take().expect("piped");
        BufReader::new(out).read_line(&mut said).expect("Xvfb names its display");
        let number = said.trim().parse().expect("Xvfb started");
        Self { number, server }
    }

    /// As `DISPLAY` names it.
    pub fn name(&self) -> String {
        format!(":{}", self.number)
    }

    /// Presses a key of this display's keyboard, as a person would: the server itself sees it.
    pub fn press(&self, key: &str) {
        self.xdotool(&["key", key]);
    }

    /// Types a text on this display's keyboard, at the speed of a quick hand.
    pub fn write(&self, text: &str) {
        self.xdotool(&["type", "--delay", "30", "--", text]);
    }

    /// Waits until a window of this title is shown, and puts the focus on it.
    pub fn focus(&self, title: &str) {
        self.xdotool(&["search", "--sync", "--onlyvisible", "--name", &format!("^{title}$"), "windowfocus"]);
    }

    fn xdotool(&self, arguments: &[&str]) {
        let done = child::bound("xdotool").args(arguments).env("DISPLAY", self.name()).status();
        assert!(done.is_ok_and(|status| status.success()), "xdotool is installed (cargo xtask setup)");
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn ask(display: &Display, program: &str, arguments: &[&str]) -> String {
        let said = Command::new(program).args(arguments).env("DISPLAY", display.name()).output().unwrap();
        String::from_utf8(said.stdout).unwrap()
    }

    #[test]
    fn shows_a_window_of_its_own_and_none_of_another_display() {
        let (one, other) = (Display::start(640, 480), Display::start(320, 200));
        assert_ne!(one.number, other.number);
        assert_eq!(ask(&one, "xdotool", &["getdisplaygeometry"]).trim(), "640 480");

        let mut window = child::bound("xmessage").args(["-title", "a window", "hello"]).env("DISPLAY", one.name()).spawn().unwrap();
        let found = ask(&one, "xdotool", &["search", "--sync", "--name", "^a window$"]);
        assert!(!found.trim().is_empty());
        assert!(ask(&other, "xdotool", &["search", "--name", "^a window$"]).trim().is_empty());
        window.kill().unwrap();
        window.wait().unwrap();
    }
}
