//! The file as it is written.

use jiff::Timestamp;
use serde::Deserialize;

use crate::simulator::catalogue::Catalogue;
use crate::simulator::faults::Fault;
use crate::simulator::outcome::Outcome;
use crate::simulator::scenario::{
    Budget, Clock, ClusterSeed, Durations, Entra, Fleet, Lock, Mistake, Quota, Service, Subnet,
};

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Script {
    #[serde(default)]
    pub clock: Clock,
    #[serde(default)]
    pub durations: Durations,
    #[serde(default)]
    pub service: Service,
    #[serde(default)]
    pub entra: Entra,
    #[serde(default)]
    catalogue: Offered,
    #[serde(default)]
    publish: Vec<Publication>,
    #[serde(default)]
    pub cluster: Vec<ClusterSeed>,
    #[serde(default)]
    pub fleet: Vec<Fleet>,
    #[serde(default)]
    pub quota: Vec<Quota>,
    #[serde(default)]
    pub subnet: Vec<Subnet>,
    #[serde(default)]
    pub lock: Vec<Lock>,
    #[serde(default)]
    pub budget: Vec<Budget>,
    #[serde(default)]
    pub outcome: Vec<Outcome>,
    #[serde(default)]
    pub fault: Vec<Fault>,
}

/// `[catalogue]`: what is offered from the beginning, in place of the built-in lists.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Offered {
    /// The only versions that are offered.
    versions: Option<Vec<String>>,
    /// Node images that are the latest of their families.
    images: Vec<String>,
}

/// `[[publish]]`: one change of the offers.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Publication {
    /// When it happens.
    at: Timestamp,
    /// A version that is offered from then on.
    version: Option<String>,
    /// Whether that version is a preview.
    #[serde(default)]
    preview: bool,
    /// A node image that is the latest of its family from then on.
    image: Option<String>,
    /// A version that is offered no more.
    withdraw: Option<String>,
}

impl Script {
    /// Returns what is offered, and when.
    pub(super) fn catalogue(&self) -> Result<Catalogue, Mistake> {
        let mut catalogue = Catalogue::default();
        if let Some(versions) = &self.catalogue.versions {
            catalogue.offer_only(versions).map_err(|why| Mistake(format!("[catalogue] versions: {why}")))?;
        }
        for image in &self.catalogue.images {
            catalogue.replace_image(image);
        }
        for (index, entry) in self.publish.iter().enumerate() {
            entry
                .publish(&mut catalogue)
                .map_err(|why| Mistake(format!("[[publish]] number {}: {why}", index + 1)))?;
        }
        Ok(catalogue)
    }
}

impl Publication {
    fn publish(&self, catalogue: &mut Catalogue) -> Result<(), String> {
        if self.version.is_none() && self.image.is_none() && self.withdraw.is_none() {
            return Err(
                "it publishes nothing; give `version`, `image` or `withdraw`, such as version = \"1.35.7\"."
                    .into(),
            );
        }
        if let Some(version) = &self.version {
            catalogue.publish_version(version, self.at, self.preview)?;
        }
        if let Some(image) = &self.image {
            catalogue.publish_image(image, self.at);
        }
        if let Some(version) = &self.withdraw {
            catalogue.withdraw_version(version, self.at);
        }
        Ok(())
    }
}
