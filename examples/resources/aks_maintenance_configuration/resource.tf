variable "cluster_id" {
  description = "The ARM id of the cluster, such as azurerm_kubernetes_cluster.prod.id."
  type        = string
}

# When AKS itself may replace node images: Saturday nights, but not at Christmas.
resource "aks_maintenance_configuration" "node_os" {
  cluster_id     = var.cluster_id
  name           = "aksManagedNodeOSUpgradeSchedule"
  duration_hours = 4
  start_time     = "02:00"
  utc_offset     = "+01:00"

  weekly {
    interval_weeks = 1
    day_of_week    = "saturday"
  }

  not_allowed_dates {
    start = "2026-12-20"
    end   = "2027-01-03"
  }
}
