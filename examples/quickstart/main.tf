# The first policy of a cluster: at least 1.35, on Saturday nights.

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
  kubernetes_version = "1.35"

  maintenance_window {
    days      = ["saturday"]
    start     = "02:00"
    duration  = "6h"
    time_zone = "Europe/Berlin"
  }
}

output "steps" {
  description = "What is to be done, a line each."
  value       = aks_upgrade_policy.prod.steps
}
