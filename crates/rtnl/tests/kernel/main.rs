//! The real kernel, in network namespaces that these tests make and that end with them.
//!
//! They need root (or a user namespace) and `ip`; without, they fail rather than skip.

#[cfg(test)]
mod addresses;
#[cfg(test)]
mod laboratory;
#[cfg(test)]
mod monitor;
#[cfg(test)]
mod packets;
#[cfg(test)]
mod routes;
#[cfg(test)]
mod rules;
