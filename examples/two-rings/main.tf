# Two rings: the canaries take the next minor on Wednesday nights, all others follow with a commit of their own.
# Raise `canary` first. Raise `stable` once the canaries have run it for as long as you want.

terraform {
  required_version = ">= 1.8"

  required_providers {
    aks = {
      source = "aks-upgrades/aks"
    }
  }
}

provider "aks" {}

variable "canaries" {
  description = "The ARM ids of the clusters that go first, by name."
  type        = map(string)
}

variable "others" {
  description = "The ARM ids of all other clusters, by name."
  type        = map(string)
}

variable "canary" {
  description = "The minor of the canaries."
  type        = string
  default     = "1.36"
}

variable "stable" {
  description = "The minor of all others."
  type        = string
  default     = "1.35"
}

resource "aks_upgrade_policy" "canary" {
  for_each           = var.canaries
  cluster_id         = each.value
  kubernetes_version = var.canary

  maintenance_window {
    days      = ["wednesday"]
    start     = "02:00"
    duration  = "6h"
    time_zone = "Europe/Berlin"
  }
}

resource "aks_upgrade_policy" "other" {
  for_each           = var.others
  cluster_id         = each.value
  kubernetes_version = var.stable

  maintenance_window {
    days      = ["saturday"]
    start     = "02:00"
    duration  = "6h"
    time_zone = "Europe/Berlin"
  }

  rollout {
    pool_order = [["system"], ["user"]]
  }

  lifecycle {
    precondition {
      condition     = provider::aks::version_at_least("${var.canary}.0", var.stable)
      error_message = "The canaries go first."
    }
  }
}
