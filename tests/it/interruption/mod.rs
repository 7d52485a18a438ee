//! An apply that is interrupted at any request and run again ends where an uninterrupted one ends.
//!
//! Every request of an upgrade is taken in turn, and at each the apply is interrupted: in this process in
//! every way there is ([`requests`]), and as the real Terraform with the real provider by signals
//! ([`signals`]). Then Terraform runs again. The end must be the same, and Azure must have accepted the
//! same writes, none of them twice.
//!
//! A signal costs processes, so a plain run sends three signals at every write of the update of a policy
//! and one at every other request; `INTERRUPTION=all` sends every signal at every request.

#[cfg(unix)]
mod desk;
#[cfg(unix)]
mod gate;
mod requests;
#[cfg(unix)]
mod signals;

use std::io::Write;

/// Two minors, three pools.
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
[[cluster.pool]]
name = "user2"
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

/// What is upgraded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// An `aks_upgrade_policy` leads the cluster to this version.
    Policy(&'static str),
    /// An `aks_node_image` leads its pools to the latest image.
    NodeImage,
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

const CASES: [Case; 4] = [
    (Kind::Policy("1.36"), Act::Update, 8),
    (Kind::Policy("1.36"), Act::Create, 8),
    (Kind::NodeImage, Act::Update, 2),
    (Kind::NodeImage, Act::Create, 2),
];

impl Kind {
    fn address(self) -> &'static str {
        match self {
            Kind::Policy(_) => "aks_upgrade_policy.prod",
            Kind::NodeImage => "aks_node_image.prod",
        }
    }

    fn scenario(self) -> &'static str {
        match self {
            Kind::Policy(_) => TWO_MINORS,
            Kind::NodeImage => OLD_IMAGES,
        }
    }
}

#[test]
fn every_request_can_be_interrupted() {
    let points: usize = CASES.into_iter().map(requests::interrupt_everywhere).sum();
    #[cfg(unix)]
    let points = points + signals::interrupt_everywhere(&CASES);
    // The number is the result: whoever runs the module reads it, whether or not output is captured.
    writeln!(std::io::stdout(), "interruption points tried: {points}").unwrap();
}
