//! The kernel's table of a host, read so that looking at it often costs next to nothing: only its
//! first page, or only what has not been read yet, as long as that says enough.

use std::fs::{self, File};
use std::io::Read;
use std::net::Ipv4Addr;
use std::thread;
use std::time::{Duration, Instant};

use testkit::lab::{Host, Process};

use crate::virtual_servers::Size;

/// Lines above the first service.
const HEADING: usize = 3;
/// More than the kernel gives at once.
const PAGE: usize = 64 << 10;
const LOOK_EVERY: Duration = Duration::from_millis(2);

/// A way to look at the table.
pub(crate) struct Table {
    path: String,
    /// A process of the host, through which its files are seen.
    _witness: Process,
}

impl Table {
    /// Of this host.
    pub(crate) fn of(host: &Host) -> Self {
        let witness = host.spawn("witness", ["sleep", "100000"]);
        let path = format!("/proc/{}/net/ip_vs", witness.pid());
        // The process shows the host's table only once it is there.
        let own = fs::read_link("/proc/self/ns/net").ok();
        let there = format!("/proc/{}/ns/net", witness.pid());
        while fs::read_link(&there).ok() == own {
            thread::sleep(LOOK_EVERY);
        }
        Self { path, _witness: witness }
    }

    /// Waits until the table has so many services and destinations; the time since `start`.
    /// Services are cheap to count, and programs make the last of them last. Looks at the whole
    /// table do not count: the guest has one processor, and nobody else gets on meanwhile.
    pub(crate) fn fill(&self, size: Size, start: Instant, limit: Duration) -> Option<Duration> {
        self.fill_services(size.services as usize, start, limit);
        let mut looking = Duration::ZERO;
        while start.elapsed() < limit {
            let look = Instant::now();
            if self.destinations() >= size.destinations() {
                return Some((look - start).saturating_sub(looking));
            }
            let took = look.elapsed();
            looking += took;
            thread::sleep(LOOK_EVERY.max(took));
        }
        None
    }

    /// The kernel prints a service and its destinations as one. The file is read on where the last
    /// look ended, so that none is printed twice.
    fn fill_services(&self, services: usize, start: Instant, limit: Duration) {
        let mut file = self.open();
        let (mut seen, mut page) = (0, vec![0; PAGE]);
        while seen < services && start.elapsed() < limit {
            match file.read(&mut page).unwrap_or_default() {
                0 => thread::sleep(LOOK_EVERY),
                length => seen += lines(&page[..length]).filter(|line| is_service(line)).count(),
            }
        }
    }

    /// Destinations in the whole table.
    pub(crate) fn destinations(&self) -> usize {
        let text = fs::read(&self.path).unwrap_or_default();
        lines(&text).filter(|line| is_destination(line)).count()
    }

    /// The first service.
    pub(crate) fn first_service(&self) -> Option<Ipv4Addr> {
        let page = self.first_page();
        let line = page.lines().next()?;
        let address = line.split_whitespace().nth(1)?.split(':').next()?;
        u32::from_str_radix(address, 16).ok().map(Ipv4Addr::from)
    }

    /// Waits until the beginning of the table is as it shall be; the time since `start`.
    pub(crate) fn wait(
        &self,
        start: Instant,
        limit: Duration,
        shall: impl Fn(&str) -> bool,
    ) -> Option<Duration> {
        while start.elapsed() < limit {
            if shall(&self.first_page()) {
                return Some(start.elapsed());
            }
            thread::sleep(LOOK_EVERY);
        }
        None
    }

    /// Waits until no service has a destination; the time since `start`.
    pub(crate) fn drain(&self, start: Instant, limit: Duration) -> Option<Duration> {
        while start.elapsed() < limit {
            if !self.has_destination() {
                return Some(start.elapsed());
            }
            thread::sleep(LOOK_EVERY);
        }
        None
    }

    /// Reads no further than to the first one.
    fn has_destination(&self) -> bool {
        let (mut file, mut page) = (self.open(), vec![0; PAGE]);
        loop {
            match file.read(&mut page).unwrap_or_default() {
                0 => return false,
                length if lines(&page[..length]).any(is_destination) => return true,
                _ => {}
            }
        }
    }

    /// What the kernel prints first, below the heading.
    fn first_page(&self) -> String {
        let (mut file, mut page) = (self.open(), vec![0; PAGE]);
        let mut text = Vec::new();
        // A service that does not fit below the heading comes alone.
        for _ in 0..2 {
            let length = file.read(&mut page).unwrap_or_default();
            text.extend_from_slice(&page[..length]);
            if lines(&text).any(is_service) {
                break;
            }
        }
        let text = String::from_utf8_lossy(&text).into_owned();
        text.split_inclusive('\n').skip(HEADING).collect()
    }

    fn open(&self) -> File {
        File::open(&self.path).unwrap_or_else(|error| panic!("cannot open {}: {error}", self.path))
    }
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n')
}

fn is_service(line: &[u8]) -> bool {
    [b"TCP  ".as_slice(), b"UDP  ", b"FWM  "].iter().any(|start| line.starts_with(start))
}

/// The heading has such an arrow too.
fn is_destination(line: &[u8]) -> bool {
    line.starts_with(b"  -> ") && !line.ends_with(b"InActConn")
}

/// Whether some destination at the beginning of a table has this weight.
pub(crate) fn has_weight(page: &str, weight: u32) -> bool {
    let weight = weight.to_string();
    let destinations = page.lines().filter(|line| is_destination(line.as_bytes()));
    destinations.into_iter().any(|line| line.split_whitespace().nth(3) == Some(&weight))
}
