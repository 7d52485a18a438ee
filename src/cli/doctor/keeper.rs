//! Who keeps a cluster by its configuration: what is right of AKS's channels depends on it.

use crate::cli::doctor::finding::Finding;
use crate::cli::shown::Shown;

/// Who does the work of a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hand {
    /// AKS, by `executor = "aks"`.
    Aks,
    /// Terraform, step by step.
    Terraform,
    /// Terraform, which moves the cluster as a whole: Azure takes that beside a channel.
    WholeCluster,
}

/// Who keeps versions and images of a cluster; `None` where no policy of the configuration does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keeper {
    versions: Option<Hand>,
    images: Option<Hand>,
}

impl Keeper {
    /// Returns who keeps the cluster of an ARM id, among the resources of a plan or a state.
    #[must_use]
    pub fn of(id: &str, configured: &[Shown]) -> Self {
        let is_of =
            |one: &&Shown| one.values["cluster_id"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(id));
        configured.iter().filter(is_of).fold(Keeper::default(), Keeper::and)
    }

    fn and(self, policy: &Shown) -> Self {
        let hand = hand(policy);
        match policy.kind.as_str() {
            "aks_upgrade_policy" if policy.values["node_image"].is_object() => {
                Keeper { versions: Some(hand), images: Some(hand) }
            }
            "aks_upgrade_policy" => Keeper { versions: Some(hand), ..self },
            "aks_node_image" => Keeper { images: Some(hand), ..self },
            _ => self,
        }
    }

    /// Judges an upgrade channel of AKS that is on; `said` tells where it was found, such as `its channel patch`.
    #[must_use]
    pub fn versions(self, subject: &str, channel: &str, said: &str, off: &str) -> Finding {
        let message = format!("AKS upgrades it by itself, on {said}");
        match self.versions {
            _ if channel == "node-image" => {
                let message =
                    format!("AKS replaces its node images by itself, on {said}; it moves no version");
                Finding::note("owner", subject, message, format!("Where a policy keeps the images: {off}"))
            }
            Some(Hand::Aks) => {
                Finding::good("owner", subject, format!("{message}, as executor = \"aks\" asks"))
            }
            Some(Hand::WholeCluster) => {
                let message = format!("{message}, and rollout.whole_cluster does it, too");
                Finding::note("owner", subject, message, format!("Leave one of them: {off}"))
            }
            Some(Hand::Terraform) => {
                let message =
                    format!("{message}, and its policy waits with the control plane until that is off");
                Finding::bad(
                    "owner",
                    subject,
                    message,
                    format!("Turn it off: {off} Or leave versions to AKS: executor = \"aks\"."),
                )
            }
            None => {
                let message = format!(
                    "{message}: right where its policy has executor = \"aks\", in the way where it has \"terraform\""
                );
                let fix = format!(
                    "For a policy that upgrades by itself: {off} To leave versions to AKS: executor = \"aks\". With --from and the plan it is known which."
                );
                Finding::note("owner", subject, message, fix)
            }
        }
    }

    /// Judges a node OS channel of AKS that is on, as [`Keeper::versions`].
    #[must_use]
    pub fn images(self, subject: &str, said: &str, off: &str) -> Finding {
        let message = format!("AKS replaces or patches its node images by itself, on {said}");
        if self.images == Some(Hand::Aks) {
            return Finding::good("owner", subject, format!("{message}, as executor = \"aks\" asks"));
        }
        Finding::note("owner", subject, message, format!("Where a policy keeps the images: {off}"))
    }
}

fn hand(policy: &Shown) -> Hand {
    if policy.values["executor"] == "aks" {
        Hand::Aks
    } else if policy.values["rollout"]["whole_cluster"] == true {
        Hand::WholeCluster
    } else {
        Hand::Terraform
    }
}
