//! The room that talks to Azure.
