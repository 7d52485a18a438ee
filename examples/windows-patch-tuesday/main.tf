# Windows images on the Sunday after Patch Tuesday, which is the second Tuesday of a month: the Sunday that falls on one of
# the days 13 to 19. The Linux pools follow every Sunday.

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

  maintenance_window {
    days          = ["sunday"]
    days_of_month = [13, 14, 15, 16, 17, 18, 19]
    start         = "02:00"
    duration      = "8h"
    time_zone     = "Europe/Berlin"
    node_pools    = ["win"]
  }

  maintenance_window {
    days       = ["sunday"]
    start      = "02:00"
    duration   = "4h"
    time_zone  = "Europe/Berlin"
    node_pools = ["system"]
  }
}
