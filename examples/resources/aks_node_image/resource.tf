variable "cluster_id" {
  description = "The ARM id of the cluster, such as azurerm_kubernetes_cluster.prod.id."
  type        = string
}

resource "aks_node_image" "prod" {
  cluster_id = var.cluster_id
  node_pools = ["system", "user"]
  max_age    = "14d" # younger images stay

  maintenance_window {
    days      = ["saturday"]
    start     = "02:00"
    duration  = "6h"
    time_zone = "Europe/Berlin"
  }
}

output "images" {
  value = aks_node_image.prod.images
}
