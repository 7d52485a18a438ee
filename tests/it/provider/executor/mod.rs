//! `executor = "aks"`: the channel and the window that Azure holds, from the first plan to the change of the clocks.

mod conflicts;
mod settings;
mod refusals;
mod timeouts;
