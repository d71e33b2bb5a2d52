//! The instances as JSON (compat 11 §18.1): the names, their order and the way numbers and slashes
//! are written are those that programs have come to expect.

mod instance;
mod number;
mod process;

use std::io;
use std::time::{Duration, Instant};

use conf::Config;
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};
use vrrp::config::Instance;

use super::Moment;
use super::command::quoted;
use instance::Entry;
use process::Watched;

/// What the file is made of.
pub(super) struct Scene<'a> {
    config: &'a Config,
    moment: Moment<'a>,
}

/// The second layout (`json_version 2`).
#[derive(Serialize)]
struct Whole {
    vrrp: Vec<Entry>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    track_process: Vec<Watched>,
}

/// The whole file, one line; `None` without instances.
pub(super) fn text(config: &Config, moment: Moment<'_>) -> Option<String> {
    let scene = Scene { config, moment };
    let instances = &moment.shown.router.instances;
    let vrrp: Vec<Entry> = instances.iter().map(|one| Entry::new(one, &scene)).collect();
    if vrrp.is_empty() {
        return None;
    }
    if config.globals.files.json_version == 1 {
        return Some(line(&vrrp));
    }
    let track_process = watched(config, moment);
    Some(line(&Whole { vrrp, track_process }))
}

/// The watched processes, in the order of the file.
fn watched(config: &Config, moment: Moment<'_>) -> Vec<Watched> {
    let views = &moment.shown.router.processes;
    let declared = config.vrrp.processes.iter();
    let shown = declared.filter_map(|process| views.iter().find(|view| view.config == *process));
    shown.map(Watched::new).collect()
}

impl Scene<'_> {
    /// A moment as the clock on the wall had it; zero for one that never was.
    fn since_1970(&self, moment: Option<Instant>) -> Duration {
        moment.map_or(Duration::ZERO, |moment| self.moment.shown.since_1970(moment))
    }

    /// The commands of the scripts that an instance tracks itself.
    fn tracked_scripts(&self, instance: &Instance) -> Vec<String> {
        let scripts = &self.config.vrrp.scripts;
        let tracked = instance.tracked_scripts.iter();
        let found =
            tracked.filter_map(|one| scripts.iter().find(|script| script.name == one.object));
        found.map(|script| quoted(&script.command.argv)).collect()
    }
}

fn line(value: &impl Serialize) -> String {
    let mut bytes = Vec::new();
    let mut serializer = Serializer::with_formatter(&mut bytes, Slashes);
    value
        .serialize(&mut serializer)
        .expect("no map has keys other than text, and memory is no file");
    bytes.push(b'\n');
    String::from_utf8(bytes).expect("the serializer writes UTF-8")
}

/// Compact, with slashes as `\/`.
struct Slashes;

impl Formatter for Slashes {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        writer.write_all(fragment.replace('/', "\\/").as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_as_keepalived_does() {
        let text = "a/b\\\"\t\n\r\u{8}\u{c}\u{1}'ü";
        assert_eq!(line(&text), "\"a\\/b\\\\\\\"\\t\\n\\r\\b\\f\\u0001'ü\"\n");
    }
}
