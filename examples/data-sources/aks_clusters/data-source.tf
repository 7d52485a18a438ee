data "aks_clusters" "behind" {
  subscription_id = "00000000-0000-0000-0000-000000000000"
  below_version   = "1.34"
}

# A report of what runs below 1.34, itself or in a node pool.
output "behind" {
  value = { for cluster in data.aks_clusters.behind.clusters : cluster.name => cluster.current_version }
}
