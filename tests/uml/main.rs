//! Tests on a kernel that has IPVS, each in a guest of its own: whole sites, and systemd.

mod forwarding;
mod parity;
mod realserver;
mod smoke;
mod support;
mod systemd;
mod three_services;
