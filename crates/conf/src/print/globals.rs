//! The statements outside every block, and `global_defs`.

use super::Writer;
use crate::Config;

pub(super) fn print(config: &Config, out: &mut Writer) {
    let globals = &config.globals;
    if let Some(name) = &globals.net_namespace {
        out.statement("net_namespace", &[name]);
    }
    out.block("global_defs", &[], |out| {
        if let Some(id) = &globals.router_id {
            out.statement("router_id", &[id]);
        }
    });
}
