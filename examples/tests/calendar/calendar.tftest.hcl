# The calendar of your own policy, tested with no cloud, no sign-in and no simulator: terraform test

mock_provider "aks" {}

run "the_year_end_is_quiet" {
  assert {
    condition     = [for opening in output.openings : opening.start] == ["2026-12-05T01:00:00Z", "2026-12-12T01:00:00Z", "2027-01-09T01:00:00Z", "2027-01-16T01:00:00Z"]
    error_message = "Nothing may open from 15 December to 5 January."
  }
}

run "summer_is_two_in_the_morning_in_berlin_too" {
  variables {
    after = "2026-07-01T00:00:00Z"
  }

  assert {
    condition     = output.openings[0].start == "2026-07-04T00:00:00Z"
    error_message = "In summer, 02:00 in Berlin is midnight UTC."
  }
}

run "a_saturday_night_is_open" {
  variables {
    after = "2026-11-28T02:30:00Z"
  }

  assert {
    condition     = output.open
    error_message = "Saturday 03:30 in Berlin has to be open."
  }
}

run "a_monday_is_not" {
  variables {
    after = "2026-11-30T02:30:00Z"
  }

  assert {
    condition     = !output.open
    error_message = "A Monday has to be closed."
  }
}
