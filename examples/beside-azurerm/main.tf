# azurerm makes the cluster, in azurerm.tf; the policy upgrades it. Each property has one owner: the versions and channels are
# left out there.

terraform {
  required_version = ">= 1.8"

  required_providers {
    aks = {
      source = "aks-upgrades/aks"
    }
  }
}

provider "aks" {}

resource "aks_upgrade_policy" "prod" {
  cluster_id         = local.cluster_id
  kubernetes_version = "1.35"

  node_image {
    max_age = "14d"
  }

  maintenance_window {
    days      = ["saturday"]
    start     = "02:00"
    duration  = "6h"
    time_zone = "Europe/Berlin"
  }
}
