//! The file as it is written.

use std::path::Path;

use jiff::Timestamp;
use serde::Deserialize;

use crate::simulator::catalogue::{Catalogue, family, image_name};
use crate::simulator::faults::Fault;
use crate::simulator::outcome::Outcome;
use crate::simulator::scenario::place::Wrong;
use crate::simulator::scenario::word;
use crate::simulator::scenario::{
    Budget, Clock, ClusterSeed, Durations, Entra, Fleet, InitialCluster, Lock, Mistake, Quota, Service,
    Subnet,
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
    pub(super) fn catalogue(&self) -> Result<Catalogue, Wrong> {
        let mut catalogue = Catalogue::default();
        let wrong = |key: &'static str| move |why: String| Wrong::at(key, why).of("catalogue");
        if let Some(versions) = &self.catalogue.versions {
            catalogue.offer_only(versions).map_err(wrong("versions"))?;
        }
        for image in &self.catalogue.images {
            // Clusters of old have images whose families are published no more.
            image_name(image).map_err(wrong("images"))?;
            catalogue.replace_image(image);
        }
        for (index, entry) in self.publish.iter().enumerate() {
            entry.publish(&mut catalogue).map_err(|wrong| wrong.in_entry("publish", index))?;
        }
        Ok(catalogue)
    }
}

impl Script {
    /// Returns the clusters: drawn, or read from files that lie in `dir`.
    pub(super) fn clusters(&self, catalogue: &Catalogue, dir: &Path) -> Result<Vec<InitialCluster>, Wrong> {
        let mut clusters = vec![];
        for (index, seed) in self.cluster.iter().enumerate() {
            let drawn = match &seed.from {
                Some(file) => {
                    let read = InitialCluster::from_path(&dir.join(file));
                    read.map_err(|Mistake(why)| Wrong::at("from", why))
                }
                None => seed.draw(catalogue, self.clock.start).map(|one| vec![one]).map_err(Wrong::whole),
            };
            clusters.extend(drawn.map_err(|wrong| wrong.in_entry("cluster", index))?);
        }
        Ok(clusters)
    }
}

/// Refuses what is no node image, or one of a family that nobody has.
fn check_image(image: &str, catalogue: &Catalogue) -> Result<(), String> {
    image_name(image)?;
    word::known(family(image), catalogue.families())
}

impl Publication {
    fn publish(&self, catalogue: &mut Catalogue) -> Result<(), Wrong> {
        if self.version.is_none() && self.image.is_none() && self.withdraw.is_none() {
            return Err(Wrong::whole(
                "it publishes nothing; give `version`, `image` or `withdraw`, such as version = \"1.35.7\".",
            ));
        }
        if self.preview && self.version.is_none() {
            return Err(Wrong::at("preview", "only a `version` can be one."));
        }
        if let Some(version) = &self.version {
            let published = catalogue.publish_version(version, self.at, self.preview);
            published.map_err(|why| Wrong::at("version", why))?;
        }
        if let Some(image) = &self.image {
            check_image(image, catalogue).map_err(|why| Wrong::at("image", why))?;
            catalogue.publish_image(image, self.at);
        }
        if let Some(version) = &self.withdraw {
            word::known(version, catalogue.versions()).map_err(|why| Wrong::at("withdraw", why))?;
            catalogue.withdraw_version(version, self.at);
        }
        Ok(())
    }
}
