//! The stand-in Azure: its rules at `World::handle`, and the server over real loopback.

#![allow(clippy::unwrap_used)]

mod access;
mod account;
mod blue_green;
mod catalogue;
mod channels;
mod command;
mod etags;
mod faults;
mod fixture;
mod fleet;
mod http;
mod laws;
mod limits;
mod loopback;
mod maintenance;
mod offers;
mod operation;
mod outcome;
mod pools;
mod raw;
mod recorded;
mod refusal;
mod replay;
mod rollback;
mod room;
mod rules;
mod scenario;
mod seed;
mod shape;
mod snapshots;
mod specified;
mod throttle;
mod upgrade;
