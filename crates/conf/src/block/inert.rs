//! Blocks that are only recognised: their keywords stand at the right place and do nothing yet.
//!
//! Each moves into a module of its own when it takes effect.

use crate::keyword::Keyword;

type Row = Keyword<()>;

/// `SSL`.
pub(crate) static SSL: &[Row] = &[
    Row::inert("password", "pass phrase of the key"),
    Row::inert("ca", "file of trusted certificates"),
    Row::inert("certificate", "file of the own certificate"),
    Row::inert("key", "file of the own key"),
];
