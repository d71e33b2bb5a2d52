//! What a session makes of a packet that is for it (RFC 5880 §6.8.6).

use super::{Cx, Session, State};
use crate::event::What;
use crate::packet::{Discard, Packet, Question};
use crate::timing::Remote;
use crate::units::{Diagnostic, StateKind};

impl Session {
    /// A valid packet.
    ///
    /// # Errors
    /// Says why it is ignored all the same.
    pub(crate) fn on_packet(
        &mut self,
        cx: &mut Cx<'_>,
        packet: &Packet,
        ttl: Option<u8>,
    ) -> Result<(), Discard> {
        let accepted = self.accepts(cx, ttl);
        if accepted.is_err() {
            self.stats.discarded += 1;
            return accepted;
        }
        self.stats.received += 1;
        self.last_heard = Some(cx.now);
        self.learn(cx, packet);
        self.follow(cx, packet.state);
        if packet.question == Question::Poll {
            self.answer(cx);
        }
        self.speak(cx);
        Ok(())
    }

    fn accepts(&mut self, cx: &mut Cx<'_>, ttl: Option<u8>) -> Result<(), Discard> {
        // RFC 5881 §5 asks for 255; keepalived for as much as it sends, less the allowed hops.
        let least = self.config.max_hops.map_or(0, |hops| self.config.ttl.saturating_sub(hops));
        if let Some(ttl) = ttl.filter(|ttl| *ttl < least) {
            return Err(Discard::TooFar { ttl, least });
        }
        match self.state {
            State::Opening => Err(Discard::Disabled),
            State::AdminDown { .. } => {
                // Somebody is there: perhaps the socket can be opened now.
                self.retry(cx);
                Err(Discard::Disabled)
            }
            State::Down { .. } | State::Init { .. } | State::Up { .. } => Ok(()),
        }
    }

    /// Notes what the other end says about itself, and that it was heard.
    fn learn(&mut self, cx: &mut Cx<'_>, packet: &Packet) {
        let was = self.detection();
        self.remote = Remote::from(packet);
        if packet.question == Question::Final {
            self.timing.on_final(cx.now);
        }
        let now = self.detection();
        match &mut self.state {
            State::Init { heard_at } | State::Up { heard_at } => *heard_at = cx.now,
            State::Down { forget_at } => *forget_at = Some(cx.now + now),
            State::Opening | State::AdminDown { .. } => {}
        }
        self.report_parameters(cx, now == was);
        if now != was {
            self.report(cx, What::DetectionTime { now, was });
        }
    }

    /// The state machine of RFC 5880 §6.2.
    fn follow(&mut self, cx: &mut Cx<'_>, heard: StateKind) {
        let heard_at = cx.now;
        match (self.kind(), heard) {
            (StateKind::Down, StateKind::Down) => self.enter(State::Init { heard_at }, cx),
            (StateKind::Down, StateKind::Init)
            | (StateKind::Init, StateKind::Init | StateKind::Up) => {
                self.enter(State::Up { heard_at }, cx);
            }
            (StateKind::Up, StateKind::Down) => {
                self.give_up(cx);
                self.tell(cx, false);
            }
            // Done on purpose there, so no reason to move anything: nobody is told
            // (compat 22 §8, RFC 5882 §3.2).
            (StateKind::Init | StateKind::Up, StateKind::AdminDown) => self.give_up(cx),
            (StateKind::Down, StateKind::AdminDown | StateKind::Up)
            | (StateKind::Init, StateKind::Down)
            | (StateKind::Up, StateKind::Init | StateKind::Up)
            | (StateKind::AdminDown, _) => {}
        }
    }

    /// The other end says that it is down.
    fn give_up(&mut self, cx: &mut Cx<'_>) {
        self.diagnostic = Diagnostic::NeighborDown;
        let forget_at = Some(cx.now + self.detection());
        self.enter(State::Down { forget_at }, cx);
    }
}
