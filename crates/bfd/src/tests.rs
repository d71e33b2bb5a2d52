//! The core in virtual time: what neighbours hear, what the operator reads, who is told.
