//! A guest as one more host of a lab: a machine with a kernel of its own, plugged into the lab's
//! segment, that the test on the host tells what to do by its console.
//!
//! Decides how a command gets into a machine and its answer out. A test of two kernels that talk
//! to each other needs such machines; what fits into one kernel belongs into an ordinary guest.

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ChildStdin;
use std::thread;
use std::time::{Duration, Instant};

use super::Guest;
use super::boot::{kernel, prepare, quoted};
use crate::lab::run::must;
use crate::lab::{Finished, Lab, Log, Process, need};

/// Enough for a boot on a machine that runs many other tests.
const BOOT_LIMIT: Duration = Duration::from_secs(60);
const ANSWER_LIMIT: Duration = Duration::from_secs(30);
const POLL_EVERY: Duration = Duration::from_millis(10);
const MEMORY_MIB: u32 = 192;
/// A console takes no longer lines.
const LONGEST_LINE: usize = 4000;
/// Written once commands are read.
const LISTENS: &str = "guest: it listens";
/// Where a file stands while it is sent.
const END_OF_FILE: &str = "END OF A FILE";

/// A machine that runs; dropping it takes its power away.
pub struct Machine {
    process: Process,
    console: ChildStdin,
    /// How many commands it was given.
    asked: u32,
}

impl Machine {
    /// Boots a machine with this address (`192.0.2.1/24`) on `eth0`, and returns when it listens.
    ///
    /// # Panics
    /// When it does not boot in time.
    pub fn boot(lab: &Lab, name: &str, address: &str) -> Self {
        need(&["linux.uml", "modprobe", "ip", "ipvsadm", "setpriv", "unshare", "stty"]);
        let guest = Guest::new().memory_mib(MEMORY_MIB);
        let directory = lab.directory().join(name);
        prepare(&guest, &script(address), &directory);
        let (mut words, port, log) = lab.tap(name);
        words.extend(kernel(&guest, &directory));
        words.push(OsString::from(format!("vec0:transport=tap,ifname={port},depth=64,gro=0")));
        let (process, console) = Process::start_listening(&words, log, &directory);
        let machine = Self { process, console, asked: 0 };
        machine.await_line(BOOT_LIMIT, |line| (line == LISTENS).then_some(()));
        machine
    }

    /// Runs a program to its end; both of its outputs are one.
    ///
    /// # Panics
    /// When it does not end in time.
    pub fn run(&mut self, words: &[&str]) -> Finished {
        self.asked += 1;
        let (begins, ends) = markers(self.asked);
        let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        self.say(&format!(
            "{} >/run/said 2>&1 </dev/null; code=$?; echo '{begins}'; cat /run/said; \
             echo \"{ends}$code\"",
            words.join(" ")
        ));
        let code = self.await_line(ANSWER_LIMIT, |line| line.split_once(&ends)?.1.parse().ok());
        Finished {
            code: Some(code),
            stdout: between(&self.text(), &begins, &ends),
            stderr: String::new(),
        }
    }

    /// Runs a program that has to succeed, and gives what it wrote.
    ///
    /// # Panics
    /// With what it wrote, when it fails.
    pub fn ok(&mut self, words: &[&str]) -> String {
        let done = self.run(words);
        assert_eq!(done.code, Some(0), "machine: {words:?}: {}", done.stdout);
        done.stdout
    }

    /// Starts a program that goes on, with what it writes in a file; the number of its group of
    /// processes, for `kill`.
    pub fn start(&mut self, words: &[&str], output: &str) -> String {
        let words: Vec<String> = words.iter().map(|word| quoted(word)).collect();
        let line =
            format!("setsid {} >{} 2>&1 </dev/null & echo $!", words.join(" "), quoted(output));
        self.ok(&["sh", "-c", &line]).trim().to_owned()
    }

    /// Writes a file of the machine.
    pub fn write(&mut self, path: &str, text: &str) {
        self.say(&format!("cat >{} <<'{END_OF_FILE}'", quoted(path)));
        text.lines().for_each(|line| self.say(line));
        self.say(END_OF_FILE);
    }

    /// What is in a file of the machine; empty when there is none.
    pub fn read(&mut self, path: &str) -> String {
        self.run(&["cat", path]).stdout
    }

    /// Takes its power away: nothing in it notices.
    pub fn power_off(&mut self) {
        self.process.kill_9();
    }

    /// Whether it still has power.
    pub fn is_on(&self) -> bool {
        !self.process.has_ended()
    }

    fn say(&mut self, line: &str) {
        assert!(line.len() < LONGEST_LINE, "machine: too long a line: {line}");
        must(
            "write on a machine's console",
            self.console.write_all(format!("{line}\n").as_bytes()),
        );
    }

    /// Waits for a line that this makes something of.
    fn await_line<T>(&self, limit: Duration, read: impl Fn(&str) -> Option<T>) -> T {
        let start = Instant::now();
        loop {
            let ended = self.process.has_ended();
            if let Some(found) = self.text().lines().rev().find_map(&read) {
                return found;
            }
            let why = if ended { "it has ended" } else { "no answer" };
            let waits = !ended && start.elapsed() < limit;
            assert!(waits, "machine: {why} after {:?}\n{}", start.elapsed(), self.log().titled());
            thread::sleep(POLL_EVERY);
        }
    }

    fn text(&self) -> String {
        self.log().text().replace('\r', "")
    }

    fn log(&self) -> &Log {
        self.process.log()
    }
}

/// The last script of a machine: nothing is echoed, and whatever is said is a command.
fn script(address: &str) -> String {
    format!(
        "#!/bin/sh\nexport PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root\nstty -echo\n\
         ip link set vec0 name eth0\nip addr add {address} dev eth0\nip link set eth0 up\n\
         echo '{LISTENS}'\nexec /bin/sh 2>/dev/null\n"
    )
}

/// The lines around what a command wrote, the second one without its exit status.
fn markers(number: u32) -> (String, String) {
    (
        format!("guest: command {number} wrote"),
        format!("guest: command {number} ended with status "),
    )
}

/// Output that does not end with a line of its own takes the second marker into its last line.
fn between(text: &str, begins: &str, ends: &str) -> String {
    let after = text.split_once(&format!("{begins}\n")).map_or("", |(_, after)| after);
    after.split_once(ends).map_or(after, |(inside, _)| inside).to_owned()
}
