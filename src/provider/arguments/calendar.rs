//! When work may start, as a whole: windows, blackouts, `cutoff`, and what an override makes of them.

use crate::provider::arguments::blackouts::{blackout_block, blackouts};
use crate::provider::arguments::overrides::override_;
use crate::provider::arguments::windows::{permissions, window_block, windows};
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::reader::{Findings, Reader};
use crate::terraform::schema::Block;
use crate::terraform::strict;
use crate::terraform::value::Value;
use crate::upgrade::duration;
use crate::upgrade::policy::Override;
use crate::upgrade::window::blackout::Blackout;
use crate::upgrade::window::schedule::Window;
use crate::upgrade::window::{Exemption, Windows};

/// When work may start.
#[derive(Clone, Debug)]
pub struct Calendar {
    /// The windows less the blackouts; the override opens what it ignores until it expires.
    pub windows: Windows,
    /// Who broke glass, and why.
    pub override_: Option<Override>,
}

impl Calendar {
    /// Reads what a resource says about when; everything wrong is reported at its attribute.
    #[must_use]
    pub fn read(config: &Reader<'_>) -> Calendar {
        let override_ = override_(config);
        let windows = Windows {
            windows: windows(config),
            blackouts: blackouts(config),
            cutoff: config.parse("cutoff", "Invalid duration", duration::parse),
            exemption: override_.as_ref().map(exemption),
        };
        Calendar { windows, override_ }
    }
}

/// Reads windows that were given as plain objects, as strictly as Terraform reads the blocks.
///
/// # Errors
///
/// What Terraform or the provider would refuse in a `maintenance_window`, such as a key that it does not have.
pub fn given_windows(given: &Value) -> Result<Vec<Window>, Vec<Diagnostic>> {
    held_to(&window_block(), given, permissions)
}

/// Reads blackouts that were given as plain objects, as strictly as Terraform reads the blocks.
///
/// # Errors
///
/// What Terraform or the provider would refuse in a `blackout`.
pub fn given_blackouts(given: &Value) -> Result<Vec<Blackout>, Vec<Diagnostic>> {
    held_to(&blackout_block(), given, blackouts)
}

fn held_to<T>(block: &Block, given: &Value, read: fn(&Reader<'_>) -> T) -> Result<T, Vec<Diagnostic>> {
    let blocks = strict::blocks(block, given)?;
    let (findings, whole) = (Findings::default(), Value::object([(block.name.as_str(), blocks)]));
    let read = read(&Reader::new(&whole, &findings));
    if findings.has_errors() { Err(findings.into_diagnostics()) } else { Ok(read) }
}

/// Returns what does not count for a while, as an override says.
fn exemption(glass: &Override) -> Exemption {
    Exemption { until: glass.expires, windows: glass.window, blackouts: glass.blackout, cutoff: glass.cutoff }
}
