# Takes over an estate as it is. Creating the policies would do: a create only adopts. An import is for states that have to
# show where everything came from; its plan is an update, so outside the window it starts nothing, and in it the work.

terraform {
  required_version = ">= 1.8"

  required_providers {
    aks = {
      source = "aks-upgrades/aks"
    }
  }
}

provider "aks" {}

variable "clusters" {
  description = "The ARM ids of the clusters, by name."
  type        = map(string)
}

import {
  for_each = var.clusters
  to       = aks_upgrade_policy.all[each.key]
  id       = each.value
}

resource "aks_upgrade_policy" "all" {
  for_each           = var.clusters
  cluster_id         = each.value
  kubernetes_version = "1.35"

  maintenance_window {
    days      = ["saturday"]
    start     = "02:00"
    duration  = "6h"
    time_zone = "Europe/Berlin"
  }
}
