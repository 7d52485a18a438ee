//! What a person reads: reasons, errors and steps as sentences, and the warnings of a plan.
//!
//! | module | |
//! |---|---|
//! | [`explain`] | A block, a step, an error, each as a sentence. |
//! | [`warnings`] | What a plan tells beside its values. |

pub mod explain;
pub mod warnings;
