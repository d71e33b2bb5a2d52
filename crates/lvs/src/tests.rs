//! The core in virtual time: what the operator reads, what the kernel gets, what scripts hear.

mod alerts;
mod file;
mod http;
mod kinds;
mod life_cycle;
mod marks;
mod properties;
mod quorum;
mod reload;
mod session;
mod site;
mod stop;
mod suspension;
mod timing;
