//! One virtual router: its states, and the one door between them.
//!
//! It knows its own configuration and what it was told; what other instances of its sync group
//! do is `sync_group`'s business, and what links and scripts mean is `tracking`'s.

mod adopt;
mod backup;
mod hear;
mod master;
mod output;
mod owner;
mod start;
mod timing;
mod verdict;

use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::advert::{DiscardKind, Memory, Numbering};
use crate::config;
use crate::effect::{Announce, Effect, OneRound, Transmission};
use crate::event::{Deed, Dispute};
use crate::holdings::Holdings;
use crate::notice::{Told, Waiting};
use crate::repeats::Repeats;
use crate::state::StateKind;
use crate::stats::Stats;
use crate::tracking::Verdict;
use crate::units::{Advertised, Generation, InstanceId, Priority};

use adopt::{extra_addresses, is_old};
pub(crate) use backup::Backup;
use backup::Predecessor;
pub(crate) use master::{Master, Rival};

/// The state, with what is only true in it; deadlines too.
#[derive(Debug)]
pub(crate) enum State {
    Init,
    Fault,
    Backup(Backup),
    Master(Master),
    Stopped,
}

impl State {
    const fn kind(&self) -> StateKind {
        match self {
            Self::Init => StateKind::Init,
            Self::Fault => StateKind::Fault,
            Self::Backup(_) => StateKind::Backup,
            Self::Master(_) => StateKind::Master,
            Self::Stopped => StateKind::Stop,
        }
    }
}

/// What an instance wants after an input; granting it may involve its whole group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Nothing,
    /// The master fell silent.
    TakeOver,
    /// A better master was heard: it has stepped back.
    SteppedBack,
    /// As master it heard a worse one: its group announces too.
    HeardLower,
    /// As backup it heard a master, which compares with it like this.
    HeardMaster(Rival),
}

/// What keeps a unit from taking part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    None,
    /// A check script that could mean a fault has not answered yet.
    Awaiting,
    /// A member has a fault.
    Fault,
}

/// What a master says to the segment as it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Farewell {
    /// Nothing: a better one is there, or is taken to be.
    Nothing,
    /// Priority 0: nobody has to wait for its silence.
    Release,
}

/// When it is, and where effects go.
pub(crate) struct Cx<'a> {
    pub(crate) now: Instant,
    /// What timers count from: now, or the end of the delay at the start.
    pub(crate) begin: Instant,
    pub(crate) since_1970: Duration,
    pub(crate) effects: &'a mut VecDeque<Effect>,
    pub(crate) transmissions: &'a mut VecDeque<Transmission>,
}

/// One virtual router.
#[derive(Debug)]
pub(crate) struct Instance {
    pub(crate) id: InstanceId,
    pub(crate) config: Arc<config::Instance>,
    pub(crate) state: State,
    pub(crate) verdict: Verdict,
    pub(crate) stats: Stats,
    pub(crate) generation: Generation,
    pub(crate) settled: Generation,
    holdings: Holdings,
    notify: Arc<config::Notify>,
    announce: Announce,
    extra: OneRound,
    /// The announcements of its own address.
    own: OneRound,
    identification: u16,
    /// The highest sequence number of AH that it has sent or accepted (compat 11 §1.5).
    sequence: u32,
    /// The highest one that it has accepted.
    heard_sequence: u32,
    /// The numbers in the trailers that it sends, and those that it has seen.
    numbering: Numbering,
    seen: Memory,
    /// The address that it sent from last.
    spoke_from: Option<IpAddr>,
    waiting: Waiting,
    /// What the outside was told last.
    told: Option<(Told, Instant)>,
    reported: Repeats<DiscardKind>,
    /// Its unicast adverts have the checksum of releases before 1.3.7: so it is configured, or a
    /// peer was heard to use it.
    old_checksum: bool,
    /// The last router that it took for the master.
    pub(crate) master: Option<(IpAddr, Priority)>,
    /// Since when it has its state.
    pub(crate) changed_at: Option<Instant>,
    /// The order of its mastership that first asked for the addresses.
    pub(crate) master_since: Generation,
    /// A packet for it has come in, good or bad, since the start.
    ever_heard: bool,
    /// As address owner it has given way to another one.
    gave_way: bool,
}

impl Instance {
    pub(crate) fn new(id: InstanceId, config: config::Instance, verdict: Verdict) -> Self {
        Self {
            id,
            old_checksum: is_old(&config),
            extra: OneRound { count: 0, addresses: extra_addresses(&config) },
            own: OneRound::default(),
            holdings: Holdings::of_instance(&config),
            notify: config.notify.clone().into(),
            config: config.into(),
            state: State::Init,
            verdict,
            stats: Stats::default(),
            generation: Generation::default(),
            settled: Generation::default(),
            announce: Announce::default(),
            identification: 0,
            sequence: 0,
            heard_sequence: 0,
            numbering: Numbering::default(),
            seen: Memory::default(),
            spoke_from: None,
            waiting: Waiting::default(),
            told: None,
            reported: Repeats::default(),
            master: None,
            changed_at: None,
            master_since: Generation::default(),
            ever_heard: false,
            gave_way: false,
        }
    }

    pub(crate) const fn kind(&self) -> StateKind {
        self.state.kind()
    }

    pub(crate) const fn is_master(&self) -> bool {
        matches!(self.state, State::Master(_))
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        match &self.state {
            State::Init | State::Fault | State::Stopped => None,
            // It takes over as soon as it can be heard, if that is due by then.
            State::Backup(_) if self.verdict.mute => None,
            State::Backup(backup) => Some(backup.takeover_at),
            State::Master(master) => Some(master.deadline()),
        }
    }

    /// The one door between states. Leaving comes before entering; a new master sends its advert
    /// before anything else (RFC 9568 §6.4.2).
    fn enter(&mut self, next: State, cx: &mut Cx<'_>, told: Option<Told>, farewell: Farewell) {
        let previous = std::mem::replace(&mut self.state, next);
        let (was, is) = (matches!(previous, State::Master(_)), self.is_master());
        let first = matches!(previous, State::Init);
        self.changed_at = Some(cx.now);
        let released = was && farewell == Farewell::Release && self.release(cx);
        if is {
            self.reported.clear();
            self.send(cx, Advertised::Priority(self.priority()));
        } else if first {
            self.clear_leftovers(cx);
        }
        if self.kind() != StateKind::Stop {
            self.report(cx, Deed::Entered { state: self.kind(), first: first && !is });
        }
        if is {
            self.take_charge(cx);
        } else if was {
            if released {
                self.report(cx, Deed::ReleaseSent);
            }
            self.stats.release_master += 1;
            self.reported.clear();
            self.report_moves(cx, false);
            self.order(cx, None);
        } else if self.kind() == StateKind::Stop {
            // Whoever has stopped says that it has no claim any more.
            self.order(cx, None);
        }
        if let Some(told) = told {
            self.tell(cx, told);
        }
    }

    /// What a new master does once it has said so.
    fn take_charge(&mut self, cx: &mut Cx<'_>) {
        self.stats.become_master += 1;
        self.claim_again(cx, Dispute::TookOver);
        self.report_moves(cx, true);
        self.order(cx, Some(self.config.announcement.repeat));
        self.master_since = self.generation;
    }

    /// Whatever an earlier run left in the kernel goes (compat 11 §12.3).
    fn clear_leftovers(&mut self, cx: &mut Cx<'_>) {
        self.report_moves(cx, false);
        self.order(cx, None);
    }

    /// Takes mastership. The group has agreed.
    pub(crate) fn become_master(&mut self, cx: &mut Cx<'_>) {
        let (learned, before) = match &self.state {
            State::Backup(backup) => (backup.interval, backup.before),
            State::Init | State::Fault | State::Master(_) | State::Stopped => {
                (self.config.advert_interval, Predecessor::Nobody)
            }
        };
        if learned != self.config.advert_interval {
            let to = self.config.advert_interval;
            self.report(cx, Deed::IntervalRestored { from: learned, to });
        }
        let master = Master::new(cx.now, &self.config, before);
        self.enter(State::Master(master), cx, Some(Told::Master), Farewell::Nothing);
    }

    /// Waits for this long before the next takeover.
    pub(crate) fn become_backup(&mut self, cx: &mut Cx<'_>, wait: Duration) {
        let backup = Backup::until(cx.begin + wait, self.config.advert_interval);
        self.enter(State::Backup(backup), cx, Some(Told::Backup), Farewell::Nothing);
    }

    /// Stops being master in favour of whoever is next.
    pub(crate) fn let_go(&mut self, cx: &mut Cx<'_>) {
        let wait = self.master_down(None);
        let backup = Backup::until(cx.begin + wait, self.config.advert_interval);
        self.enter(State::Backup(backup), cx, Some(Told::Backup), Farewell::Release);
    }

    /// Gives up: a master says so first, so that nobody has to wait for its silence.
    pub(crate) fn become_fault(&mut self, cx: &mut Cx<'_>) {
        self.enter(State::Fault, cx, Some(Told::Fault), Farewell::Release);
    }

    /// Leaves FAULT.
    pub(crate) fn recover(&mut self, cx: &mut Cx<'_>) {
        let wait = self.first_wait();
        self.become_backup(cx, wait);
        self.announce_itself(cx);
    }

    /// It is in FAULT, and that is now for a reason that the outside should know.
    pub(crate) fn tell_fault(&mut self, cx: &mut Cx<'_>) {
        if matches!(self.state, State::Fault)
            && self.told.is_none_or(|(told, _)| told != Told::Fault)
        {
            self.report_faults(cx);
            self.tell(cx, Told::Fault);
        }
    }

    /// The end: addresses go, scripts hear it.
    pub(crate) fn stop(&mut self, cx: &mut Cx<'_>, told: Option<Told>) {
        self.enter(State::Stopped, cx, told, Farewell::Release);
    }

    /// The end of the daemon, but not of its work: addresses stay, and nobody else is called.
    pub(crate) fn abandon(&mut self, cx: &mut Cx<'_>) {
        self.state = State::Stopped;
        self.tell(cx, Told::Stop);
    }

    /// The kernel now has what an order asked for: whoever waited for it may hear.
    pub(crate) fn on_settled(&mut self, cx: &mut Cx<'_>, generation: Generation) {
        self.settled = self.settled.max(generation);
        while let Some(notice) = self.waiting.release(self.settled) {
            cx.effects.push_back(Effect::Notify(notice));
        }
    }

    pub(crate) fn on_timeout(&mut self, cx: &mut Cx<'_>) -> Wish {
        match &self.state {
            State::Backup(backup) if backup.takeover_at <= cx.now => {
                self.report(cx, Deed::TakeoverDue);
                Wish::TakeOver
            }
            State::Master(_) => {
                self.on_master_timeout(cx);
                Wish::Nothing
            }
            State::Backup(_) | State::Init | State::Fault | State::Stopped => Wish::Nothing,
        }
    }

    /// The address that it sends from, to compare with a rival's.
    fn source(&self) -> IpAddr {
        let source = self.verdict.source.map(|source| source.ip);
        source.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
    }

    /// When its next advert is due; only masters send any.
    pub(crate) const fn advert_due(&self) -> Option<Instant> {
        match &self.state {
            State::Master(master) => Some(master.advert_due()),
            State::Init | State::Fault | State::Backup(_) | State::Stopped => None,
        }
    }
}
