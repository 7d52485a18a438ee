check "supported" {
  assert {
    condition     = provider::aks::version_at_least(aks_upgrade_policy.production.current_version, "1.34")
    error_message = "Production has to run Kubernetes 1.34 or newer."
  }
}
