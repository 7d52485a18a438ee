# Nothing starts over the year end, nor on the two days of a sale; every other Saturday night is open.

terraform {
  required_version = ">= 1.8"

  required_providers {
    aks = {
      source = "aks-upgrades/aks"
    }
  }
}

provider "aks" {}

variable "cluster_id" {
  description = "The ARM id of the cluster, as az aks show --query id prints it."
  type        = string
}

resource "aks_upgrade_policy" "prod" {
  cluster_id         = var.cluster_id
  kubernetes_version = "1.36"

  maintenance_window {
    days      = ["saturday"]
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

  blackout {
    from      = "2026-11-27"
    to        = "2026-11-28"
    time_zone = "Europe/Berlin"
    reason    = "sale"
  }
}
