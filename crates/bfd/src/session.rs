//! One session: its states, and the one door between them (RFC 5880 §6.2, compat 22 §7).
//!
//! Which packets are for it is `router`'s business; which intervals count, `timing`'s.

mod hear;
mod output;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use fastrand::Rng;

use crate::config;
use crate::discriminators::Discriminators;
use crate::effect::{Effect, Transmission};
use crate::event::What;
use crate::sender::Sender;
use crate::table::Row;
use crate::timing::{Remote, Terms, Timing};
use crate::units::{Diagnostic, Discriminator, SessionId, StateKind};
use crate::view::{Stats, View};

/// How long a socket that cannot be opened is left alone (compat 22 §4).
const RETRY: Duration = Duration::from_secs(60);

/// The state, with what is only true in it; deadlines too.
#[derive(Debug)]
enum State {
    /// Its socket is not there yet.
    Opening,
    /// Its socket cannot be opened; not `retry_at` while that is being tried again.
    AdminDown {
        retry_at: Option<Instant>,
    },
    /// The other end is forgotten at `forget_at`, if there is anything to forget.
    Down {
        forget_at: Option<Instant>,
    },
    Init {
        heard_at: Instant,
    },
    Up {
        heard_at: Instant,
    },
}

impl State {
    const fn kind(&self) -> StateKind {
        match self {
            // Nobody could tell the difference.
            Self::Opening | Self::Down { .. } => StateKind::Down,
            Self::AdminDown { .. } => StateKind::AdminDown,
            Self::Init { .. } => StateKind::Init,
            Self::Up { .. } => StateKind::Up,
        }
    }
}

/// When it is, and where effects go.
pub(crate) struct Cx<'a> {
    pub(crate) now: Instant,
    pub(crate) effects: &'a mut VecDeque<Effect>,
    pub(crate) transmissions: &'a mut VecDeque<Transmission>,
    pub(crate) discriminators: &'a mut Discriminators,
    pub(crate) rng: &'a mut Rng,
}

/// One session.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: SessionId,
    pub(crate) config: Arc<config::Session>,
    state: State,
    mine: Discriminator,
    diagnostic: Diagnostic,
    remote: Remote,
    timing: Timing,
    sender: Sender,
    /// What it says has changed: the next packet does not wait until it is due.
    news: bool,
    /// Those who track it were last told that it is up.
    told_up: bool,
    /// The last packet could not be sent.
    mute: bool,
    last_heard: Option<Instant>,
    /// What the table of both ends said last.
    shown: Option<[Row; 2]>,
    stats: Stats,
}

impl Session {
    /// Begins its life. Those who track it hear first of all that it is down.
    pub(crate) fn start(id: SessionId, config: config::Session, cx: &mut Cx<'_>) -> Self {
        let mut session = Self {
            id,
            state: State::Opening,
            mine: cx.discriminators.draw(id, cx.rng),
            diagnostic: Diagnostic::None,
            remote: Remote::UNKNOWN,
            timing: Timing::new(Terms::while_idle(&config)),
            sender: Sender::Silent,
            news: false,
            told_up: false,
            mute: false,
            last_heard: None,
            shown: None,
            stats: Stats::default(),
            config: Arc::new(config),
        };
        session.tell(cx, false);
        session.open(cx);
        session
    }

    pub(crate) const fn discriminator(&self) -> Discriminator {
        self.mine
    }

    const fn kind(&self) -> StateKind {
        self.state.kind()
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        let own = match self.state {
            State::Opening => None,
            State::AdminDown { retry_at } => retry_at,
            State::Down { forget_at } => forget_at,
            State::Init { heard_at } | State::Up { heard_at } => Some(heard_at + self.detection()),
        };
        own.into_iter().chain(self.sender.deadline()).min()
    }

    fn detection(&self) -> Duration {
        self.timing.detection(&self.remote)
    }

    /// The one door between states. Leaving comes before entering.
    fn enter(&mut self, next: State, cx: &mut Cx<'_>) {
        let from = std::mem::replace(&mut self.state, next).kind();
        let to = self.kind();
        if from == StateKind::Up && to != StateKind::Up {
            self.leave_up(cx);
        }
        if matches!(to, StateKind::Init | StateKind::Up) {
            self.diagnostic = Diagnostic::None;
        }
        let (local, remote) = (self.diagnostic, self.remote.diagnostic);
        self.report(cx, What::Entered { from, to, local, remote });
        if to == StateKind::Up {
            self.stats.went_up += 1;
            self.negotiate(cx);
            self.tell(cx, true);
        }
        self.news = true;
    }

    /// It goes by another number from now on, so nothing that is still under way for the old
    /// one counts (compat 22 §3).
    fn leave_up(&mut self, cx: &mut Cx<'_>) {
        self.stats.went_down += 1;
        self.timing.replace(Terms::while_idle(&self.config));
        let old = self.mine;
        self.mine = cx.discriminators.draw(self.id, cx.rng);
        cx.discriminators.release(old);
    }

    /// Wishes to use the intervals of a session that is up.
    fn negotiate(&mut self, cx: &mut Cx<'_>) {
        if self.timing.negotiate(cx.now, Terms::while_up(&self.config)) {
            self.report(cx, What::PollBegan);
        }
    }

    pub(crate) fn on_timeout(&mut self, cx: &mut Cx<'_>) {
        match self.state {
            State::AdminDown { retry_at: Some(at) } if at <= cx.now => self.retry(cx),
            State::Down { forget_at: Some(at) } if at <= cx.now => {
                self.remote = Remote::UNKNOWN;
                self.state = State::Down { forget_at: None };
            }
            State::Init { heard_at } | State::Up { heard_at } => {
                let expires_at = heard_at + self.detection();
                if expires_at <= cx.now {
                    self.on_silence(cx, expires_at);
                }
            }
            State::Opening | State::AdminDown { .. } | State::Down { .. } => {}
        }
        self.on_tick(cx);
    }

    /// RFC 5880 §6.8.4: nothing was heard for the detection time.
    fn on_silence(&mut self, cx: &mut Cx<'_>, expires_at: Instant) {
        let (detection, overdue) = (self.detection(), cx.now - expires_at);
        let was_up = self.kind() == StateKind::Up;
        self.report(cx, What::Expired { detection, overdue, was_up });
        self.diagnostic = Diagnostic::Expired;
        self.remote.discriminator = None;
        self.enter(State::Down { forget_at: Some(cx.now + detection) }, cx);
        if was_up {
            self.tell(cx, false);
        }
    }

    /// Its socket is there.
    pub(crate) fn on_opened(&mut self, cx: &mut Cx<'_>) {
        match self.state {
            State::Opening => {
                self.state = State::Down { forget_at: None };
                self.news = true;
            }
            State::AdminDown { .. } => {
                self.diagnostic = Diagnostic::None;
                self.enter(State::Down { forget_at: None }, cx);
            }
            // Its socket was replaced.
            State::Down { .. } | State::Init { .. } | State::Up { .. } => {}
        }
        self.mute = false;
        self.speak(cx);
    }

    /// Its socket cannot be opened, perhaps because its address is not there yet.
    pub(crate) fn on_not_opened(&mut self, cx: &mut Cx<'_>) {
        let next = State::AdminDown { retry_at: Some(cx.now + RETRY) };
        if self.kind() == StateKind::AdminDown {
            self.state = next;
            return;
        }
        self.report(cx, What::CannotOpen);
        self.diagnostic = Diagnostic::AdminDown;
        self.remote = Remote::UNKNOWN;
        self.enter(next, cx);
        if self.told_up {
            self.tell(cx, false);
        }
        self.speak(cx);
    }

    /// Tries to open its socket, unless that is being tried.
    fn retry(&mut self, cx: &mut Cx<'_>) {
        if let State::AdminDown { retry_at } = &mut self.state
            && retry_at.take().is_some()
        {
            self.open(cx);
        }
    }

    /// Replaces the configuration; the caller has made sure that it is the same session.
    pub(crate) fn adopt(&mut self, cx: &mut Cx<'_>, config: config::Session) {
        let old = std::mem::replace(&mut self.config, Arc::new(config));
        if old.ttl != self.config.ttl {
            self.open(cx);
        }
        match self.kind() {
            StateKind::Up => self.negotiate(cx),
            StateKind::AdminDown | StateKind::Down | StateKind::Init => {
                self.timing.replace(Terms::while_idle(&self.config));
            }
        }
        let said = |config: &config::Session| (config.min_rx, config.multiplier);
        self.news |= said(&old) != said(&self.config) || self.timing.is_polling();
        self.speak(cx);
        self.tell(cx, self.told_up);
    }

    /// The end of its life: whoever tracks it hears that it is down.
    pub(crate) fn leave(&mut self, cx: &mut Cx<'_>) {
        if self.told_up {
            self.tell(cx, false);
        }
    }

    pub(crate) fn view(&self) -> View {
        View {
            id: self.id,
            config: Arc::clone(&self.config),
            state: self.kind(),
            discriminator: self.mine,
            diagnostic: self.diagnostic,
            remote_state: self.remote.state,
            remote_discriminator: self.remote.discriminator,
            remote_diagnostic: self.remote.diagnostic,
            remote_min_tx: self.remote.min_tx,
            remote_min_rx: self.remote.min_rx,
            remote_multiplier: self.remote.multiplier,
            remote_demand: self.remote.demand,
            mute: self.mute,
            polling: self.timing.is_polling(),
            desired_min_tx: self.timing.announced.tx,
            interval: self.timing.interval(&self.remote),
            detection: self.detection(),
            last_heard: self.last_heard,
            deadline: self.deadline(),
            stats: self.stats,
        }
    }
}
