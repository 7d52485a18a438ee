//! Changes of what is offered: versions and images that come, versions that go.

use jiff::Timestamp;

use crate::simulator::catalogue::{Catalogue, Image, Minor, Patch, family};
use crate::simulator::version::Version;

impl Catalogue {
    /// Publishes a version at an instant, as a general availability patch or as a preview.
    ///
    /// # Errors
    ///
    /// A sentence when `version` is no full version such as `1.35.7`.
    pub fn publish_version(&mut self, version: &str, at: Timestamp, preview: bool) -> Result<(), String> {
        let minor = version.parse::<Version>()?.minor;
        let patch = Patch { version: version.to_owned(), from: at, until: None, preview };
        match self.minors.iter_mut().find(|entry| entry.minor == minor) {
            Some(entry) => {
                entry.patches.retain(|old| old.version != version);
                entry.patches.push(patch);
            }
            None => self.minors.push(Minor::open_ended(minor, at, patch)),
        }
        Ok(())
    }

    /// Withdraws a version at an instant.
    pub fn withdraw_version(&mut self, version: &str, at: Timestamp) {
        let patches = self.minors.iter_mut().flat_map(|minor| &mut minor.patches);
        patches.filter(|patch| patch.version == version).for_each(|patch| patch.until = Some(at));
    }

    /// Returns every version that was, is or will be offered.
    pub(crate) fn versions(&self) -> impl Iterator<Item = &str> {
        self.minors.iter().flat_map(|minor| &minor.patches).map(|patch| patch.version.as_str())
    }

    /// Tells whether a minor has ever been heard of.
    pub(crate) fn has_minor(&self, minor: u32) -> bool {
        self.minors.iter().any(|entry| entry.minor == minor)
    }

    /// Returns every family of node images that is known.
    pub(crate) fn families(&self) -> impl Iterator<Item = &str> {
        self.images.iter().map(|image| image.family.as_str())
    }

    /// Publishes a node image, named in full, at an instant.
    pub fn publish_image(&mut self, image: &str, at: Timestamp) {
        let family = family(image).to_owned();
        let version = image[family.len()..].trim_start_matches('-').to_owned();
        self.images.push(Image { family, version, from: at });
    }

    /// Offers this node image as the only one of its family, from the beginning of time.
    pub fn replace_image(&mut self, image: &str) {
        self.images.retain(|entry| entry.family != family(image));
        self.publish_image(image, Timestamp::MIN);
    }

    /// Offers exactly these versions, from the beginning of time, in place of the built-in ones.
    ///
    /// # Errors
    ///
    /// A sentence when one of them is no full version such as `1.35.7`.
    pub fn offer_only(&mut self, versions: &[String]) -> Result<(), String> {
        self.minors.iter_mut().for_each(|minor| minor.patches.clear());
        versions.iter().try_for_each(|version| self.publish_version(version, Timestamp::MIN, false))
    }
}
