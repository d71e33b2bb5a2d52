//! The pipes that are open, and their readers: what other wishes change, and what a line does.

use std::time::Duration;

use conf::Command;
use notify::{Fifo, FifoError, Guarded};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::{Saying, Source, Wish};
use crate::log::{Log, Part};

/// How long a reader whose pipe is closed has for what is still inside.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The pipes that are open.
pub(super) struct Open {
    pipes: Vec<Pipe>,
    log: Log,
}

struct Pipe {
    wish: Wish,
    fifo: Fifo,
    reader: Option<Reader>,
}

/// A program that reads a pipe.
struct Reader {
    /// Dropped when the pipe is closed.
    _open: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Open {
    /// No pipe yet.
    pub(super) const fn new(log: Log) -> Self {
        Self { pipes: Vec::new(), log }
    }

    /// Until the end is said. Readers that still go on a while later get a SIGTERM from the end of
    /// this thread.
    pub(super) async fn serve(mut self, mut sayings: UnboundedReceiver<Saying>) {
        while let Some(saying) = sayings.recv().await {
            match saying {
                Saying::Wishes(wishes) => drop(self.replace(wishes)),
                Saying::Line(source, line) => self.write(source, &line),
                Saying::End => break,
            }
        }
        for reader in self.replace(Vec::new()) {
            let _ = timeout(LAST_WORDS, reader).await;
        }
    }

    /// A pipe whose settings are the same stays as it is, as long as it is still there. Returns the
    /// readers of those that were closed.
    fn replace(&mut self, wishes: Vec<Wish>) -> Vec<JoinHandle<()>> {
        let old = std::mem::take(&mut self.pipes).into_iter();
        let (kept, closed): (Vec<_>, Vec<_>) = old.partition(|pipe| {
            pipe.fifo.is_in_place() && wishes.iter().any(|wish| pipe.wish.is_same(wish))
        });
        self.pipes = kept;
        // Closing comes first: a pipe that is made anew may have the same name.
        let readers = closed.into_iter().filter_map(|pipe| pipe.reader);
        let readers = readers.map(|reader| reader.task).collect();
        for wish in wishes {
            match self.pipes.iter_mut().find(|pipe| pipe.wish.is_same(&wish)) {
                Some(pipe) => pipe.keep(wish, &self.log),
                None => self.pipes.extend(Pipe::open(wish, &self.log)),
            }
        }
        readers
    }

    fn write(&mut self, source: Source, line: &str) {
        for Pipe { wish, fifo, .. } in &mut self.pipes {
            if wish.hears.contains(&source)
                && let Err(error) = fifo.write(line)
            {
                let log = self.log.part(wish.part);
                log.info(format!("{}notify fifo write error: {error}", wish.kind));
            }
        }
    }
}

impl Pipe {
    /// Opens a pipe and starts its reader; `None` when it cannot be used.
    fn open(wish: Wish, log: &Log) -> Option<Self> {
        let fifo = open(&wish, &log.part(wish.part))?;
        let mut pipe = Self { wish, fifo, reader: None };
        pipe.start_reader(log);
        Some(pipe)
    }

    /// Stays open. A reader that has ended meanwhile is started again, as with keepalived.
    fn keep(&mut self, wish: Wish, log: &Log) {
        self.wish = wish;
        if self.reader.as_ref().is_none_or(|reader| reader.task.is_finished()) {
            self.start_reader(log);
        }
    }

    fn start_reader(&mut self, log: &Log) {
        let Wish { part, settings, .. } = &self.wish;
        let Some(script) = &settings.script else { return };
        let path = settings.fifo.as_ref().map(|fifo| fifo.path.display().to_string());
        self.reader = Reader::start(script, path, *part, &log.part(*part));
    }
}

fn open(wish: &Wish, log: &Log) -> Option<Fifo> {
    let fifo = wish.settings.fifo.as_ref()?;
    let (kind, path) = (wish.kind, fifo.path.display());
    let opened = Fifo::open(&fifo.path, fifo.owner.uid, fifo.owner.gid);
    let opened = opened.map_err(|error| match error {
        FifoError::NotOurs => {
            log.info(format!("{kind}notify fifo {path} is not a fifo we own - not using"));
        }
        FifoError::Io(error) => {
            log.info(format!("Unable to open {kind}notify fifo {path}: {error}"));
        }
    });
    opened.ok()
}

impl Reader {
    /// Starts it, with the pipe behind its own arguments.
    fn start(script: &Command, path: Option<String>, part: Part, log: &Log) -> Option<Self> {
        // keepalived names the part here, not the pipe.
        let kind = if part == Part::Checkers { "lvs" } else { "vrrp" };
        let argv = script.argv.iter().cloned().chain(path).collect();
        let command = notify::Command { argv, uid: script.account.uid, gid: script.account.gid };
        let complaint = format!("Error exec-ing {kind} notify fifo script");
        let run =
            command.start_guarded().map_err(|error| log.alert(format!("{complaint}: {error}")));
        let (run, (_open, closed), log) = (run.ok()?, oneshot::channel(), log.clone());
        let task = tokio::spawn(async move {
            match attend(run, closed).await {
                Ok(()) => log.info(format!("{kind} notify fifo script terminated")),
                Err(error) => log.alert(format!("{complaint}: {error}")),
            }
        });
        Some(Self { _open, task })
    }
}

/// Waits for the end of a reader, and brings it about when its pipe is closed and it goes on.
async fn attend(mut run: Guarded, closed: oneshot::Receiver<()>) -> std::io::Result<()> {
    tokio::select! {
        ended = run.wait() => return ended.map(drop),
        _ = closed => {}
    }
    if run.wait_for(LAST_WORDS).await?.is_none() {
        run.end().await;
    }
    Ok(())
}
