# Your own rules about upgrades, tested offline:
#
#   terraform-provider-aks simulate --scenario examples/tests/scenario.toml --listen 127.0.0.1:8080
#   ARM_RESOURCE_MANAGER_ENDPOINT=http://127.0.0.1:8080 terraform test

variables {
  cluster_id         = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod"
  kubernetes_version = "1.35"
}

run "nothing_happens_outside_the_window" {
  variables {
    # The simulated day is a Saturday.
    maintenance_windows = [{ days = ["tuesday"], start = "02:00", duration = "4h", time_zone = "UTC" }]
  }

  assert {
    condition     = startswith(aks_upgrade_policy.this.current_version, "1.34.")
    error_message = "The cluster was upgraded outside its window."
  }

  assert {
    condition     = aks_upgrade_policy.this.next_window.start != null
    error_message = "The policy does not say when the window opens."
  }

  assert {
    condition     = contains(keys(aks_upgrade_policy.this.steps), "01 control plane")
    error_message = "The control plane has to come first."
  }
}

run "the_window_lets_the_upgrade_through" {
  variables {
    maintenance_windows = [{ days = ["saturday"], start = "00:00", duration = "1d", time_zone = "UTC" }]
  }

  assert {
    condition     = startswith(aks_upgrade_policy.this.current_version, "1.35.")
    error_message = "The control plane was not upgraded."
  }

  assert {
    condition     = alltrue([for pool in aks_upgrade_policy.this.node_pools : startswith(pool.current_version, "1.35.")])
    error_message = "A pool was left behind."
  }

  assert {
    condition     = alltrue([for step in aks_upgrade_policy.this.steps : endswith(step, ", done")])
    error_message = "There is work left."
  }
}

run "a_second_plan_is_empty" {
  command = plan

  variables {
    maintenance_windows = [{ days = ["saturday"], start = "00:00", duration = "1d", time_zone = "UTC" }]
  }

  assert {
    condition     = aks_upgrade_policy.this.status == "up_to_date"
    error_message = "The policy is not content."
  }
}

run "there_is_no_way_back" {
  command = plan

  variables {
    kubernetes_version  = "1.34"
    maintenance_windows = [{ days = ["saturday"], start = "00:00", duration = "1d", time_zone = "UTC" }]
  }

  assert {
    condition     = startswith(aks_upgrade_policy.this.current_version, "1.35.")
    error_message = "A downgrade was planned."
  }
}
