//! How fast the core decides.

fn main() {
    divan::main();
}
