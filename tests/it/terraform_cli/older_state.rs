//! A state from before the blocks. `states/a4c2ffb.tfstate` is what the provider of commit a4c2ffb and Terraform 1.11.4
//! wrote, unchanged: `terraform apply` of the configuration below in its older form, against that commit's own simulator.

use serde_json::{Value, json};

use super::stage::{SATURDAY, Stage, THURSDAY};

const STATE: &str = include_str!("states/a4c2ffb.tfstate");

const SCENARIO: &str = r#"
[clock]
start = "2026-11-26T12:00:00Z"
tick = "30s"
[[cluster]]
name = "prod"
version = "1.34.4"
[[cluster.pool]]
name = "system"
mode = "System"
count = 3
image = "AKSUbuntu-2204gen2containerd-202610.19.0"
[[cluster.pool]]
name = "batch"
mode = "User"
count = 2
image = "AKSUbuntu-2204gen2containerd-202610.19.0"
[[cluster]]
name = "lab"
version = "1.35.6"
[[cluster]]
name = "handed"
version = "1.35.6"
upgrade_channel = "patch"
"#;

const MAIN: &str = r#"
locals {
  clusters = "${local.group}/providers/Microsoft.ContainerService/managedClusters"
}
resource "aks_upgrade_policy" "prod" {
  cluster_id         = "${local.clusters}/prod"
  kubernetes_version = "1.35"
  exclude_versions   = ["1.35.1"]
  outside_window     = "defer"
  min_age            = "1d"
  cutoff             = "20m"
  maintenance_window {
    days           = ["saturday"]
    weeks_of_month = ["first", "last"]
    start          = "02:00"
    duration       = "4h"
    time_zone      = "Europe/Berlin"
  }
  maintenance_window {
    days       = ["all"]
    start      = "22:00"
    duration   = "2h"
    time_zone  = "UTC"
    applies_to = ["patch"]
  }
  maintenance_window {
    days_of_month = [1, 15]
    every         = 2
    start_date    = "2026-01-01"
    start         = "03:00"
    duration      = "1h"
    time_zone     = "UTC"
  }
  blackout {
    from      = "12-15"
    to        = "01-05"
    yearly    = true
    time_zone = "UTC"
    reason    = "year end"
  }
  blackout {
    from       = "2027-02-01"
    to         = "2027-02-03"
    time_zone  = "Europe/Berlin"
    applies_to = ["minor"]
  }
  blackout {
    from = "2026-11-27T00:00:00Z"
    to   = "2026-11-27T06:00:00Z"
  }
  rollout {
    pool_order    = [["batch"], ["system"]]
    soak          = "30m"
    max_surge     = "33%"
    drain_timeout = "45m"
  }
  override {
    reason  = "CHG0042"
    expires = "2026-11-01T00:00:00Z"
    ignore  = ["window"]
  }
  timeouts {
    create = "1h"
    update = "6h"
  }
}
resource "aks_node_image" "prod" {
  cluster_id = "${local.clusters}/prod"
  node_pools = ["batch"]
  max_age    = "7d"
  maintenance_window {
    days      = ["sunday"]
    start     = "02:00"
    duration  = "4h"
    time_zone = "Europe/Berlin"
  }
  depends_on = [aks_upgrade_policy.prod]
}
resource "aks_upgrade_policy" "lab" {
  cluster_id  = "${local.clusters}/lab"
  channel     = "patch"
  always_open = true
}
resource "aks_upgrade_policy" "handed" {
  cluster_id = "${local.clusters}/handed"
  channel    = "patch"
  executor   = "aks"
  maintenance_window {
    days      = ["saturday"]
    start     = "02:00"
    duration  = "4h"
    time_zone = "UTC"
  }
}
resource "aks_maintenance_configuration" "handed" {
  cluster_id     = "${local.clusters}/handed"
  name           = "aksManagedNodeOSUpgradeSchedule"
  duration_hours = 4
  start_time     = "02:00"
  weekly {
    interval_weeks = 1
    day_of_week    = "sunday"
  }
  not_allowed_dates {
    start = "2026-12-24"
    end   = "2027-01-02"
  }
}
"#;

/// The windows that the older provider had written to Azure.
fn handed_over(stage: &Stage) {
    let window = |day: &str, not_allowed: Value| {
        json!({ "properties": { "maintenanceWindow": {
            "schedule": { "weekly": { "intervalWeeks": 1, "dayOfWeek": day } }, "durationHours": 4,
            "utcOffset": "+00:00", "startDate": "2026-11-26", "startTime": "02:00", "notAllowedDates": not_allowed,
        } } })
    };
    let forbidden = json!([{ "start": "2026-12-24", "end": "2027-01-02" }]);
    let tail = "/providers/Microsoft.ContainerService/managedClusters/handed/maintenanceConfigurations";
    for (name, body) in [
        ("aksManagedAutoUpgradeSchedule", window("Saturday", json!([]))),
        ("aksManagedNodeOSUpgradeSchedule", window("Sunday", forbidden)),
    ] {
        let group = super::stage::PROD.split("/providers/").next().unwrap();
        let path = format!("{group}{tail}/{name}?api-version=2026-08-01");
        stage.azure.with_world(|world| {
            let now = world.now();
            let answer = world.ask_as_somebody_else("PUT", &path, &body, now).unwrap();
            assert!(answer["status"].as_u64().unwrap() < 300, "{answer}");
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_says_is_what_the_blocks_say_and_the_upgrade_goes_on() {
    let stage = Stage::of(SCENARIO).await;
    stage.clock(THURSDAY);
    handed_over(&stage);
    stage.file("terraform.tfstate", STATE);
    stage.main(MAIN);
    let blind = stage.terraform(&["plan", "-refresh=false", "-detailed-exitcode"]).await;
    blind.is_empty();
    let plan = stage.plan().await;
    plan.is_empty().says("Warning: Not old enough yet").says("1.35.6 is younger than min_age until");
    stage.apply().await.succeeds();
    assert_eq!(stage.writes(), [""; 0]);

    stage.clock(SATURDAY);
    stage.plan().await.acts();
    stage.apply_saved().await.succeeds();
    assert_eq!(stage.writes(), ["PUT prod 1.35.6", "PUT prod/batch 1.35.6", "PUT prod/system 1.35.6"]);
    stage.plan().await.is_empty();
}
