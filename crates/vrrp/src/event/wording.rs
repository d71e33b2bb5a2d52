//! How each line reads. The words are keepalived's (compat 12), because monitors match them.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use net::{Address, Family, Rule};

use super::{Checked, Deed, Dispute, Event, FaultCause, Heard, Moved, What};
use crate::advert::{Discard, Distrust};
use crate::units::{Name, Vrid};

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.subject;
        match &self.what {
            What::Did(deed) => deed.write(f, name),
            What::Heard(heard) => {
                if heard.names_instance() {
                    write!(f, "({name}) ")?;
                }
                heard.write(f)
            }
            What::Checked(checked) => checked.write(f, name),
            What::GroupFollows(state) => {
                write!(f, "VRRP_Group({name}) Syncing instances to {state} state")
            }
            What::GroupStartsInFault(member) => {
                write!(f, "VRRP_Group({name}): Syncing {member} to FAULT state")
            }
            What::Assigned(ip) => write!(f, "Assigned address {ip} for interface {name}"),
            What::Deassigned(ip) => write!(f, "Deassigned address {ip} from interface {name}"),
            What::Unusable { ip, taken } => write_unusable(f, name, *ip, *taken),
            What::LinkChanged { up, polled } => {
                let source = if *polled { "Linkbeat" } else { "Netlink" };
                write!(f, "{source} reports {name} {}", if *up { "up" } else { "down" })
            }
            What::DelayBegun { .. }
            | What::DelayCancelled
            | What::DelaysTooLong { .. }
            | What::DelayShortened(_) => self.write_delay(f),
            What::Quorum { gained } => {
                let word = if *gained { "gained" } else { "lost" };
                write!(f, "Quorum {word} for tracked process {name}")
            }
            What::Recounted { from, to, turned } => write_recounted(f, name, (*from, *to), *turned),
            What::SessionChanged { session, up } => {
                let word = if *up { "UP" } else { "DOWN" };
                write!(f, "VRRP_Instance({name}) Tracked BFD instance {session} is {word}")
            }
            What::TooShort { length, family, authenticated, silent } => {
                write_short(f, *length, (*family, *authenticated))?;
                write_silent(f, *silent)
            }
            What::UnknownRouter { vrid, from, silent } => {
                let from = from.map(|from| format!(" from {from}")).unwrap_or_default();
                write!(f, "Unknown VRID({vrid}) received on interface({name}){from}. ignoring...")?;
                write_silent(f, *silent)
            }
            What::StartDelayed { rest, again } => {
                let further = if *again { "a further " } else { "" };
                write!(f, "Delaying startup for {further}{} seconds", six_digits(*rest))
            }
            What::StartOver => f.write_str("Delayed start completed"),
            What::StartCutShort => f.write_str("Reduced delayed start passed"),
            What::HeldUp { late, steps_down } => write_held_up(f, *late, *steps_down),
        }
    }
}

impl Event {
    /// What is said of the delays of links.
    fn write_delay(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.subject;
        match &self.what {
            What::DelayBegun { from, to, delay } => {
                let micros = delay.as_micros();
                let change = format!("from {from:#x} to {to:#x} delay by {micros}");
                write!(f, "{name}: Adding flags change {change}")
            }
            What::DelayCancelled => write!(f, "Delay timer for {name} cancelled"),
            What::DelaysTooLong { intervals: 0, .. } => write!(
                f,
                "{name}: cannot use debounce timers with down_timer_adverts = 1 - resetting"
            ),
            What::DelaysTooLong { link, intervals } => write!(
                f,
                "{name}: interface {link} debounce timer(s) not less that {intervals} * \
                 advert_int - resetting"
            ),
            What::DelayShortened(link) => {
                write!(f, "{name}: lower advert_int reducing interface {link} debounce timer(s)")
            }
            What::Did(_) | What::Heard(_) | What::Checked(_) | What::GroupFollows(_) => Ok(()),
            What::GroupStartsInFault(_) | What::Assigned(_) | What::Deassigned(_) => Ok(()),
            What::Unusable { .. } => Ok(()),
            What::LinkChanged { .. } | What::Quorum { .. } | What::Recounted { .. } => Ok(()),
            What::SessionChanged { .. } | What::TooShort { .. } => Ok(()),
            What::UnknownRouter { .. } | What::StartDelayed { .. } | What::StartOver => Ok(()),
            What::StartCutShort | What::HeldUp { .. } => Ok(()),
        }
    }
}

fn write_recounted(
    f: &mut fmt::Formatter<'_>,
    process: &Name,
    (from, to): (u32, u32),
    turned: Option<bool>,
) -> fmt::Result {
    let end = match turned {
        None => "",
        Some(true) => ", quorum up",
        Some(false) => ", quorum down",
    };
    write!(f, "Process {process}, number of current processes changed from {from} to {to}{end}")
}

fn write_unusable(f: &mut fmt::Formatter<'_>, link: &Name, ip: IpAddr, taken: bool) -> fmt::Result {
    let (yet, found) = match taken {
        true => ("", "found it on another host"),
        false => (" yet", "is not over"),
    };
    let why = format!("duplicate address detection {found}");
    write!(f, "Address {ip} of interface {link} cannot be used{yet}: {why}")
}

fn write_short(
    f: &mut fmt::Formatter<'_>,
    length: usize,
    (family, authenticated): (Family, bool),
) -> fmt::Result {
    // The header of IPv6 is not ours to count: the kernel kept it.
    let (number, length) = match family {
        Family::V4 => (4, length),
        Family::V6 => (6, length.saturating_sub(40)),
    };
    let ah = if authenticated { " with AH" } else { "" };
    write!(f, "IPv{number} VRRP packet{ah} too short - {length} bytes")
}

fn write_held_up(f: &mut fmt::Formatter<'_>, late: Duration, steps_down: bool) -> fmt::Result {
    if steps_down {
        let (seconds, micros) = (late.as_secs(), late.subsec_micros());
        return write!(f, "VRRP thread timer expired {seconds}.{micros:06} seconds ago");
    }
    write!(
        f,
        "did not get to run until {:.3} seconds after an advert was due: others may have taken \
         over - listening first, then announcing again",
        late.as_secs_f64()
    )
}

impl Deed {
    /// Names who did it, the way keepalived does.
    fn write_name(&self, f: &mut fmt::Formatter<'_>, name: &Name) -> fmt::Result {
        let colon = match self {
            // keepalived names nobody in these.
            Self::RouteDropped(_) | Self::NoRoutes | Self::RuleDropped(_) | Self::NoRules => {
                return Ok(());
            }
            Self::AnnouncedItself(_) => return write!(f, "{name}: "),
            Self::Fault(cause) => cause.has_colon(),
            Self::FileFault(_) | Self::FileRecovered(_) => true,
            Self::Dispute(dispute) => matches!(dispute, Dispute::Over),
            Self::Entered { .. } | Self::Priority { .. } | Self::TakeoverDue => false,
            Self::ReleaseSent | Self::IntervalRestored { .. } | Self::PreemptDelay(_) => false,
            Self::PreemptDelayStopped | Self::OldChecksum | Self::Unheard { .. } => false,
            Self::Dropped(_) | Self::Moving { .. } | Self::Faulty => false,
        };
        write!(f, "({name}){} ", if colon { ":" } else { "" })
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, name: &Name) -> fmt::Result {
        self.write_name(f, name)?;
        match self {
            Self::Entered { state, first } => {
                write!(f, "Entering {state} STATE{}", if *first { " (init)" } else { "" })
            }
            Self::Fault(FaultCause::NoPeers) => write!(f, "{}", FaultCause::NoPeers),
            Self::Fault(cause) => write!(f, "entering FAULT state {cause}"),
            Self::Faulty => f.write_str("entering FAULT state"),
            Self::FileFault(file) => write!(f, "tracked file {file} now FAULT state"),
            Self::FileRecovered(file) => write!(f, "tracked file {file} leaving FAULT state"),
            Self::Priority { from, to } => {
                write!(f, "Changing effective priority from {from} to {to}")
            }
            Self::TakeoverDue => f.write_str("Receive advertisement timeout"),
            Self::ReleaseSent => f.write_str("sent 0 priority"),
            Self::AnnouncedItself(ip) => {
                let what = if ip.is_ipv4() { "ARP" } else { "NA" };
                write!(f, "sending gratuitous {what} for {ip}")
            }
            Self::IntervalRestored { from, to } => write!(
                f,
                "changing advert interval from {}ms to locally configured {}ms",
                from.duration().as_millis(),
                to.duration().as_millis()
            ),
            Self::PreemptDelay(delay) => {
                write!(f, "start preempt delay ({}.{:06})", delay.as_secs(), delay.subsec_micros())
            }
            Self::PreemptDelayStopped => f.write_str("stop preempt delay"),
            Self::Dispute(dispute) => write!(f, "{dispute}"),
            Self::OldChecksum => f.write_str("Setting unicast VRRPv3 checksum to old version"),
            Self::Unheard { peers, vrid } => write_unheard(f, peers, *vrid),
            Self::Dropped(Address { ip, prefix, link, .. }) => {
                write!(f, "ip address {ip}/{prefix} dev {link}, no longer exist")
            }
            Self::RouteDropped(route) => write!(f, "Removing route {}", route.destination_text()),
            Self::NoRoutes => f.write_str("Removing a VirtualRoute block"),
            Self::RuleDropped(rule) => write_dropped_rule(f, rule),
            Self::NoRules => f.write_str("Removing a VirtualRule block"),
            Self::Moving { set, what } => {
                let verb = if *set { "setting" } else { "removing" };
                write!(f, "{verb} {what}")
            }
        }
    }
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Addresses => "VIPs.",
            Self::Excluded => "E-VIPs.",
            Self::Routes => "Virtual Routes",
            Self::Rules => "Virtual Rules",
        })
    }
}

impl fmt::Display for Dispute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match self {
            Self::GivingWay { to } => {
                let still = format!("{to} is still advertising as address owner");
                return write!(f, "{still}, please resolve - reducing our priority");
            }
            Self::Over => {
                return f.write_str("rogue address owner appears to have stopped advertising");
            }
            Self::HeardLower => "received advert with lower priority",
            Self::TookOver => "other address owner has disappeared",
        };
        write!(f, "Restoring our priority to 255 since {why}")
    }
}

impl Heard {
    /// keepalived leaves the name out of one line.
    const fn names_instance(&self) -> bool {
        !matches!(self, Self::Discarded { why: Discard::Distrusted(Distrust::Association(_)), .. })
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LowerIgnored { priority, from } => {
                write!(f, "received lower priority ({priority}) advert from {from} - discarding")
            }
            Self::Lower { theirs, ours, from, answered } => {
                let end = if *answered { ", forcing new election" } else { "" };
                write!(
                    f,
                    "Received advert from {from} with lower priority {theirs}, ours {ours}{end}"
                )
            }
            Self::Higher { theirs, ours, from } => {
                let priorities = format!("higher priority {theirs}, ours {ours}");
                write!(f, "Master received advert from {from} with {priorities}")
            }
            Self::Equal { priority, from } => write!(
                f,
                "Master received advert from {from} with same priority {priority} \
                 but higher IP address than ours"
            ),
            Self::NumberOvertaken => f.write_str("IPSEC-AH : Syncing seq_num - Increment seq"),
            Self::OwnAddress => f.write_str(
                "WARNING - equal priority advert received from remote host with our IP address.",
            ),
            Self::Owner { from } => write!(
                f,
                "CONFIGURATION ERROR: local instance and {from} are both configured as address \
                 owner, please resolve"
            ),
            Self::Release => f.write_str("Backup received priority 0 advertisement"),
            Self::ReleaseByOther => f.write_str("Master received priority 0 message"),
            Self::Master { previous: None, now } => write!(f, "master set to {now}"),
            Self::Master { previous: Some(old), now } => {
                write!(f, "master changed from {old} to {now}")
            }
            Self::Interval { from, to } => write!(
                f,
                "advertisement interval updated from {}ms to {}ms by master",
                from.duration().as_millis(),
                to.duration().as_millis()
            ),
            Self::Discarded { from, why, silent } => {
                f.write_str(&why.line(*from))?;
                write_silent(f, *silent)
            }
            Self::Remarked { from, remark, silent } => {
                f.write_str(&remark.line(*from))?;
                write_silent(f, *silent)
            }
        }
    }
}

fn write_dropped_rule(f: &mut fmt::Formatter<'_>, rule: &Rule) -> fmt::Result {
    let to = rule.selector.destination.map(|to| format!(" to {to}"));
    let from = rule.selector.source.map_or("all".to_owned(), |from| from.to_string());
    write!(f, "ip rule from {from}{} removed", to.unwrap_or_default())
}

fn write_unheard(f: &mut fmt::Formatter<'_>, peers: &[IpAddr], vrid: Vrid) -> fmt::Result {
    let peers: Vec<String> = peers.iter().map(ToString::to_string).collect();
    write!(
        f,
        "is master and has heard no packet of {} since the start: does IP protocol 112 pass every \
         firewall and network in between, and is VRID {vrid} run there?",
        peers.join(" ")
    )
}

/// Seconds as `%g` has them: six digits, none of them a zero at the end.
fn six_digits(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    let before = time.as_secs().to_string().len();
    let text = format!("{seconds:.*}", 6_usize.saturating_sub(before));
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

fn write_silent(f: &mut fmt::Formatter<'_>, silent: u32) -> fmt::Result {
    if silent == 0 { Ok(()) } else { write!(f, " (and {silent} more like it)") }
}

impl Checked {
    fn write(&self, f: &mut fmt::Formatter<'_>, name: &Name) -> fmt::Result {
        match self {
            Self::Returns(status) => write!(f, "Script `{name}` now returning {status}"),
            Self::Succeeded => write!(f, "VRRP_Script({name}) succeeded"),
            Self::Failed(status) => {
                write!(f, "VRRP_Script({name}) failed (exited with status {status})")
            }
            Self::Killed(signal) => {
                write!(f, "VRRP_Script({name}) failed (due to signal {signal})")
            }
            Self::TimedOut => write!(f, "VRRP_Script({name}) timed_out"),
            Self::BeingTimedOut => {
                write!(f, "Track script {name} is being timed out, expect idle - skipping run")
            }
            Self::StillRunning => {
                write!(f, "Track script {name} is already running, expect idle - skipping run")
            }
            Self::Kept { good } => {
                let word = if *good { "successful" } else { "unsuccessful" };
                write!(f, "VRRP_Script({name}) considered {word} on reload")
            }
        }
    }
}
