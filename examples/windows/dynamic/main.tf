locals {
  clusters = {
    prod    = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod"
    staging = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/staging"
  }

  windows = [
    { days = ["saturday"], start = "02:00", duration = "4h", time_zone = "Europe/Berlin" },
    { days = ["all"], start = "01:00", duration = "3h", time_zone = "Europe/Berlin", applies_to = ["patch"] },
  ]
}

resource "aks_upgrade_policy" "all" {
  for_each           = local.clusters
  cluster_id         = each.value
  kubernetes_version = "1.35"

  dynamic "maintenance_window" {
    for_each = local.windows
    content {
      days       = maintenance_window.value.days
      start      = maintenance_window.value.start
      duration   = maintenance_window.value.duration
      time_zone  = maintenance_window.value.time_zone
      applies_to = try(maintenance_window.value.applies_to, null)
    }
  }

  lifecycle {
    # Terraform drops a mistyped key of data without a word. This function does not.
    precondition {
      condition     = length(provider::aks::next_windows(local.windows, [], plantimestamp(), 1)) == 1
      error_message = "The windows never open again."
    }
  }
}
