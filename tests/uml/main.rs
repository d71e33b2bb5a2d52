//! Tests on a kernel that has IPVS, each in a guest of its own: whole sites, and systemd.

mod bfd;
mod burst;
mod by_hand;
mod checkers;
mod director;
mod drift;
mod forwarding;
mod groups;
mod health;
mod leaving;
mod leftovers;
mod maintenance;
mod methods;
mod namespace;
mod parity;
mod pipes;
mod quorum;
mod realserver;
mod reload;
mod schedulers;
mod smoke;
mod support;
mod systemd;
mod three_services;
mod vrf;
mod whole;
