//! How fast the core decides, and how much it allocates.
#![allow(clippy::unwrap_used, reason = "a bad case should stop the run")]

#[path = "core/plans.rs"]
mod plans;
#[path = "core/windows.rs"]
mod windows;

#[global_allocator]
static ALLOCATOR: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}
