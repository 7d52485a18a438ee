variable "cluster_id" {
  description = "The ARM id of the cluster, such as azurerm_kubernetes_cluster.prod.id."
  type        = string
}

data "aks_upgrade_preview" "prod" {
  cluster_id         = var.cluster_id
  kubernetes_version = "1.35"
  horizon            = "60d"

  node_image {
    max_age = "14d"
  }

  maintenance_window {
    days      = ["saturday"]
    start     = "02:00"
    duration  = "4h"
    time_zone = "Europe/Berlin"
  }
}

# For a comment on the pull request: terraform output -raw upgrades
output "upgrades" {
  value = data.aks_upgrade_preview.prod.summary
}

# For a calendar: terraform output -raw calendar > upgrades.ics
output "calendar" {
  value = data.aks_upgrade_preview.prod.calendar
}

check "every_step_has_a_date" {
  assert {
    condition     = alltrue([for step in data.aks_upgrade_preview.prod.steps : step.start != null])
    error_message = data.aks_upgrade_preview.prod.summary
  }
}
