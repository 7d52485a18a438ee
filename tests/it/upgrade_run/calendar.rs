//! The calendar of a preview, read by a library that others wrote: the right local times, on both sides of a change of
//! the clocks.

use ical::parser::ical::component::IcalEvent;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde_json::json;

use super::scene::PROD_134;
use super::{Azure, PROD, Terraform};

/// Returns a property of an event as it is written.
fn property(event: &IcalEvent, name: &str) -> String {
    let found = event.properties.iter().find(|property| property.name == name);
    found.and_then(|property| property.value.clone()).unwrap_or_else(|| panic!("no {name} in {event:?}"))
}

/// Returns an instant of an event as a clock in a zone shows it, and how far that is from UTC.
fn local(event: &IcalEvent, name: &str, zone: &TimeZone) -> String {
    let utc = DateTime::strptime("%Y%m%dT%H%M%SZ", property(event, name)).unwrap();
    let instant = utc.to_zoned(TimeZone::UTC).unwrap().timestamp();
    instant.to_zoned(zone.clone()).strftime("%a %Y-%m-%d %H:%M %:z").to_string()
}

/// Checks the first and the second start of steps of which a window holds one: before and after a change of the clocks.
async fn starts(zone: &str, as_of: &str, expected: [&str; 2]) {
    // Long-term support covers 1.34 to the end of November 2027.
    let lts = "tier = \"Premium\"\nsupport_plan = \"AKSLongTermSupport\"\n";
    let azure = Azure::new(&PROD_134.replacen("version = ", &format!("{lts}version = "), 1));
    let window = json!([{ "days": ["saturday"], "start": "02:00", "duration": "20m", "time_zone": zone }]);
    let policy = json!({ "cluster_id": PROD, "kubernetes_version": "1.35", "maintenance_window": window, "as_of": as_of });
    let preview = Terraform::new(&azure).data("aks_upgrade_preview", policy).await.unwrap();
    let text = preview["calendar"].as_str().unwrap();
    let calendars: Vec<_> = ical::IcalParser::new(text.as_bytes()).collect::<Result<_, _>>().unwrap();
    assert_eq!((calendars.len(), calendars[0].timezones.len()), (1, 0));
    let events = &calendars[0].events;
    assert_eq!(events.len(), 3);
    let clock = TimeZone::get(zone).unwrap();
    let local_starts: Vec<String> = events.iter().map(|event| local(event, "DTSTART", &clock)).collect();
    assert_eq!(local_starts[..2], expected);
    assert!(local(&events[1], "DTEND", &clock).contains("02:15"), "{events:?}");
    assert_eq!(property(&events[0], "SUMMARY"), "prod: control plane 1.34.9 to 1.35.6");
    assert!(
        property(&events[0], "UID").ends_with("/managedclusters/prod/control-plane/1.35.6"),
        "{events:?}"
    );
    let day = expected[0].split(" +").next().unwrap().split(" -0").next().unwrap();
    assert!(property(&events[0], "DESCRIPTION").contains(day), "{events:?}");
}

/// A calendar has at least one component (RFC 5545, 3.6): one without a step has a time zone, which shows nothing.
#[tokio::test(start_paused = true)]
async fn it_is_one_without_a_step() {
    let policy = json!({ "cluster_id": PROD, "kubernetes_version": "1.34", "always_open": true });
    let preview = Terraform::new(&Azure::new(PROD_134)).data("aks_upgrade_preview", policy).await.unwrap();
    let text = preview["calendar"].as_str().unwrap();
    let calendars: Vec<_> = ical::IcalParser::new(text.as_bytes()).collect::<Result<_, _>>().unwrap();
    assert_eq!(
        (calendars.len(), calendars[0].events.len(), calendars[0].timezones.len()),
        (1, 0, 1),
        "{text}"
    );
}

#[tokio::test(start_paused = true)]
async fn it_shows_the_right_local_times_where_clocks_go_forward() {
    let berlin = ["Sat 2027-03-27 02:00 +01:00", "Sat 2027-04-03 02:00 +02:00"];
    starts("Europe/Berlin", "2027-03-22T00:00:00Z", berlin).await;
    let new_york = ["Sat 2027-03-13 02:00 -05:00", "Sat 2027-03-20 02:00 -04:00"];
    starts("America/New_York", "2027-03-08T00:00:00Z", new_york).await;
    // The clocks of Lord Howe Island change by half an hour.
    let lord_howe = ["Sat 2027-10-02 02:00 +10:30", "Sat 2027-10-09 02:00 +11:00"];
    starts("Australia/Lord_Howe", "2027-09-27T00:00:00Z", lord_howe).await;
}

#[tokio::test(start_paused = true)]
async fn it_shows_the_right_local_times_where_clocks_go_back() {
    let berlin = ["Sat 2027-10-30 02:00 +02:00", "Sat 2027-11-06 02:00 +01:00"];
    starts("Europe/Berlin", "2027-10-25T00:00:00Z", berlin).await;
    let new_york = ["Sat 2027-11-06 02:00 -04:00", "Sat 2027-11-13 02:00 -05:00"];
    starts("America/New_York", "2027-11-01T00:00:00Z", new_york).await;
    let lord_howe = ["Sat 2027-04-03 02:00 +11:00", "Sat 2027-04-10 02:00 +10:30"];
    starts("Australia/Lord_Howe", "2027-03-29T00:00:00Z", lord_howe).await;
}
