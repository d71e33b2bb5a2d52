//! The messages of IPVS, without a kernel.

#[cfg(test)]
mod bytes;
#[cfg(test)]
mod round_trip;
