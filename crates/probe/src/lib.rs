//! One attempt to reach a real server per call.
