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
    days      = optional(list(string))
    start     = string
    duration  = string
    time_zone = optional(string)
  }))
}

resource "aks_upgrade_policy" "this" {
  cluster_id          = var.cluster_id
  kubernetes_version  = var.kubernetes_version
  maintenance_windows = var.maintenance_windows
}
