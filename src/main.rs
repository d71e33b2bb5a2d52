//! keepalived-rs: a drop-in replacement for keepalived.
//!
//! This crate only wires: protocol decisions are taken in the core crates, kernel calls are made
//! in the edge crates. `daemon` is the place to start reading.

mod bfd_task;
mod cli;
mod config_test;
mod daemon;
mod director_task;
mod dump;
mod exit;
mod genhash;
mod ipvs_programmer;
mod log;
mod network_manager;
mod notifier;
mod one_time;
mod pid_files;
mod pipes;
mod reload;
mod runtime;
mod schedule;
mod signals;
mod version;
mod vrrp_task;
mod watcher;
mod world;

use std::io::Write as _;
use std::process::ExitCode;

use cli::Invocation;

fn main() -> ExitCode {
    let arguments: Vec<String> =
        std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    if let Some((program, arguments)) = genhash::called(&arguments) {
        return genhash::run(&program, arguments);
    }
    match cli::read(std::env::args_os()) {
        Invocation::Run(options) => daemon::run(&options).into(),
        Invocation::Test(options) => config_test::run(&options).into(),
        Invocation::Say { text, stdout, status } => {
            // With nobody to read it there is nothing to do about a failure to write.
            let _ = if stdout {
                std::io::stdout().write_all(text.as_bytes())
            } else {
                std::io::stderr().write_all(text.as_bytes())
            };
            status.into()
        }
    }
}
