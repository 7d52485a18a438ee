//! `If-Match` and `If-None-Match` (docs: use-etags).

use crate::simulator::world::Call;
use crate::simulator::world::refusal::Refusal;

impl Call {
    /// Checks the conditions of a PUT against the eTag of what exists.
    pub(super) fn conditions(&self, exists: bool, etag: Option<&str>) -> Result<(), Refusal> {
        match (self.if_match.as_deref(), self.if_none_match.as_deref()) {
            (Some(_), Some("*")) => {
                Err(Refusal::bad_condition("if-match and if-none-match cannot both be set."))
            }
            (_, Some(value)) if value != "*" => {
                Err(Refusal::bad_condition("if-none-match can only be set to \"*\" or left empty."))
            }
            (None, Some(star)) if exists => Err(Refusal::precondition(star, etag)),
            (Some(sent), _) => matches(sent, exists, etag),
            _ => Ok(()),
        }
    }
}

fn matches(sent: &str, exists: bool, etag: Option<&str>) -> Result<(), Refusal> {
    // Some clients quote an eTag, as HTTP has it; Azure's is not quoted.
    let bare = sent.trim_start_matches("W/").trim_matches('"');
    if exists && (bare == "*" || etag == Some(bare)) {
        Ok(())
    } else {
        Err(Refusal::precondition(sent, etag.filter(|_| exists)))
    }
}
