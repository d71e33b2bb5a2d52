//! Virtual servers with their real servers and checks.

use super::Writer;
use crate::Config;

pub(super) fn print(config: &Config, out: &mut Writer) {
    if config.lvs.notify_at_start {
        out.block("global_defs", &[], |out| out.statement("rs_init_notifies", &[]));
    }
}
