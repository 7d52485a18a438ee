//! What a person reads: reasons, errors and steps as sentences, and the warnings of a plan.
//!
//! | module | |
//! |---|---|
//! | [`sign_in`] | Why nobody could sign in, and what to do about it. |
//! | [`errors`] | What went wrong with Azure, and what to do about it. |
//! | [`explain`] | A block, a step, an error, each as a sentence. |
//! | [`warnings`] | What a plan tells beside its values. |
//! | [`support`] | The end of support of the running version, told weeks before. |
//! | [`preview`] | What the plan of a create tells, which knows no values. |

pub mod sign_in;
pub mod errors;
pub mod explain;
pub mod preview;
mod support;
pub mod warnings;
