//! Asks some links every second whether they are up, on a thread of its own: a driver may take
//! its time to answer (`linkbeat_interfaces`, compat 11 §13.7).

use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use net::LinkName;
use sys::carrier::{Asker, Question};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use vrrp::config::Polling;

use crate::log::Log;

/// How often each link is asked.
const EVERY: Duration = Duration::from_secs(1);

/// A link, and whether it is up.
type Beat = (LinkName, bool);
/// The links to ask, and how.
type Wishes = BTreeMap<LinkName, Polling>;
/// The ends of the thread's channels.
type Ends = (Sender<Wishes>, UnboundedReceiver<Beat>);

/// The thread that asks, once there is something to ask.
pub(super) struct Linkbeat {
    thread: Option<Ends>,
    log: Log,
}

impl Linkbeat {
    pub(super) const fn new(log: Log) -> Self {
        Self { thread: None, log }
    }

    /// Asks these links from now on, and no others.
    ///
    /// # Errors
    /// When no thread can be made.
    pub(super) fn ask(&mut self, polled: Wishes) -> io::Result<()> {
        if self.thread.is_none() {
            if polled.is_empty() {
                return Ok(());
            }
            self.thread = Some(self.start()?);
        }
        if let Some((wishes, _)) = &self.thread {
            let _ = wishes.send(polled);
        }
        Ok(())
    }

    /// The next link that went up or down, or was asked for the first time.
    pub(super) async fn next(&mut self) -> Beat {
        if let Some((_, beats)) = &mut self.thread
            && let Some(beat) = beats.recv().await
        {
            return beat;
        }
        std::future::pending().await
    }

    fn start(&self) -> io::Result<Ends> {
        let asker = Asker::new()?;
        let (wishes, from_wishes) = channel();
        let (tell, beats) = unbounded_channel();
        let poll = Poll { asker, links: Vec::new(), tell, log: self.log.clone() };
        std::thread::Builder::new()
            .name("linkbeat".to_owned())
            .spawn(move || poll.run(&from_wishes))?;
        self.log.info("Using MII-BMSR/ETHTOOL NIC polling thread(s)...");
        Ok((wishes, beats))
    }
}

struct Poll {
    asker: Asker,
    links: Vec<Polled>,
    tell: UnboundedSender<Beat>,
    log: Log,
}

struct Polled {
    link: LinkName,
    question: Question,
    up: Option<bool>,
}

impl Poll {
    /// Ends when nobody has wishes any more.
    fn run(mut self, wishes: &Receiver<Wishes>) {
        loop {
            let patience = if self.links.is_empty() { Duration::MAX } else { EVERY };
            match wishes.recv_timeout(patience) {
                Ok(polled) => self.begin(polled),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            for polled in &mut self.links {
                // One that is gone, or no longer answers, is down.
                let up = self.asker.has_link(polled.link.as_str(), polled.question);
                let up = up.unwrap_or(false);
                if polled.up.replace(up) != Some(up) {
                    let _ = self.tell.send((polled.link.clone(), up));
                }
            }
        }
    }

    fn begin(&mut self, polled: Wishes) {
        self.links.clear();
        for (link, polling) in polled {
            let question = self.question(&link, polling);
            self.links.push(Polled { link, question, up: None });
        }
    }

    /// The question that is wished for, or else the first one that the driver answers.
    fn question(&self, link: &LinkName, polling: Polling) -> Question {
        use Question::{Ethtool, Flags, Mii};
        let order = match polling {
            Polling::Any | Polling::Mii => [Mii, Ethtool, Flags],
            Polling::Ethtool => [Ethtool, Mii, Flags],
            Polling::Ioctl => [Flags, Flags, Flags],
        };
        let answered = |question: &Question| self.asker.has_link(link.as_str(), *question).is_ok();
        let question = order.into_iter().find(answered).unwrap_or(Flags);
        if polling != Polling::Any && question != order[0] {
            let (wished, used) = (word(order[0]), word(question));
            self.log.info(format!(
                "({link}): Configured linkbeat type {wished} not supported, using {used}"
            ));
        }
        question
    }
}

const fn word(question: Question) -> &'static str {
    match question {
        Question::Mii => "MII",
        Question::Ethtool => "ETHTOOL",
        Question::Flags => "IOCTL",
    }
}
