//! The real kernel's IPVS, in network namespaces that these tests make and that end with them.
//!
//! They need a kernel with IPVS, root, `ip` and `ipvsadm`; without, they fail rather than skip.

#[cfg(test)]
mod destinations;
#[cfg(test)]
mod laboratory;
#[cfg(test)]
mod load;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod services;
