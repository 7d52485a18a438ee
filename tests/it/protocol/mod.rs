//! The plugin protocol, spoken as Terraform speaks it: raw messages over a socket.

mod client;
mod descriptor;
mod handshake;
mod lifecycle;
mod log;
mod number;
mod terraform;
mod toy;
mod transport;
mod value;
