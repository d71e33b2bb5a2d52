//! FRR's BFD daemon on a host, the neighbour of another make: how it is started beside whatever
//! runs on the machine, how it is told things, and what it says of its sessions.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use super::run::must;
use super::{Host, Process, need};

/// Where Debian keeps the daemons.
const PROGRAMS: &str = "/usr/lib/frr";

/// How long its daemons may take to come up.
const PATIENCE: Duration = Duration::from_secs(20);

/// FRR's daemons on a host. Dropping it kills them.
pub struct Frr {
    host: Host,
    directory: PathBuf,
    zebra: Process,
    bfdd: Process,
}

/// What FRR knows of one session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrrPeer {
    /// The neighbour.
    pub peer: String,
    /// `up`, `down`, `init` or `shutdown`.
    pub status: String,
    /// Why it was last down, in FRR's words.
    pub diagnostic: String,
    /// What the neighbour says about that.
    pub remote_diagnostic: String,
    /// How fast the neighbour says that it sends, in milliseconds.
    pub remote_transmit: u64,
    /// How often it went down.
    pub downs: u64,
    /// Packets that it received.
    pub received: u64,
}

impl Frr {
    /// Starts zebra, without which the other one knows no link, and bfdd with these `peer` blocks.
    pub(super) fn start(host: &Host, peers: &str) -> Self {
        need(&["vtysh", "chown"]);
        let directory = host.file("frr");
        must("make a directory for FRR", fs::create_dir_all(&directory));
        for (name, text) in [("zebra", ""), ("bfdd", &*format!("bfd\n{peers}\n"))] {
            must("write its configuration", fs::write(directory.join(name), text));
        }
        // They change their user before they open anything.
        host.ok(["chown", "-R", "frr:frr", &directory.display().to_string()]);
        let start = |name: &str, more: &[String]| host.spawn(name, words(&directory, name, more));
        let zebra = start("zebra", &[]);
        host.wait_until("zebra's socket", PATIENCE, || directory.join("zserv").exists());
        let control = directory.join("control").display().to_string();
        let bfdd = start("bfdd", &["--bfdctl".to_owned(), control]);
        let frr = Self { host: host.clone(), directory, zebra, bfdd };
        // Its socket is there before it listens.
        let answers = || host.run(frr.question(&["show bfd peers json"])).code == Some(0);
        host.wait_until("bfdd to answer", PATIENCE, answers);
        frr
    }

    /// Gives bfdd commands of its configuration mode, as at a terminal.
    pub fn configure(&self, commands: &[&str]) {
        self.ask(&[&["configure terminal", "bfd"], commands].concat());
    }

    /// The sessions, in its order.
    pub fn peers(&self) -> Vec<FrrPeer> {
        let read = |command| {
            let text = self.ask(&[command]);
            serde_json::from_str::<Vec<serde_json::Value>>(&text)
                .unwrap_or_else(|error| panic!("lab: {command}: {error} in {text}"))
        };
        let (peers, counters) = (read("show bfd peers json"), read("show bfd peers counters json"));
        let word = |of: &serde_json::Value, key| of[key].as_str().unwrap_or_default().to_owned();
        let number = |of: &serde_json::Value, key| of[key].as_u64().unwrap_or_default();
        let all = peers.iter().map(|peer| {
            let same = |counted: &&serde_json::Value| counted["peer"] == peer["peer"];
            let counted = counters.iter().find(same).unwrap_or(&serde_json::Value::Null);
            FrrPeer {
                peer: word(peer, "peer"),
                status: word(peer, "status"),
                diagnostic: word(peer, "diagnostic"),
                remote_diagnostic: word(peer, "remote-diagnostic"),
                remote_transmit: number(peer, "remote-transmit-interval"),
                downs: number(counted, "session-down"),
                received: number(counted, "control-packet-input"),
            }
        });
        all.collect()
    }

    /// The daemon that has the sessions.
    pub fn bfdd(&mut self) -> &mut Process {
        &mut self.bfdd
    }

    /// Whether both daemons run.
    pub fn is_running(&mut self) -> bool {
        self.zebra.is_running() && self.bfdd.is_running()
    }

    fn ask(&self, commands: &[&str]) -> String {
        self.host.ok(self.question(commands))
    }

    /// The words that put these commands to bfdd.
    fn question(&self, commands: &[&str]) -> Vec<String> {
        let directory = self.directory.display().to_string();
        let mut words =
            ["vtysh", "--vty_socket", &directory, "-d", "bfdd"].map(str::to_owned).to_vec();
        words.extend(commands.iter().flat_map(|command| ["-c".to_owned(), (*command).to_owned()]));
        words
    }
}

fn words(directory: &std::path::Path, name: &str, more: &[String]) -> Vec<String> {
    let file = |name: &str| directory.join(name).display().to_string();
    let program = format!("{PROGRAMS}/{name}");
    let mut words = vec![program, "-u".to_owned(), "frr".to_owned(), "-g".to_owned()];
    words.extend(["frr".to_owned(), "-P".to_owned(), "0".to_owned()]);
    words.extend(["-z".to_owned(), file("zserv"), "--vty_socket".to_owned(), file("")]);
    words.extend(["-i".to_owned(), file(&format!("{name}.pid")), "-f".to_owned(), file(name)]);
    words.extend_from_slice(more);
    words
}
