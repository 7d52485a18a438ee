# What examples/tests/*.tftest.hcl tests: a policy in a window that the tests choose.

terraform {
  required_providers {
    aks = {
      source = "aks-upgrades/aks"
    }
  }
}

variable "cluster_id" {
  description = "The ARM id of the cluster."
  type        = string
}

variable "kubernetes_version" {
  description = "At least this version."
  type        = string
}

variable "maintenance_windows" {
  description = "When work may start."
  type = list(object({
    days      = list(string)
    start     = string
    duration  = string
    time_zone = string
  }))
}

resource "aks_upgrade_policy" "this" {
  cluster_id         = var.cluster_id
  kubernetes_version = var.kubernetes_version

  dynamic "maintenance_window" {
    for_each = var.maintenance_windows

    content {
      days      = maintenance_window.value.days
      start     = maintenance_window.value.start
      duration  = maintenance_window.value.duration
      time_zone = maintenance_window.value.time_zone
    }
  }
}
