//! Reading a configuration: everything wrong is found in one pass and attached to its attribute.

mod reader;

pub use reader::{Findings, Reader};
