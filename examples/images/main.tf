# Node images that are never older than two weeks, of clusters whose versions somebody else keeps. A new image waits three
# days, so that others find its faults.

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

resource "aks_node_image" "prod" {
  cluster_id = var.cluster_id
  max_age    = "14d"
  min_age    = "3d"

  maintenance_window {
    days      = ["all"]
    start     = "01:00"
    duration  = "4h"
    time_zone = "Europe/Berlin"
  }
}

output "images" {
  description = "What runs, and what Azure offers."
  value       = aks_node_image.prod.images
}
