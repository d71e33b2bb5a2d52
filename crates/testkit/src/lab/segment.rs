//! A further segment of a lab: a switch of its own, for hosts behind the first one.

use std::sync::Arc;

use super::switch::Switch;
use super::{Capture, Host, Shared, locked};

/// A segment beside the lab's first one. It goes with the lab.
pub struct Segment {
    shared: Arc<Shared>,
    switch: Arc<Switch>,
}

impl Segment {
    pub(super) fn build(shared: &Arc<Shared>, name: &str) -> Self {
        let switch = Arc::new(Switch::build(&shared.name, &format!("{name}-switch")));
        locked(&shared.others).push(Arc::clone(&switch));
        Self { shared: Arc::clone(shared), switch }
    }

    /// Adds a host whose `eth0` is on this segment.
    pub fn host(&self, name: &str, address: &str) -> Host {
        Host::build(&self.shared, &self.switch, name, address)
    }

    /// Plugs a host that is there already into this segment, with one more link.
    pub fn join(&self, host: &Host, link: &str, address: &str) {
        host.plug_into(&self.switch, link, address);
    }

    /// Starts recording the adverts and announcements that hosts send on this segment.
    pub fn capture(&self) -> Capture {
        Capture::start(&self.switch, true)
    }
}
