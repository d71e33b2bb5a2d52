//! Makes a host a real server with the script that operators use, `examples/realserver`.

use std::path::{Path, PathBuf};

use super::Host;
use super::run::Finished;

/// The file that [`Host::realserver`] writes.
const SITE: &str = "site.conf";

/// How packets reach a real server that holds the virtual addresses itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Direct routing: the addresses are on `lo`.
    DirectRouting,
    /// IP in IP: the addresses are on the end of a tunnel.
    Tunnel,
}

impl Delivery {
    fn keyword(self) -> &'static str {
        match self {
            Self::DirectRouting => "DR",
            Self::Tunnel => "TUN",
        }
    }
}

impl Host {
    /// Makes it take packets for these addresses without ever answering ARP for them.
    ///
    /// # Panics
    /// When the script fails.
    pub fn realserver(&self, delivery: Delivery, vips: &[&str]) {
        let text = format!("METHOD={}\nVIPS=\"{}\"\n", delivery.keyword(), vips.join(" "));
        self.write(SITE, &text);
        let done = self.realserver_script("start", SITE);
        assert_eq!(done.code, Some(0), "lab: {} is no real server: {}", self.name(), done.text());
    }

    /// Runs the script by hand: `start`, `stop` or `status` with a file of this host.
    pub fn realserver_script(&self, verb: &str, file: &str) -> Finished {
        let state = format!("LVS_REALSERVER_STATE={}", self.file("realserver").display());
        let (script, file) = (script(), self.file(file));
        let words = ["env".into(), state.into(), script.into_os_string(), verb.into()];
        self.run(words.into_iter().chain([file.into_os_string()]))
    }
}

fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/realserver/lvs-realserver")
}
