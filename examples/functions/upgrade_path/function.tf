# ["1.34.4", "1.35.6"]
output "path" {
  value = provider::aks::upgrade_path("1.33.5", "1.35", ["1.34.2", "1.34.4", "1.35.6", "1.36.1"])
}
