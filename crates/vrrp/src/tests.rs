//! The core by itself in virtual time, with neighbours that say what a test wants.

mod anywhere;
mod delayed_start;
mod held_up;
mod itself;
mod owners;
mod solo;
mod strays;
mod switches;
mod told_again;
mod two_masters;
