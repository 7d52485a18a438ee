locals {
  nights = [{
    days      = ["saturday"]
    start     = "02:00"
    duration  = "4h"
    time_zone = "Europe/Berlin"
  }]
  freeze = [{
    from      = "12-15"
    to        = "01-05"
    yearly    = true
    time_zone = "Europe/Berlin"
  }]
}

# The first opening is 2026-12-12, the second one 2027-01-09.
output "december" {
  value = provider::aks::next_windows(local.nights, local.freeze, "2026-12-07T00:00:00Z", 2)
}
