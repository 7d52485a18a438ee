variable "cluster_id" {
  description = "The ARM id of the cluster, such as azurerm_kubernetes_cluster.prod.id."
  type        = string
}

data "aks_cluster" "prod" {
  cluster_id = var.cluster_id
}

output "offered" {
  value = [for offer in data.aks_cluster.prod.upgrades : offer.version if !offer.preview]
}

check "only_terraform_upgrades_it" {
  assert {
    condition     = data.aks_cluster.prod.auto_upgrade_channel == null && length(data.aks_cluster.prod.update_runs) == 0
    error_message = "AKS or a Fleet upgrades ${data.aks_cluster.prod.name}, too."
  }
}
