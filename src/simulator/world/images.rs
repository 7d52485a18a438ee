//! How old the image of a pool may be.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::simulator::world::World;
use crate::simulator::world::cluster::{Object, text};
use crate::simulator::world::refusal::Refusal;

impl World {
    /// Refuses a PUT that would make nodes of a failed pool's image when AgentBaker has forgotten it.
    ///
    /// Reported at six months after the image, when an update of the nodes had failed before; the way out is
    /// `upgradeNodeImageVersion` (Azure/AKS#4975, Azure/AgentBaker#1759, #6229).
    pub(super) fn judge_image(&self, pool: &Object) -> Result<(), Refusal> {
        let failed = text(pool, "provisioningState") == "Failed";
        let Some(released) = released(text(pool, "nodeImageVersion")).filter(|_| failed) else {
            return Ok(());
        };
        let today = TimeZone::UTC.to_datetime(self.now).date();
        let age = released.until(today).map_or(0, |span| span.get_days());
        if age <= i32::try_from(self.service.image_days).unwrap_or(i32::MAX) {
            return Ok(());
        }
        Err(Refusal::image_too_old(&released.strftime("v0.%Y%m%d.0").to_string()))
    }
}

/// Returns the day in the name of a Linux image, such as `AKSUbuntu-2204gen2containerd-202610.05.0`.
fn released(image: &str) -> Option<Date> {
    let mut words = image.rsplit('-').next()?.split('.');
    let (month, day) = (words.next()?, words.next()?);
    let (year, month) = month.split_at_checked(4)?;
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}
