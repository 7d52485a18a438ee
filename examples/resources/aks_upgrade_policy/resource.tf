variable "cluster_id" {
  description = "The ARM id of the cluster, such as azurerm_kubernetes_cluster.prod.id."
  type        = string
}

resource "aks_upgrade_policy" "prod" {
  cluster_id         = var.cluster_id
  kubernetes_version = "1.35" # at least: the newest patch of 1.35, never a downgrade

  node_image {
    max_age = "14d" # younger images stay
  }

  maintenance_window {
    days      = ["saturday", "sunday"]
    start     = "02:00"
    duration  = "6h"
    time_zone = "Europe/Berlin"
  }

  blackout {
    from      = "12-15"
    to        = "01-05"
    yearly    = true
    time_zone = "Europe/Berlin"
    reason    = "year end"
  }

  rollout {
    pool_order = [["system"], ["user"]]
  }
}

output "steps" {
  value = aks_upgrade_policy.prod.steps
}
