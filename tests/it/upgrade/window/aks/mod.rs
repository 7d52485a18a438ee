//! Our windows in AKS's terms: what is translated, what is refused, and that both open at the same times.

mod laws;
mod limits;
mod renewal;
mod table;
