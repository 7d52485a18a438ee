//! The next thing to do, from observation alone.

mod laws;
mod table;
