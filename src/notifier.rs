//! The notifier: runs scripts on its own thread, so that nobody waits for one.
//!
//! Which scripts a transition has is decided by the core; the order of their runs by `notify`. The
//! pipes hear of it from here, and have a thread of their own.

pub(crate) mod balance;

use std::thread::JoinHandle;
use std::time::Duration;

use notify::{Checks, Command, Ended, Outcome, Queues};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use vrrp::{Name, Notice, Run, ScriptOutcome, ScriptSignal};

use crate::log::Log;
use crate::pipes::Teller;
use crate::schedule::{Crew, Role};
use crate::vrrp_task::{Order, Telling};

/// How long the scripts that hear STOP may take.
const FAREWELL: Duration = Duration::from_secs(1);

struct Notifier {
    queues: Queues,
    checks: Checks<(Name, Run)>,
    pipes: Teller,
    orders: UnboundedSender<Order>,
    log: Log,
}

/// Starts the notifier. It ends when nobody can tell it anything any more, and then gives the
/// scripts that still run a second.
///
/// # Errors
/// When no thread can be made.
pub(crate) fn start(
    tellings: UnboundedReceiver<Telling>,
    (orders, pipes): (UnboundedSender<Order>, Teller),
    crew: &mut Crew,
) -> std::io::Result<JoinHandle<()>> {
    let log = crew.log().clone();
    crew.spawn("notify", Role::Helper, move || {
        crate::runtime::block_on(async move {
            let (queues, checks) = (Queues::default(), Checks::default());
            Notifier { queues, checks, pipes, orders, log }.run(tellings).await;
        });
    })
}

impl Notifier {
    async fn run(mut self, mut tellings: UnboundedReceiver<Telling>) {
        loop {
            tokio::select! {
                telling = tellings.recv() => match telling {
                    Some(telling) => self.on_telling(telling),
                    None => break,
                },
                ended = self.checks.next() => self.on_end(ended),
            }
        }
        // Scripts and checks that take longer are asked to end by the death of this thread.
        self.queues.finish(FAREWELL).await;
    }

    fn on_telling(&mut self, telling: Telling) {
        match telling {
            Telling::Notify(notice) => self.notify(&notice),
            Telling::Run(name, run, command) => {
                let started = self.checks.start((name.clone(), run), &command_of(command));
                if let Err(error) = started {
                    self.on_end(((name, run), Some(Err(error))));
                }
            }
            Telling::Signal(name, run, signal) => self.signal(name, run, signal),
        }
    }

    fn signal(&mut self, name: Name, run: Run, signal: ScriptSignal) {
        let number = match signal {
            ScriptSignal::Terminate => nix::libc::SIGTERM,
            ScriptSignal::Kill => nix::libc::SIGKILL,
            ScriptSignal::End => return self.checks.end(&(name, run)),
        };
        if let Some(leader) = self.checks.signal(&(name.clone(), run), number) {
            let undead =
                format!("Script {name} child (PID {leader}) failed to terminate after kill");
            self.log.info(undead);
        }
    }

    /// Scripts first, as keepalived does; nobody waits for them.
    fn notify(&mut self, notice: &Notice) {
        let subject = format!("{} {}", notice.subject.word(), notice.subject.name());
        for command in notice.commands() {
            self.queues.push(&subject, command_of(command));
        }
        self.pipes.tell(notice.line());
    }

    fn on_end(&self, ((script, run), outcome): Ended<(Name, Run)>) {
        let outcome = match outcome {
            Some(Ok(Outcome::Exited(status))) => ScriptOutcome::Exited(status),
            Some(Ok(Outcome::Signalled(signal))) => ScriptOutcome::Signalled(signal),
            Some(Err(error)) => {
                self.log.alert(format!("Error exec-ing command of script {script}: {error}"));
                ScriptOutcome::NotRun
            }
            None => ScriptOutcome::NotRun,
        };
        let _ = self.orders.send(Order::ScriptEnded(script, run, outcome));
    }
}

fn command_of(command: vrrp::config::Command) -> Command {
    let vrrp::config::Command { argv, uid, gid } = command;
    Command { argv, uid, gid }
}
