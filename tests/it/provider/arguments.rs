//! What may be written in the blocks of an upgrading resource: each row a mistake, its attribute and its sentence.

use serde_json::{Value as Json, json};

use crate::upgrade_run::{PROD, validated};

pub const POLICY: &str = "aks_upgrade_policy";
pub const IMAGE: &str = "aks_node_image";

pub fn window(edit: Json) -> Json {
    let mut window =
        json!({ "days": ["saturday"], "start": "02:00", "duration": "4h", "time_zone": "Europe/Berlin" });
    window.as_object_mut().unwrap().extend(edit.as_object().unwrap().clone());
    window
}

/// Asserts everything that is told about a block, as `attribute: sentence`; a window is there where none is written.
#[track_caller]
pub fn told(kind: &str, edit: Json, expected: &[&str]) {
    let mut block = json!({ "cluster_id": PROD, "maintenance_window": [window(json!({}))] });
    if kind == POLICY && edit.get("channel").is_none() {
        block["kubernetes_version"] = "1.35".into();
    }
    block.as_object_mut().unwrap().extend(edit.as_object().unwrap().clone());
    let found: Vec<String> =
        validated(kind, &block).iter().map(|found| format!("{}: {}", found.path, found.detail)).collect();
    assert_eq!(found, expected);
}

#[track_caller]
fn window_told(edit: Json, expected: &[&str]) {
    told(POLICY, json!({ "maintenance_window": [window(edit)] }), expected);
}

#[test]
fn that_work_may_start_at_any_time_is_said_and_said_alone() {
    let none = "maintenance_window: There is no maintenance_window, so nothing says when work may start. Write one, or always_open = true if it may start at any time.";
    let both = "always_open: always_open says that work may start at any time, and maintenance_window says when. Remove one of them.";
    let aks = "always_open: With executor = \"aks\" Azure upgrades by itself, in the one maintenance_window. Remove always_open, or use executor = \"terraform\".";
    let blackout = json!([{ "from": "2026-12-24T00:00:00Z", "to": "2099-12-27T00:00:00Z" }]);
    for kind in [POLICY, IMAGE] {
        told(kind, json!({ "maintenance_window": [] }), &[none]);
        told(kind, json!({ "maintenance_window": [], "always_open": false }), &[none]);
        told(kind, json!({ "maintenance_window": [], "blackout": blackout }), &[none]);
        told(kind, json!({ "maintenance_window": [], "blackout": blackout, "always_open": true }), &[]);
        told(kind, json!({ "always_open": true }), &[both]);
        told(kind, json!({ "always_open": false }), &[]);
    }
    told(POLICY, json!({ "executor": "aks", "channel": "stable", "always_open": true }), &[aks]);
}

#[test]
fn a_window_says_its_days() {
    window_told(json!({ "days": ["Saturday", "SUNDAY"], "weeks_of_month": ["Last"] }), &[]);
    window_told(json!({ "days": ["all"], "every": 2, "start_date": "2026-01-05" }), &[]);
    window_told(json!({ "days": ["sunday"], "days_of_month": [13, 14, 15, 16, 17, 18, 19] }), &[]);
    window_told(
        json!({ "days": null }),
        &[
            "maintenance_window[0].days: A window has to say on which days it opens; write for example days = [\"saturday\"], days_of_month = [1, 15], or days = [\"all\"] for every day.",
        ],
    );
    window_told(
        json!({ "days": null, "weeks_of_month": ["first"] }),
        &[
            "maintenance_window[0].weeks_of_month: weeks_of_month needs days; for example days = [\"saturday\"], weeks_of_month = [\"first\"].",
        ],
    );
    window_told(
        json!({ "days": ["all", "sunday"] }),
        &[
            "maintenance_window[0].days: days = [\"all\"] is every day and stands alone; remove the other days, or \"all\".",
        ],
    );
    window_told(
        json!({ "days": ["all"], "days_of_month": [1] }),
        &[
            "maintenance_window[0].days_of_month: days = [\"all\"] is every day and stands alone; remove days_of_month, or \"all\".",
        ],
    );
    window_told(
        json!({ "days": ["saturn"] }),
        &[
            "maintenance_window[0].days: \"saturn\" is not a day of the week; write one of \"monday\", \"tuesday\", \"wednesday\", \"thursday\", \"friday\", \"saturday\", \"sunday\", \"all\".",
        ],
    );
    for list in ["days", "weeks_of_month", "days_of_month", "applies_to", "node_pools"] {
        let sentence = format!(
            "maintenance_window[0].{list}: The list {list} is empty; leave {list} out, or name at least one."
        );
        window_told(json!({ list: [] }), &[&sentence]);
    }
}

#[test]
fn a_date_that_is_wrong_is_told_once() {
    window_told(
        json!({ "every": 2, "start_date": "01.01.2026" }),
        &[
            "maintenance_window[0].start_date: \"01.01.2026\" is not a date; write year, month and day of a day that exists, for example \"2026-01-05\".",
        ],
    );
    window_told(
        json!({ "every": 2 }),
        &[
            "maintenance_window[0].start_date: every = 2 needs a start_date to count from; for example start_date = \"2026-01-05\".",
        ],
    );
}

#[test]
fn a_window_or_a_blackout_may_be_for_pools() {
    window_told(json!({ "node_pools": ["batch"], "applies_to": ["patch"] }), &[]);
    window_told(
        json!({ "node_pools": ["batch", "batch"] }),
        &[
            "maintenance_window[0].node_pools: The list node_pools names its element 2 twice; write each one once.",
        ],
    );
}

#[test]
fn a_blackout_between_days_has_a_zone_and_one_between_instants_has_none() {
    let blackout = |edit: Json| {
        let mut blackout = json!({ "from": "2026-12-15", "to": "9999-12-31" });
        blackout.as_object_mut().unwrap().extend(edit.as_object().unwrap().clone());
        json!({ "blackout": [blackout, { "from": "01-01", "to": "01-02", "yearly": true, "time_zone": "UTC" }] })
    };
    told(POLICY, blackout(json!({ "time_zone": "Europe/Berlin", "node_pools": ["stateful"] })), &[]);
    told(
        POLICY,
        blackout(json!({})),
        &[
            "blackout[0].time_zone: The days of a blackout begin and end in a time zone; write it, for example time_zone = \"Europe/Berlin\".",
        ],
    );
    told(
        POLICY,
        blackout(json!({ "from": "2026-12-15T00:00:00Z", "to": "2026-12-16T00:00:00Z", "time_zone": "UTC" })),
        &[
            "blackout[0].time_zone: A blackout between instants needs no time_zone, their offset says it all; remove time_zone, or write dates, for example from = \"2026-12-15\", to = \"2027-01-05\".",
        ],
    );
    told(
        POLICY,
        blackout(json!({ "time_zone": "Europe/Berln" })),
        &[
            "blackout[0].time_zone: \"Europe/Berln\" is not a known time zone; did you mean \"Europe/Berlin\"? Write an IANA name, for example \"Europe/Berlin\", or an offset, for example \"+02:00\".",
        ],
    );
}

#[test]
fn an_override_says_why_and_what() {
    let glass = |reason: &str, ignore: Json| json!({ "override": { "reason": reason, "expires": "2026-12-01T06:00:00Z", "ignore": ignore } });
    told(POLICY, glass("CHG0042", json!(["window"])), &[]);
    for empty in ["", "  "] {
        told(
            POLICY,
            glass(empty, json!(["window"])),
            &[
                "override.reason: The reason is empty. Say why the rules are ignored, for example reason = \"CVE-2026-31431, CHG0042\".",
            ],
        );
    }
    told(
        POLICY,
        glass("CHG0042", json!(["windows"])),
        &[
            "override.ignore: \"windows\" is not a rule that can be ignored. It has to be \"window\", \"blackout\", \"min_age\" or \"cutoff\".",
        ],
    );
    let mut cutoff = glass("CHG0042", json!(["cutoff"]));
    told(
        POLICY,
        cutoff.clone(),
        &[
            "override.ignore: None of the rules in override.ignore is set here, so the override changes nothing. Remove it.",
        ],
    );
    cutoff["cutoff"] = "1h".into();
    told(POLICY, cutoff, &[]);
}

#[test]
fn a_list_of_pools_is_not_empty() {
    told(
        IMAGE,
        json!({ "node_pools": [] }),
        &["node_pools: The list node_pools is empty; leave node_pools out, or name at least one."],
    );
}
