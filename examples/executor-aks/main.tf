# AKS upgrades by itself, and Terraform keeps what it goes by: the channels and the window. For clusters that need no order of
# pools, and for security patches between node images, which nothing but AKS can install.

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
  cluster_id = var.cluster_id
  channel    = "patch"
  executor   = "aks"

  node_image {
    channel = "SecurityPatch"
  }

  maintenance_window {
    days      = ["saturday"]
    start     = "02:00"
    duration  = "6h"
    time_zone = "Europe/Berlin"
  }
}
