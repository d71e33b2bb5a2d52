//! The core by itself in virtual time, with neighbours that say what a test wants.

mod anywhere;
mod delayed_start;
mod detection;
mod held_up;
mod itself;
mod owners;
mod replays;
mod solo;
mod steps;
mod strays;
mod switches;
mod together;
mod told_again;
mod two_masters;
mod unheard;
