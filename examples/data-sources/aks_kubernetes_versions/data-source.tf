data "aks_kubernetes_versions" "here" {
  subscription_id = "00000000-0000-0000-0000-000000000000"
  location        = "westeurope"
}

output "newest" {
  value = data.aks_kubernetes_versions.here.latest_version
}
