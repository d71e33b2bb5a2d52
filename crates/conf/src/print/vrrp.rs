//! Scripts, instances and sync groups, and what they track.

use super::Writer;
use crate::Config;

pub(super) fn print(config: &Config, out: &mut Writer) {
    for instance in &config.vrrp.instances {
        out.block("vrrp_instance", &[instance.name.as_str()], |out| {
            out.statement("virtual_router_id", &[&instance.vrid.number().to_string()]);
        });
    }
}
