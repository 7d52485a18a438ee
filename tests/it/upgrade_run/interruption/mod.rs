//! An apply that is interrupted at any request and run again ends where an uninterrupted one ends.
//!
//! Every request of an upgrade is taken in turn, and at each the apply is interrupted: in this process in
//! every way there is ([`requests`]), and as the real Terraform with the real provider by signals
//! ([`signals`]). Then Terraform runs again. The end must be the same, and Azure must have accepted the
//! same writes, none of them twice.
//!
//! A signal costs processes, so a plain run sends three signals at every write of the update of a policy, one at every
//! second of its reads and at every other write, and one at a third of the other reads; `INTERRUPTION=all` sends every signal
//! at every request.

#[cfg(unix)]
mod desk;
#[cfg(unix)]
mod gate;
mod requests;
#[cfg(unix)]
mod signals;

use std::io::Write;

use serde_json::{Value as Json, json};

/// Two minors, two pools.
const TWO_MINORS: &str = r#"
[[cluster]]
name = "prod"
version = "1.34.9"
[[cluster.pool]]
name = "system"
mode = "System"
count = 1
[[cluster.pool]]
name = "user1"
count = 1
"#;

/// Two pools with images of last year.
const OLD_IMAGES: &str = r#"
[[cluster]]
name = "prod"
version = "1.35.6"
[[cluster.pool]]
name = "system"
mode = "System"
count = 1
image = "AKSUbuntu-2204gen2containerd-202511.01.0"
[[cluster.pool]]
name = "user1"
count = 1
image = "AKSUbuntu-2204gen2containerd-202511.01.0"
"#;

/// Nothing to upgrade, and no channel on. A node OS channel is left only inside a window.
const AT_REST: &str = r#"
[[cluster]]
name = "prod"
version = "1.35.6"
node_os_channel = "Unmanaged"
"#;

/// What is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// An `aks_upgrade_policy` leads the cluster to this version.
    Policy(&'static str),
    /// An `aks_node_image` leads its pools to the latest image.
    NodeImage,
    /// An `aks_upgrade_policy` hands the cluster over to AKS.
    Channel,
    /// An `aks_node_image` hands its pools over to AKS.
    NodeOsChannel,
    /// An `aks_maintenance_configuration`.
    Maintenance,
}

/// What Terraform does when it is interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    /// It applies a resource that is not in the state.
    Create,
    /// It applies a saved plan, which names its steps.
    Update,
}

/// One upgrade, how it is begun, and how many writes it takes.
type Case = (Kind, Act, usize);

const CASES: [Case; 7] = [
    (Kind::Policy("1.36"), Act::Update, 6),
    (Kind::Policy("1.36"), Act::Create, 6),
    (Kind::NodeImage, Act::Update, 2),
    (Kind::NodeImage, Act::Create, 2),
    (Kind::Channel, Act::Create, 2),
    (Kind::NodeOsChannel, Act::Update, 1),
    (Kind::Maintenance, Act::Create, 1),
];

impl Kind {
    fn address(self) -> &'static str {
        match self {
            Kind::Policy(_) | Kind::Channel => "aks_upgrade_policy.prod",
            Kind::NodeImage | Kind::NodeOsChannel => "aks_node_image.prod",
            Kind::Maintenance => "aks_maintenance_configuration.prod",
        }
    }

    /// Tells whether what was written is held at once, although Azure still works on it: nobody waits for that.
    fn is_held_at_once(self) -> bool {
        matches!(self, Kind::Channel | Kind::NodeOsChannel)
    }

    /// Tells whether a create starts nothing of it, and the next apply does.
    fn is_adopted(self, act: Act) -> bool {
        act == Act::Create && matches!(self, Kind::Policy(_) | Kind::NodeImage)
    }

    fn arguments(self) -> Json {
        let windows = json!([{ "days": ["all"], "start": "10:00", "duration": "20h", "time_zone": "UTC" }]);
        match self {
            Kind::Policy(version) => json!({ "kubernetes_version": version, "maintenance_window": windows }),
            Kind::NodeImage => json!({ "maintenance_window": windows }),
            Kind::Channel => {
                json!({ "channel": "stable", "executor": "aks", "maintenance_window": windows })
            }
            Kind::NodeOsChannel => {
                json!({ "channel": "NodeImage", "executor": "aks", "maintenance_window": windows })
            }
            Kind::Maintenance => json!({
                "name": "aksManagedAutoUpgradeSchedule", "duration_hours": 4, "start_time": "02:00",
                "weekly": { "interval_weeks": 1, "day_of_week": "saturday" },
            }),
        }
    }

    fn scenario(self) -> &'static str {
        match self {
            Kind::Policy(_) => TWO_MINORS,
            Kind::NodeImage => OLD_IMAGES,
            Kind::Channel | Kind::NodeOsChannel | Kind::Maintenance => AT_REST,
        }
    }
}

#[test]
fn every_request_can_be_interrupted() {
    tell(CASES.into_iter().map(requests::interrupt_everywhere).sum());
}

#[cfg(unix)]
#[test]
fn no_write_begins_once_terraform_is_gone() {
    signals::no_write_begins_once_terraform_is_gone(CASES[0]);
}

#[cfg(unix)]
#[test]
fn every_request_can_be_interrupted_by_signals() {
    tell(signals::interrupt_everywhere(&CASES));
}

/// The number is the result: whoever runs the module reads it, whether or not output is captured.
fn tell(points: usize) {
    let mut out = std::io::stdout();
    writeln!(out, "interruption points tried: {points}").unwrap();
}
