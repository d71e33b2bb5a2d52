//! What an operator, a peer or a script can see of keepalived from outside, as black-box tests.
//! `UNDER_TEST=original` runs them on Debian's keepalived, which proves the tests; `ours` (also
//! when unset) runs them on this daemon. A test must have passed on the original first.
//! Where ours differs on purpose the assertion says so with `is_ours`.

mod adverts;
mod bfd;
mod buffers;
mod check_scripts;
mod checksums;
mod config_test;
mod crafted;
mod decoded;
mod defaults;
mod detection;
mod dump_conf;
mod dump_state;
mod dumps;
mod exit_codes;
mod family;
mod genhash;
mod group_tracking;
mod ipv6;
mod kinds;
mod links;
mod log_lines;
mod log_order;
mod membership;
mod notify;
mod notify_events;
mod objects;
mod one_time;
mod orphans;
mod own_address;
mod pace;
mod pipes;
mod received;
mod rejected;
mod reload;
mod reload_check;
mod reload_files;
mod reload_storm;
mod reload_time;
mod route_options;
mod scheduling;
mod script_ends;
mod stop;
mod strict;
mod support;
mod surroundings;
mod switches;
mod tracked_files;
mod tracked_processes;
mod tracking;
mod validation;
mod validation_v6;
