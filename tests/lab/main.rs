//! Whole deployments on real network namespaces: pairs of directors, their clients and services.
//! `UNDER_TEST=original` runs every pair with Debian's keepalived on both sides, which proves the
//! tests; without it this daemon is on both sides, and in the interop tests on one.

mod anywhere;
mod authentication;
mod bfd;
mod detection;
mod drift;
mod haproxy;
mod interop;
mod key_files;
mod life;
mod maintenance;
mod many_addresses;
mod notifications;
mod quiet_reload;
mod reference;
mod robust;
mod support;
mod takeover;
mod three_services;
mod tracking;
