# Fifty clusters of a subscription, found and not listed: which ones there are, Azure says.
# The policies differ in nothing; what one needs that the others do not, a map beside `for_each` can say.

terraform {
  required_version = ">= 1.8"

  required_providers {
    aks = {
      source = "aks-upgrades/aks"
    }
  }
}

provider "aks" {}

variable "subscription_id" {
  description = "The subscription whose clusters are kept."
  type        = string
}

data "aks_clusters" "all" {
  subscription_id = var.subscription_id
}

resource "aks_upgrade_policy" "all" {
  for_each   = { for cluster in data.aks_clusters.all.clusters : cluster.name => cluster.id }
  cluster_id = each.value
  channel    = "patch" # the newest patch of the minor that each one runs

  maintenance_window {
    days      = ["saturday"]
    start     = "02:00"
    duration  = "6h"
    time_zone = "Europe/Berlin"
  }
}

output "pending" {
  description = "How many clusters have something to do. Steps are not moved by windows or by others, as status is."
  value       = length([for policy in aks_upgrade_policy.all : policy if anytrue([for step in policy.steps : !endswith(step, ", done")])])
}
