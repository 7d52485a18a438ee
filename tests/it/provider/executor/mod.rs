//! `executor = "aks"`: the channel and the window that Azure holds, from the first plan to the change of the clocks.

mod contradictions;
mod handover;
mod refusals;
mod timeouts;
