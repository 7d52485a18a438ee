//! Shows the main job: the real Terraform plans and applies upgrades of a simulated cluster.
//!
//! The acts are here; [`stage`] runs Terraform and checks what it said, [`mod@shown`] is what is shown of that.

mod shown;
mod stage;

use anyhow::Result;

use crate::cli::demo::shown::Show;
use crate::cli::demo::stage::Stage;

/// Plays the demo in a folder that is gone afterwards, when it is interrupted, too.
///
/// # Errors
///
/// Neither `terraform` nor `tofu` is on PATH; or Terraform did something else than the demo says; or Ctrl-C.
pub async fn run() -> Result<()> {
    let stage = Stage::build().await?;
    adopt(&stage).await?;
    outside_the_window(&stage).await?;
    inside_the_window(&stage).await?;
    node_images(&stage).await?;
    too_late(&stage).await?;
    stage.say(WHAT_NEXT)
}

async fn adopt(stage: &Stage) -> Result<()> {
    stage.say("A simulated AKS cluster runs Kubernetes 1.34.4: the control plane, and the\npools system, shop and batch. This is the policy:")?;
    stage.write("main.tf", POLICY)?;
    stage.say(POLICY.trim_end())?;
    stage.heading("1. Thursday afternoon: the first apply adopts the cluster, and starts nothing")?;
    stage.at("2026-11-26T14:00:00Z")?;
    stage.terraform(&["apply", "-auto-approve"], Show::Summary).await?.succeeds()
}

async fn outside_the_window(stage: &Stage) -> Result<()> {
    stage.heading("2. A plan outside the window has no changes, and says what waits for what")?;
    stage.terraform(&["plan"], Show::Steps).await?.says("No changes.")
}

async fn inside_the_window(stage: &Stage) -> Result<()> {
    stage.heading("3. Saturday, ten past two: the same plan names each step of its apply")?;
    stage.at("2026-11-28T01:10:00Z")?;
    stage
        .terraform(&["plan"], Show::Steps)
        .await?
        .says("\"01 control plane\" = \"1.34.4 to 1.35.6\" -> \"1.34.4 to 1.35.6, done\"")?;
    stage.heading("4. The apply does those; each request takes half a minute of Azure's time")?;
    stage.terraform(&["apply", "-auto-approve"], Show::Progress).await?.says("1 changed")?;
    stage.heading("5. A second plan is empty")?;
    stage.terraform(&["plan"], Show::Summary).await?.says("No changes.")
}

async fn node_images(stage: &Stage) -> Result<()> {
    stage.heading("6. A week later there are new node images. A block more keeps them current")?;
    stage.write(
        "main.tf",
        &POLICY.replace("\n  maintenance_window", &format!("\n{IMAGES}\n  maintenance_window")),
    )?;
    stage.say(IMAGES.trim_end())?;
    stage.at("2026-12-03T14:00:00Z")?;
    stage.terraform(&["apply", "-auto-approve"], Show::Summary).await?.succeeds()?;
    stage.at("2026-12-05T01:10:00Z")?;
    stage.terraform(&["plan"], Show::Steps).await?.says("202611.16.0 to 202612.01.0, done")?;
    stage.terraform(&["apply", "-auto-approve"], Show::Progress).await?.says("1 changed")
}

async fn too_late(stage: &Stage) -> Result<()> {
    stage.heading("7. The next image: the plan is saved, and applied when the window has closed")?;
    stage.at("2026-12-12T01:10:00Z")?;
    stage.terraform(&["plan", "-out=saved.tfplan"], Show::Summary).await?.says("1 to change")?;
    stage.at("2026-12-12T07:00:00Z")?;
    stage.terraform(&["apply", "saved.tfplan"], Show::Steps).await?.refuses("Outside the maintenance window")
}

const POLICY: &str = r#"
resource "aks_upgrade_policy" "prod" {
  cluster_id         = local.cluster_id
  kubernetes_version = "1.35" # at least: its newest patch, never a downgrade

  maintenance_window {
    days      = ["saturday"]
    start     = "02:00"
    duration  = "4h"
    time_zone = "Europe/Berlin"
  }
}
"#;

const IMAGES: &str = r#"  node_image {
    max_age = "1d" # younger images stay
  }
"#;

const WHAT_NEXT: &str = "
That was all; the folder and the simulator are gone. What to try next:
  terraform-provider-aks simulate --from cluster.json   rehearse your own cluster
  terraform-provider-aks simulate --help                clocks, scenarios, faults
  README.md                                             a first real cluster";
