//! Makes configurations, most of them good, some slightly broken, all from a seed.
//!
//! What stands in them comes from the cases (`pieces`), how they break from `mutate`. What is to
//! be said of them is decided where they are read.

mod mutate;
mod pieces;

use fastrand::Rng;

pub(crate) use pieces::Pieces;
use pieces::{Mark, Piece};

/// Blocks inside blocks go no deeper.
const DEPTH: usize = 4;

/// A configuration, always the same for a seed.
pub(crate) fn configuration(seed: u64, pieces: &Pieces) -> String {
    let mut making = Making { random: Rng::with_seed(seed), pieces, lines: Vec::new() };
    making.roots();
    let Making { mut random, mut lines, .. } = making;
    for _ in 0..[0, 0, 1, 1, 1, 2, 3][random.usize(..7)] {
        mutate::once(&mut lines, &mut random);
    }
    lines.join("\n") + "\n"
}

/// Without these 2.2.7 complains, or crashes.
fn needed(block: &str) -> &'static [&'static str] {
    match block {
        "HTTP_GET" | "SSL_GET" => &["url {\npath /\nstatus_code 200\n}"],
        "url" => &["path /"],
        "MISC_CHECK" => &["misc_path /bin/true"],
        "real_server" => &["weight 1"],
        _ => &[],
    }
}

struct Making<'p> {
    random: Rng,
    pieces: &'p Pieces,
    lines: Vec<String>,
}

impl Making<'_> {
    fn roots(&mut self) {
        if self.random.f32() < 0.7 {
            let secure = ["script_user root", "enable_script_security"];
            let needed: &[&str] = if self.random.f32() < 0.8 { &secure } else { &[] };
            self.block(&["global_defs"], "global_defs", needed);
        }
        for number in 0..self.random.u8(..3) {
            let script = format!("script \"/bin/true {number}\"");
            self.block(&["vrrp_script"], &format!("vrrp_script chk{number}"), &[&script]);
        }
        for number in 1..=self.random.u8(..4) {
            self.instance(number);
        }
        for number in 1..=self.random.u8(..3) {
            self.service(number);
        }
        for _ in 0..self.random.u8(..2) {
            self.any_root();
        }
    }

    fn instance(&mut self, number: u8) {
        let link = ["eth0", "eth1"][self.random.usize(..2)];
        let lines = [
            format!("interface {link}"),
            format!("virtual_router_id {number}"),
            format!("virtual_ipaddress {{\n192.0.2.{number}\n}}"),
        ];
        let lines = lines.each_ref().map(String::as_str);
        self.block(&["vrrp_instance"], &format!("vrrp_instance VI_{number}"), &lines);
    }

    fn service(&mut self, number: u8) {
        let header = format!("virtual_server 192.0.2.{number} 80");
        let server = format!("real_server 198.51.100.{number} 80 {{\nweight 1\n}}");
        let lines = ["protocol TCP", "lb_algo rr", "lb_kind NAT", &server];
        self.block(&["virtual_server"], &header, &lines);
    }

    /// A statement or block of the top of a case.
    fn any_root(&mut self) {
        if let Some(piece) = self.pick(&[]) {
            self.piece(&[], &piece);
        }
    }

    /// A block with these lines and a few others.
    fn block(&mut self, path: &[&str], header: &str, needed: &[&str]) {
        self.lines.push(format!("{header} {{"));
        let mut left: Vec<&str> = needed.to_vec();
        for _ in 0..self.random.usize(..7) {
            if let Some(line) = left.first().copied().filter(|_| self.random.bool()) {
                left.remove(0);
                self.lines.extend(line.lines().map(str::to_owned));
            }
            if let Some(piece) = self.pick(path) {
                self.piece(path, &piece);
            }
        }
        self.lines.extend(left.iter().flat_map(|line| line.lines()).map(str::to_owned));
        self.lines.push("}".to_owned());
    }

    fn piece(&mut self, path: &[&str], piece: &Piece) {
        if !piece.opens {
            self.lines.push(piece.text.clone());
        } else if path.len() < DEPTH {
            let inner: Vec<&str> = path.iter().copied().chain([piece.keyword()]).collect();
            self.block(&inner, &piece.text, needed(piece.keyword()));
        }
    }

    /// Wrong values are rarer than right ones, or nothing but the first mistake would be seen.
    fn pick(&mut self, path: &[&str]) -> Option<Piece> {
        let pieces = self.pieces.of(path);
        for _ in 0..8 {
            let piece = self.random.choice(pieces)?;
            let wanted = match piece.mark {
                Mark::Good => 1.0,
                Mark::Boundary => 0.6,
                Mark::Bad => 0.05,
            };
            if self.random.f32() < wanted {
                return Some(piece.clone());
            }
        }
        None
    }
}
