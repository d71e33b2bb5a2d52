//! From what was written to what runs: defaults, rules between keywords, whole-config checks.
//!
//! The order of the steps is that of compat 11 §19; each step has a module.

pub(crate) mod account;
mod address;
mod announcement;
mod authentication;
mod basics;
mod cast;
mod device;
mod duplicates;
mod globals;
mod group;
mod instance;
mod links;
mod needed;
mod object;
mod obstacle;
mod options;
mod script;
mod seat;
mod timing;
mod track;
mod virtual_server;
mod watch;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use lvs::config::{FileCheck, FileWeight};
use net::{Link, LinkName};
use vrrp::Name;
use vrrp::config::{ReceiveBuffers, Settings};

use crate::block::RootDraft;
use crate::block::weight::WeightDraft;
use crate::diagnostic::{Class, Diagnostic, Stop};
use crate::globals::{BufferPolicy, DynamicInterfaces, Globals};
use crate::report::Report;
use crate::span::Span;
use crate::{Config, Environment, Loaded, MailAlerts};

/// What every step needs at hand.
pub(crate) struct Resolver<'e> {
    pub(crate) environment: &'e Environment,
    pub(crate) globals: Globals,
    pub(crate) report: Report,
    /// The scripts that can be run, by name.
    pub(crate) scripts: HashMap<String, script::Known>,
    /// Scripts that cannot be run, which has been reported.
    pub(crate) refused_scripts: HashSet<String>,
    /// That scripts have no default account has been reported.
    pub(crate) no_default_account: bool,
    /// Some script is configured that would be run.
    pub(crate) runs_scripts: bool,
    /// The same for virtual and real servers.
    pub(crate) runs_check_scripts: bool,
    /// Files, processes and sessions that can be tracked.
    pub(crate) watchable: watch::Known,
    /// The tracked files that checks can follow, by name.
    pub(crate) files: HashMap<String, FileCheck>,
    /// How many rules of each family got a preference of ours.
    pub(crate) numbered_rules: [u32; 2],
    /// A script of the daemon's own start or end is configured.
    pub(crate) runs_own_scripts: bool,
    /// An interface is missing that must exist.
    pub(crate) missing_interface: bool,
}

impl Resolver<'_> {
    pub(crate) fn add(&mut self, diagnostic: Diagnostic) {
        self.report.add(diagnostic);
    }

    /// Reports an ordinary mistake that no single line makes.
    pub(crate) fn error(&mut self, message: String) {
        self.add(Diagnostic::general(message));
    }

    /// Reports a mistake with which the daemon must not start.
    pub(crate) fn fatal(&mut self, message: String) {
        self.add(Diagnostic::general(message).stopping(Stop::Unusable));
    }

    /// What is known of a link.
    pub(crate) fn link(&self, name: &str) -> Option<&Link> {
        self.environment.links.iter().find(|link| link.name.as_str() == name)
    }

    /// The name as a link that exists or may appear; otherwise the message is reported.
    pub(crate) fn usable_link(
        &mut self,
        name: &str,
        span: Span,
        missing: String,
    ) -> Option<LinkName> {
        let valid = LinkName::new(name);
        let exists = self.link(name).is_some();
        if exists || (valid.is_ok() && self.globals.dynamic_interfaces != DynamicInterfaces::Off) {
            return valid.ok();
        }
        self.missing_interface = true;
        let known: Vec<&str> =
            self.environment.links.iter().map(|link| link.name.as_str()).collect();
        let hint = match (crate::suggest::closest(name, known.iter().copied()), &valid) {
            (_, Err(error)) => error.to_string(),
            (Some(meant), Ok(_)) => format!("did you mean `{meant}`?"),
            (None, Ok(_)) => {
                format!("there is {}; dynamic_interfaces lets it come later", known.join(", "))
            }
        };
        self.add(Diagnostic::general(missing).at(span).hint(hint));
        None
    }
}

/// Turns drafts into the configuration.
pub(crate) fn resolve(mut root: RootDraft, environment: &Environment, report: Report) -> Loaded {
    let mut resolver = Resolver {
        environment,
        globals: root.globals.clone(),
        report,
        scripts: HashMap::new(),
        files: followable(&root),
        refused_scripts: HashSet::new(),
        no_default_account: false,
        runs_scripts: false,
        runs_check_scripts: false,
        watchable: watch::Known::default(),
        numbered_rules: [0; 2],
        runs_own_scripts: false,
        missing_interface: false,
    };
    globals::programs(&mut resolver, &root.programs);
    let virtual_servers = std::mem::take(&mut root.virtual_servers);
    let groups = std::mem::take(&mut root.virtual_server_groups);
    let mut services = virtual_server::resolve_all(&mut resolver, virtual_servers, groups);
    services.config.tls = root.tls.take();
    // Said once of checks and once of VRRP.
    resolver.no_default_account = false;
    let vrrp = routers(&mut resolver, &root, &services.config.followed());
    globals::readers(&mut resolver, &root, services.configured);
    globals::fifos(&mut resolver);
    globals::sync_daemon(&mut resolver, &root, &vrrp.instances);
    let mail_alerts = mail_alerts(&root);
    missing_interface(&mut resolver);
    resolver.runs_scripts &= !root.instances.is_empty();
    security(&mut resolver);
    let config = Config {
        fixed: std::mem::take(&mut root.fixed),
        globals: resolver.globals,
        vrrp,
        sync_daemon: sync_daemon(&root),
        bfd: bfd::config::Config { sessions: root.sessions },
        mail_alerts,
        vrrp_configured: !(root.instances.is_empty() && root.statics.is_empty()),
        checkers_configured: services.configured,
        lvs: Arc::new(services.config),
        bfd_configured: root.bfd,
    };
    Loaded { config, report: resolver.report }
}

/// The tracked files by name, as checks follow them that give no weight of their own.
fn followable(root: &RootDraft) -> HashMap<String, FileCheck> {
    let files = root.files.iter().filter_map(|draft| {
        let name = &draft.name.text;
        let weight = draft.weight.unwrap_or(WeightDraft { weight: 1, reverse: false });
        let weight = FileWeight { factor: weight.weight.into(), reverse: weight.reverse };
        let path = draft.path.as_ref()?.text.clone();
        Some((name.clone(), FileCheck { file: name.as_str().into(), path, weight }))
    });
    files.collect()
}

/// What the VRRP core runs, and the instances that it cannot run yet.
fn routers(
    resolver: &mut Resolver<'_>,
    root: &RootDraft,
    followed: &BTreeMap<Arc<str>, PathBuf>,
) -> vrrp::config::Config {
    let scripts = script::resolve_all(resolver, &root.scripts);
    let (files, processes) = watch::declared(resolver, root);
    let statics = object::statics(resolver, &root.statics);
    let mut instances = Vec::new();
    for draft in &root.instances {
        let group = root.groups.iter().find(|group| group::has_member(group, &draft.name));
        instances.extend(instance::resolve(resolver, draft, group));
    }
    let groups = group::resolve_all(resolver, root, &instances);
    watch::unused(resolver, root, followed);
    watch::shared(resolver, &groups, &mut instances);
    duplicates::check(resolver, &mut instances);
    device::same_names(resolver, &root.instances);
    let track_groups = object::track_groups(resolver, root);
    object::watch_statics(&track_groups, &statics, &mut instances);
    let links = links::resolve(resolver, &root.links);
    let used = script::used(resolver, root, (&instances, &groups), &scripts);
    let scripts = scripts.into_iter().filter(|script| used.contains(&script.name)).collect();
    vrrp::config::Config {
        instances,
        groups,
        scripts,
        files,
        processes,
        track_groups,
        statics,
        links,
        settings: settings(&resolver.globals),
    }
}

/// What the daemon-wide keywords mean to all instances.
fn settings(globals: &Globals) -> Settings {
    let buffers = globals.buffers.vrrp;
    Settings {
        startup_delay: globals.startup_delay.unwrap_or_default(),
        delay_after_boot: globals.delay_after_boot.unwrap_or_default(),
        names_unknown: globals.vrrp.log_unknown_vrids,
        tells_again: globals.fifos.states_on_reload,
        receive_buffers: match buffers.policy {
            None => ReceiveBuffers::System,
            Some(BufferPolicy::Bytes(bytes)) => ReceiveBuffers::Bytes(bytes),
            Some(BufferPolicy::Advert) => ReceiveBuffers::Adverts(buffers.multiplier),
            Some(BufferPolicy::Mtu) => ReceiveBuffers::Mtus(buffers.multiplier),
        },
    }
}

fn missing_interface(resolver: &mut Resolver<'_>) {
    if resolver.missing_interface {
        let message = "Non-existent interface specified in configuration";
        let found = Diagnostic::new(Class::BadInterface, message).stopping(Stop::Unusable);
        resolver.add(found);
    }
}

/// Scripts without `enable_script_security` outrank everything else (compat 03 §11.3), but
/// keepalived does not come that far when an interface is missing.
fn security(resolver: &mut Resolver<'_>) {
    if resolver.globals.scripts.secure {
        return;
    }
    let violation = |what: &str| {
        let message = format!(
            "SECURITY VIOLATION - {what} are being executed but script_security not enabled."
        );
        Diagnostic::new(Class::Security, message)
            .hint("put enable_script_security into global_defs")
    };
    if resolver.runs_own_scripts {
        resolver.add(violation("start/shutdown scripts"));
    }
    if resolver.runs_check_scripts {
        resolver.add(violation("check scripts"));
    }
    if resolver.runs_scripts && !resolver.missing_interface {
        resolver.add(violation("scripts"));
    }
}

/// The first `lvs_sync_daemon_interface` counts.
fn sync_daemon(root: &RootDraft) -> Option<(LinkName, Name)> {
    root.instances.iter().find_map(|draft| {
        let link = LinkName::new(draft.options.sync_daemon.as_deref()?).ok()?;
        Some((link, Name::new(&draft.name)))
    })
}

fn mail_alerts(root: &RootDraft) -> MailAlerts {
    let mail = &root.globals.mail;
    let default = mail.alert_vrrp.or(mail.alert).unwrap_or(false);
    let instances = root.instances.iter().filter(|draft| draft.smtp_alert.unwrap_or(default));
    let groups = root.groups.iter().filter(|draft| draft.smtp_alert.unwrap_or(default));
    MailAlerts {
        instances: instances.map(|draft| Name::new(&draft.name)).collect(),
        groups: groups.map(|draft| Name::new(&draft.name.text)).collect(),
    }
}
