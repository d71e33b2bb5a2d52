//! Whether a configuration that is printed and read again is the same.
//!
//! Which configurations are tried is decided by the tests that ask.

use conf::{Config, Environment, load_text, print};
use lvs::config::CheckKind;

/// What became different when it was printed and read again.
pub(crate) fn lost(name: &str, config: &Config, environment: &Environment) -> Option<String> {
    let printed = print(config);
    let again = load_text("printed.conf", printed.as_bytes(), environment);
    let written = config;
    let config = &printable(config);
    if again.config == *config {
        let second = print(&again.config);
        let shorter = config.vrrp != written.vrrp;
        return (second != printed && !shorter)
            .then(|| format!("{name}: another print is another one"));
    }
    let (before, after) = (format!("{config:#?}"), format!("{:#?}", again.config));
    let (mut before, mut after) = (before.lines(), after.lines());
    let at = before.by_ref().zip(after.by_ref()).find(|(one, other)| one != other);
    let (one, other) = at.unwrap_or(("a secret", "another one"));
    let said = again.report.log_lines().collect::<Vec<_>>().join("\n    ");
    Some(format!("{name}: {one} became {other}\n    {said}"))
}

/// The same without what cannot be printed (`conf::print` says why).
fn printable(config: &Config) -> Config {
    let mut config = config.clone();
    let instances = &config.vrrp.instances;
    let exists = |name: &vrrp::Name| instances.iter().any(|instance| instance.name == *name);
    config.mail_alerts.instances.retain(exists);
    config.sync_daemon = config.sync_daemon.filter(|(_, name)| exists(name));
    config.vrrp_configured &= !(instances.is_empty() && config.vrrp.statics.is_empty());
    for instance in &mut config.vrrp.instances {
        for list in [&mut instance.addresses, &mut instance.excluded] {
            let mut seen = Vec::new();
            list.retain(|held| {
                let key = (held.address.ip, held.address.prefix, held.address.link.clone());
                let new = !seen.contains(&key);
                seen.push(key);
                new
            });
        }
    }
    let groups = &config.vrrp.groups;
    config.mail_alerts.groups.retain(|name| groups.iter().any(|group| group.name == *name));
    config.checkers_configured &= !config.lvs.virtual_servers.is_empty();
    config.bfd_configured &= !config.bfd.sessions.is_empty() || follows_a_session(&config);
    if config.globals.scripts.user == Some(None) {
        config.globals.scripts.user = None;
    }
    config
}

fn follows_a_session(config: &Config) -> bool {
    let servers = config.lvs.virtual_servers.iter().flat_map(|service| &service.real_servers);
    let mut checks = servers.flat_map(|server| &server.checks);
    checks.any(|check| matches!(check.kind, CheckKind::Bfd(_)))
}

pub(crate) fn assert_none(lost: &[String]) {
    assert!(lost.is_empty(), "{} of them:\n{}", lost.len(), lost.join("\n"));
}
