//! The scripts of servers and services, on a thread of their own.
//!
//! A rack that dies may start thousands of them. They wait for each other here, so that neither a
//! check script nor `notify_master` waits for them.

use std::thread::JoinHandle;

use lvs::Notice;
use notify::{Command, Queues};
use tokio::sync::mpsc::UnboundedReceiver;

use super::FAREWELL;
use crate::pipes::Teller;
use crate::schedule::{Crew, Role};

/// Scripts that run at a time.
const AT_A_TIME: usize = 16;

/// Starts the thread. It ends when nobody can tell it anything any more, and then gives the
/// scripts that still run a second.
///
/// # Errors
/// When no thread can be made.
pub(crate) fn start(
    mut notices: UnboundedReceiver<Vec<Notice>>,
    pipes: Teller,
    crew: &mut Crew,
) -> std::io::Result<JoinHandle<()>> {
    crew.spawn("notify-rs", Role::Helper, move || {
        crate::runtime::block_on(async move {
            let mut queues = Queues::with_room(AT_A_TIME);
            while let Some(together) = notices.recv().await {
                for notice in together {
                    let line = notice.line();
                    let Notice { subject, command, .. } = notice;
                    if let Some(command) = command {
                        queues.push(&subject.to_string(), command_of(&command));
                    }
                    pipes.tell(line);
                }
            }
            // Scripts that take longer are asked to end by the death of this thread.
            queues.finish(FAREWELL).await;
        });
    })
}

fn command_of(command: &lvs::config::Command) -> Command {
    let lvs::config::Command { argv, uid, gid } = command;
    Command { argv: argv.clone(), uid: *uid, gid: *gid }
}
