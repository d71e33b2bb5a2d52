//! One watched process as JSON, since 2.4. The fields are named and ordered as they are written.

use serde::Serialize;
use serde_json::value::RawValue;
use vrrp::config::ParameterMatch;
use vrrp::{ProcessView, Recount};

use super::number::seconds;

/// A watched process and what has been counted.
#[derive(Serialize)]
pub(super) struct Watched {
    process: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<String>,
    param_match: &'static str,
    min_processes: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_processes: Option<u16>,
    current_processes: u32,
    have_quorum: bool,
    /// Negative when it is reversed.
    weight: i32,
    terminate_delay: Box<RawValue>,
    fork_delay: Box<RawValue>,
    fork_delay_timer_running: bool,
    terminate_delay_timer_running: bool,
    full_command: bool,
}

impl Watched {
    pub(super) fn new(view: &ProcessView) -> Self {
        let config = &view.config;
        let (process, parameters) = config.command.split_first().unzip();
        let parameters = parameters.filter(|parameters| !parameters.is_empty());
        let weight = i32::from(config.weight.number());
        Self {
            process: process.cloned().unwrap_or_default(),
            parameters: parameters.map(|parameters| parameters.join(" ")),
            param_match: match config.parameters {
                ParameterMatch::Ignored => "none",
                ParameterMatch::Exact => "exact",
                ParameterMatch::Partial => "partial",
                ParameterMatch::Initial => "initial",
            },
            min_processes: config.quorum,
            max_processes: config.most,
            current_processes: view.count,
            have_quorum: view.enough == Some(true),
            weight: if config.reverse { -weight } else { weight },
            terminate_delay: seconds(config.end_delay),
            fork_delay: seconds(config.start_delay),
            fork_delay_timer_running: view.waits_for == Some(Recount::Forked),
            terminate_delay_timer_running: view.waits_for == Some(Recount::Exited),
            full_command: config.full_command,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use vrrp::Name;
    use vrrp::config::{Factor, TrackProcess};

    use super::*;

    fn view(command: &[&str], parameters: ParameterMatch) -> ProcessView {
        let config = TrackProcess {
            name: Name::new("p"),
            command: command.iter().map(|word| (*word).to_owned()).collect(),
            full_command: true,
            parameters,
            weight: Factor::FAULT,
            reverse: false,
            quorum: 1,
            most: None,
            end_delay: Duration::from_secs(2),
            start_delay: Duration::from_millis(1_500),
        };
        ProcessView { config, count: 3, enough: Some(true), waits_for: None }
    }

    fn shown(view: &ProcessView) -> serde_json::Value {
        serde_json::to_value(Watched::new(view)).unwrap()
    }

    #[test]
    fn parameters_are_shown_with_how_they_are_compared() {
        let words = [
            (ParameterMatch::Ignored, "none"),
            (ParameterMatch::Exact, "exact"),
            (ParameterMatch::Partial, "partial"),
            (ParameterMatch::Initial, "initial"),
        ];
        for (parameters, word) in words {
            let shown = shown(&view(&["/bin/p", "-a", "b"], parameters));
            assert_eq!(
                (&shown["parameters"], &shown["param_match"]),
                (&"-a b".into(), &word.into())
            );
        }
        let shown = shown(&view(&["/bin/p"], ParameterMatch::Exact));
        assert!(shown.get("parameters").is_none() && shown.get("max_processes").is_none());
    }

    #[test]
    fn the_wait_that_is_under_way_is_named() {
        let waits = [
            (None, false, false),
            (Some(Recount::Forked), true, false),
            (Some(Recount::Exited), false, true),
        ];
        for (waits_for, fork, terminate) in waits {
            let view = ProcessView { waits_for, ..view(&["/bin/p"], ParameterMatch::Ignored) };
            let shown = shown(&view);
            assert_eq!(shown["fork_delay_timer_running"], fork);
            assert_eq!(shown["terminate_delay_timer_running"], terminate);
        }
    }
}
