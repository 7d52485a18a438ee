terraform {
  required_providers {
    aks = {
      source = "aks-upgrades/aks"
    }
  }
}

variable "clusters" {
  description = "The ids of the clusters, by name."
  type        = map(string)
}

variable "kubernetes_version" {
  description = "At least this version."
  type        = string
}

resource "aks_upgrade_policy" "all" {
  for_each           = var.clusters
  cluster_id         = each.value
  kubernetes_version = var.kubernetes_version

  maintenance_window {
    days      = ["saturday"]
    start     = "02:00"
    duration  = "4h"
    time_zone = "Europe/Berlin"
  }

  blackout {
    from      = "12-15"
    to        = "01-05"
    yearly    = true
    time_zone = "Europe/Berlin"
    reason    = "year end"
  }
}

output "steps" {
  description = "The steps of each cluster, by name."
  value       = { for name, policy in aks_upgrade_policy.all : name => policy.steps }
}
