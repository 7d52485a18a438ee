//! What a person can run.
