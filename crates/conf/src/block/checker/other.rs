//! The rows of the kinds of checks that are not run yet.
//!
//! Each moves into a module of its own when it takes effect.

use super::{CONNECT, Row, SCHEDULE};
use crate::block::command;
use crate::block::lvs_value as read;
use crate::block::timing;

/// The rows of `SMTP_CHECK`.
pub(crate) static SMTP: &[Row] = &[
    Row::inert("helo_name", "name said to the server"),
    Row::later("host", "another server", |check, line| {
        line.block_of(&[CONNECT, SCHEDULE], check);
        Some(())
    }),
];

/// The rows of `DNS_CHECK`.
pub(crate) static DNS: &[Row] = &[Row::inert("type", "type of the query"), NAME];

/// The rows of `UDP_CHECK`.
pub(crate) static UDP: &[Row] = &[
    Row::inert("payload", "what is sent"),
    Row::inert("require_reply", "what must come back"),
    Row::inert("min_reply_length", "least length of the reply"),
    Row::inert("max_reply_length", "largest length of the reply"),
];

/// The rows of `MISC_CHECK`.
pub(crate) static MISC: &[Row] = &[
    Row {
        script: true,
        ..Row::later("misc_path", "the program and its arguments", |check, line| {
            check.command = Some(command::read(line)?);
            Some(())
        })
    },
    Row::later("misc_timeout", "seconds that it may take", |_, line| {
        read::number::<u32>(line, 0, 4294).map(drop)
    }),
    Row::inert("misc_dynamic", "its exit status sets the weight"),
    Row::inert("user", "the account that it runs as"),
];

/// The rows of `FILE_CHECK`.
pub(crate) static FILE: &[Row] =
    &[Row::inert("track_file", "the file"), Row::inert("weight", "factor of the file's value")];

/// The rows of `BFD_CHECK`.
pub(crate) static BFD: &[Row] = &[NAME, ALPHA];

const ALPHA: Row =
    Row::later("alpha", "starts as failed", |check, line| timing::alpha(&mut check.timing, line));
const NAME: Row =
    Row::later("name", "the name to ask for or to follow", |_, line| line.required(1).map(drop));
