//! Shows the main job: the real Terraform plans and applies upgrades of a simulated cluster.
//!
//! The acts are here; [`stage`] runs Terraform, shows what it printed and checks what it said.

mod stage;

use anyhow::Result;

use crate::cli::demo::stage::{Show, Stage};

/// Plays the demo in a folder that is gone afterwards.
///
/// # Errors
///
/// Neither `terraform` nor `tofu` is on PATH; or Terraform did something else than the demo says.
pub async fn run() -> Result<()> {
    let mut stage = Stage::build().await?;
    adopt(&mut stage).await?;
    outside_the_window(&mut stage).await?;
    inside_the_window(&mut stage).await?;
    node_images(&mut stage).await?;
    too_late(&mut stage).await?;
    stage.say(WHAT_NEXT);
    Ok(())
}

async fn adopt(stage: &mut Stage) -> Result<()> {
    stage
        .say("A simulated AKS cluster runs 1.34.4: control plane, pools system, shop and batch. The policy:");
    stage.write("main.tf", POLICY)?;
    stage.say(POLICY.trim());
    stage.heading(
        "It is Thursday afternoon. Writing the policy down touches nothing: the window is Saturday 02:00.",
    );
    stage.at("2026-11-26T14:00:00Z")?;
    stage.terraform(&["apply", "-auto-approve"], Show::Summary).await?.succeeds()
}

async fn outside_the_window(stage: &mut Stage) -> Result<()> {
    stage.heading("A plan outside the window has no changes, and says what will happen and when.");
    stage.terraform(&["plan"], Show::Everything).await?.says("No changes.")
}

async fn inside_the_window(stage: &mut Stage) -> Result<()> {
    stage.heading("Saturday, ten past two: the same plan now promises the upgrade, step by step.");
    stage.at("2026-11-28T01:10:00Z")?;
    stage.terraform(&["plan"], Show::Everything).await?.says("\"1.34.4\" -> \"1.35.6\"")?;
    stage.heading(
        "The apply keeps the promise. Its progress, live (half a minute of Azure's time per request):",
    );
    stage.terraform(&["apply", "-auto-approve"], Show::Progress).await?.says("1 changed")?;
    stage.heading("A second plan is empty.");
    stage.terraform(&["plan"], Show::Summary).await?.says("No changes.")
}

async fn node_images(stage: &mut Stage) -> Result<()> {
    stage.heading("A week later Azure has new node images. A block in the same policy keeps those current.");
    stage.write(
        "main.tf",
        &POLICY.replace("\n  maintenance_window", &format!("{IMAGES}\n  maintenance_window")),
    )?;
    stage.say(IMAGES.trim());
    stage.at("2026-12-03T14:00:00Z")?;
    stage.terraform(&["apply", "-auto-approve"], Show::Summary).await?.succeeds()?;
    stage.at("2026-12-05T01:10:00Z")?;
    stage.terraform(&["plan"], Show::Changes).await?.says("-202612.01.0")?;
    stage.terraform(&["apply", "-auto-approve"], Show::Progress).await?.says("1 changed")
}

async fn too_late(stage: &mut Stage) -> Result<()> {
    stage.heading(
        "Another week, another image. This time the plan is saved, and applied when the window has closed.",
    );
    stage.at("2026-12-12T01:10:00Z")?;
    stage.terraform(&["plan", "-out=saved.tfplan"], Show::Summary).await?.says("1 to change")?;
    stage.at("2026-12-12T07:00:00Z")?;
    stage
        .terraform(&["apply", "saved.tfplan"], Show::Everything)
        .await?
        .refuses("Outside the maintenance window")
}

const POLICY: &str = r#"
resource "aks_upgrade_policy" "prod" {
  cluster_id         = local.cluster_id
  kubernetes_version = "1.35" # at least: the newest patch of 1.35, never a downgrade

  maintenance_window {
    days      = ["saturday"]
    start     = "02:00"
    duration  = "4h"
    time_zone = "Europe/Berlin"
  }
}
"#;

const IMAGES: &str = r#"
  node_image {
    max_age = "1d" # younger images stay
  }
"#;

const WHAT_NEXT: &str = "
That was all; the folder and the simulator are gone. What to try next:

  terraform-provider-aks simulate --from cluster.json   rehearse your own cluster: az aks show > cluster.json
  terraform-provider-aks simulate --help                clocks, scenarios, faults
  README.md                                             the first HCL for a real cluster
";
