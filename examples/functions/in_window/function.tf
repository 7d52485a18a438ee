# Whether this very plan falls into a window of the policy.
output "open_now" {
  value = provider::aks::in_window(
    aks_upgrade_policy.production.maintenance_window,
    aks_upgrade_policy.production.blackout,
    plantimestamp(),
  )
}
