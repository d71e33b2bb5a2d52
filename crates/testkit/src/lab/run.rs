//! Runs outside programs to their end and turns their failures into texts that can be acted upon.
//! Decides nothing about namespaces; [`Host`](super::Host) does.

use std::ffi::OsStr;
use std::fmt::Display;
use std::process::{Command, Output, Stdio};

/// How a program ended and what it wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// Everything written to standard output.
    pub stdout: String,
    /// Everything written to standard error.
    pub stderr: String,
}

impl Finished {
    fn from_output(output: &Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Both outputs in one text, for searching.
    pub fn text(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// Runs a program to its end.
pub(super) fn finish<S: AsRef<OsStr>>(words: &[S]) -> Finished {
    let (program, arguments) = words.split_first().expect("a command has at least its program");
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    Finished::from_output(&must(&format!("run {}", program.as_ref().display()), output))
}

/// Runs a program that has to succeed, and gives what it wrote to standard output.
pub(super) fn succeed<S: AsRef<OsStr>>(words: &[S]) -> String {
    let done = finish(words);
    if done.code != Some(0) {
        let line: Vec<_> = words.iter().map(|word| word.as_ref().to_string_lossy()).collect();
        panic!("lab: `{}` ended with {:?}: {}", line.join(" "), done.code, done.text());
    }
    done.stdout
}

/// The value, or a panic that says what the lab wanted to do.
pub(crate) fn must<T, E: Display>(what: &str, result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("lab: cannot {what}: {error}"),
    }
}
