//! Rows of `global_defs`: named pipes that are told of transitions, and their readers.

use super::Row;
use super::scripts::{self, OwnedCommand};
use super::value::{set, set_boolean};
use crate::block::command;
use crate::globals::{Account, Fifo, Globals};
use crate::line::Line;

/// Pipes.
pub(super) static FIFO: &[Row] = &[
    Row::now("notify_fifo", "pipe for all notifications", |root, line| {
        let fifo = fifo(&root.globals, root.globals.fifos.all.fifo.as_ref(), line)?;
        root.globals.fifos.all.fifo = Some(fifo);
        Some(())
    })
    .takes("PATH [USER [GROUP]]", "", ""),
    Row::script("notify_fifo_script", "reads that pipe", |root, line| {
        reader(&root.globals, &mut root.programs.fifo, line)
    })
    .takes("COMMAND [USER [GROUP]]", "", ""),
    Row::now("vrrp_notify_fifo", "pipe for VRRP notifications", |root, line| {
        let fifo = fifo(&root.globals, root.globals.fifos.vrrp.fifo.as_ref(), line)?;
        root.globals.fifos.vrrp.fifo = Some(fifo);
        Some(())
    })
    .takes("PATH [USER [GROUP]]", "", ""),
    Row::script("vrrp_notify_fifo_script", "reads that pipe", |root, line| {
        reader(&root.globals, &mut root.programs.vrrp_fifo, line)
    })
    .takes("COMMAND [USER [GROUP]]", "", ""),
    Row::now("lvs_notify_fifo", "pipe for checker notifications", |root, line| {
        let fifo = fifo(&root.globals, root.globals.fifos.lvs.fifo.as_ref(), line)?;
        root.globals.fifos.lvs.fifo = Some(fifo);
        Some(())
    })
    .takes("PATH [USER [GROUP]]", "", ""),
    Row::script("lvs_notify_fifo_script", "reads that pipe", |root, line| {
        reader(&root.globals, &mut root.programs.lvs_fifo, line)
    })
    .takes("COMMAND [USER [GROUP]]", "", ""),
    Row::now(
        "vrrp_notify_priority_changes",
        "writes priority changes to the pipes",
        |root, line| set_boolean(&mut root.globals.vrrp.notify_priority_changes, line),
    )
    .takes("[on|off]", "", "off"),
    Row::now("fifo_write_vrrp_states_on_reload", "writes all states after a reload", |root, _| {
        set(&mut root.globals.fifos.states_on_reload)
    })
    .takes("", "", "off"),
];

fn fifo(globals: &Globals, earlier: Option<&Fifo>, line: &mut Line<'_, '_>) -> Option<Fifo> {
    let keyword = line.text(0).unwrap_or_default().to_owned();
    let path = line.given(1, &format!("No {keyword} name specified"))?;
    if earlier.is_some() {
        line.error(format!("{keyword} already specified - ignoring {}", path.text));
        return None;
    }
    let owner = owner(globals, line)?;
    Some(Fifo { path: path.text.into(), owner })
}

/// Whose the pipe is: the account that is named behind its path.
fn owner(globals: &Globals, line: &mut Line<'_, '_>) -> Option<Account> {
    let (user, group) = (line.word(2), line.word(3));
    let text = |word: &Option<crate::reader::Word>| word.as_ref().map(|word| word.text.clone());
    scripts::owner(globals, line, text(&user).as_deref(), text(&group).as_deref())
}

fn reader(
    globals: &Globals,
    place: &mut Option<OwnedCommand>,
    line: &mut Line<'_, '_>,
) -> Option<()> {
    let keyword = line.text(0).unwrap_or_default().to_owned();
    line.given(1, &format!("No {keyword} specified"))?;
    let command = command::read(line)?;
    if place.is_some() {
        line.error(format!("{keyword} already specified - ignoring {}", command.argv[0]));
        return None;
    }
    let account = scripts::owner(globals, line, command.user.as_deref(), command.group.as_deref())?;
    *place = Some(OwnedCommand { command, account });
    Some(())
}
