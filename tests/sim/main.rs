//! Routers on a virtual segment in virtual time: what must hold whatever goes wrong.
//!
//! `SIM_SEEDS` says how many seeds the long runs take (1,000 unless set); `SIM_SEED` runs one of
//! them alone.

mod chaos;
mod crowd;
mod election;
mod group;
mod reload;
mod session;
