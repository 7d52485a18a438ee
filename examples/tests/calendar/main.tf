# What examples/tests/calendar/calendar.tftest.hcl tests: the calendar of a policy, with no cloud at all.

terraform {
  required_providers {
    aks = {
      source = "aks-upgrades/aks"
    }
  }
}

variable "after" {
  description = "The instant from which on openings are listed."
  type        = string
  default     = "2026-12-01T00:00:00Z"
}

resource "aks_upgrade_policy" "this" {
  cluster_id         = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod"
  kubernetes_version = "1.35"

  maintenance_window {
    days      = ["saturday"]
    start     = "02:00"
    duration  = "4h"
    time_zone = "Europe/Berlin"
  }

  blackout {
    from      = "12-15"
    to        = "01-05"
    yearly    = true
    time_zone = "Europe/Berlin"
    reason    = "year end"
  }
}

output "openings" {
  description = "The next openings of the policy."
  value       = provider::aks::next_windows(aks_upgrade_policy.this.maintenance_window, aks_upgrade_policy.this.blackout, var.after, 4)
}

output "open" {
  description = "Whether work may start at that instant."
  value       = provider::aks::in_window(aks_upgrade_policy.this.maintenance_window, aks_upgrade_policy.this.blackout, var.after)
}
