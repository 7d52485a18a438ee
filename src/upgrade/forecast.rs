//! The steps laid over the openings to come.
