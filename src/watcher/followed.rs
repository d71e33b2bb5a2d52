//! The files that checks follow, watched on a thread of their own: a disk that hangs holds up
//! nobody else.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use lvs::config::Config;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use super::files::Files;
use crate::log::Log;

/// How long the first look at files is waited for. What hangs longer is told later.
const FIRST_LOOK: Duration = Duration::from_secs(2);

/// The values of files, by their names.
pub(crate) type Values = Vec<(Arc<str>, i32)>;

/// Files and where they are, by their names.
type Paths = Vec<(Arc<str>, PathBuf)>;

/// The watch over these files. Its thread begins with the first file.
#[derive(Debug)]
pub(crate) struct Followed {
    thread: Option<Thread>,
    log: Log,
}

#[derive(Debug)]
struct Thread {
    wishes: UnboundedSender<Paths>,
    /// Values, and how many wishes had been read when they were.
    told: UnboundedReceiver<(u64, Values)>,
    wished: u64,
}

impl Followed {
    /// Watches nothing yet.
    pub(crate) const fn new(log: Log) -> Self {
        Self { thread: None, log }
    }

    /// Watches the files of this configuration and no others. Says what each holds, or nothing if
    /// that takes too long.
    pub(crate) async fn watch(&mut self, config: &Config) -> Values {
        let paths: Paths = config.followed().into_iter().collect();
        if self.thread.is_none() && !paths.is_empty() {
            match Thread::start(self.log.clone()) {
                Ok(thread) => self.thread = Some(thread),
                Err(error) => self.log.error(format!("Cannot watch files: {error}")),
            }
        }
        match &mut self.thread {
            Some(thread) => thread.look(paths).await,
            None => Values::new(),
        }
    }

    /// The next files that hold something else; waits for ever when there are none. `None` when
    /// the thread is lost.
    pub(crate) async fn changed(&mut self) -> Option<Values> {
        match &mut self.thread {
            Some(thread) => thread.told.recv().await.map(|(_, values)| values),
            None => std::future::pending().await,
        }
    }
}

impl Thread {
    fn start(log: Log) -> io::Result<Self> {
        let (wishes, wished) = unbounded_channel();
        let (tell, told) = unbounded_channel();
        let task = watch(Files::new(log), wished, tell);
        let thread = std::thread::Builder::new().name("watch-rs".to_owned());
        thread.spawn(|| crate::runtime::block_on(task))?;
        Ok(Self { wishes, told, wished: 0 })
    }

    async fn look(&mut self, paths: Paths) -> Values {
        let _ = self.wishes.send(paths);
        self.wished += 1;
        let mut values = Values::new();
        // What was told before comes first, so that the newest value of a file is the last one.
        let looked = async {
            while let Some((served, more)) = self.told.recv().await {
                values.extend(more);
                if served == self.wished {
                    return;
                }
            }
        };
        let _ = timeout(FIRST_LOOK, looked).await;
        values
    }
}

/// What the thread runs, until nobody has wishes any more.
async fn watch(
    mut files: Files<Arc<str>>,
    mut wished: UnboundedReceiver<Paths>,
    tell: UnboundedSender<(u64, Values)>,
) {
    let mut served = 0;
    loop {
        let values = tokio::select! {
            paths = wished.recv() => {
                let Some(paths) = paths else { return };
                served += 1;
                files.watch(paths.into_iter())
            }
            values = files.changed() => values,
        };
        let _ = tell.send((served, values));
    }
}
