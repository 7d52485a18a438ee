//! `aks_maintenance_configuration` against the simulated Azure.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value as Json, json};
use terraform_provider_aks::terraform::diagnostic::Diagnostic;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::upgrade_run::{Action, Azure, Fate, PROD, Terraform, validated};

const AT: &str = "aks_maintenance_configuration.auto";
const NAME: &str = "aksManagedAutoUpgradeSchedule";

fn azure() -> Arc<Azure> {
    Azure::new(
        "[clock]\nstart = \"2026-11-22T10:00:00Z\"\n[[cluster]]\nname = \"prod\"\nversion = \"1.34.9\"",
    )
}

fn weekly() -> Json {
    json!({
        "name": NAME, "duration_hours": 4, "start_time": "02:00",
        "weekly": { "interval_weeks": 1, "day_of_week": "saturday" },
    })
}

fn every_second_week(start: &str) -> Json {
    let mut block = weekly();
    block["weekly"]["interval_weeks"] = 2.into();
    block["start_date"] = start.into();
    block
}

fn terraform(azure: &Arc<Azure>, block: Json) -> Terraform {
    let terraform = Terraform::new(azure);
    terraform.write(AT, block);
    terraform
}

/// Returns the window that Azure holds.
fn held(azure: &Azure) -> Json {
    let path = format!("{PROD}/maintenanceConfigurations/{NAME}");
    let answer = azure.world().ask_as_somebody_else("GET", &path, &Json::Null, azure.now()).unwrap();
    answer["body"]["properties"]["maintenanceWindow"].clone()
}

#[tokio::test(start_paused = true)]
async fn it_is_created_changed_and_deleted() {
    let azure = azure();
    let terraform = terraform(&azure, weekly());
    let plan = terraform.plan().await;
    assert_eq!(plan.only().planned()["utc_offset"], "+00:00");
    assert_eq!(plan.only().planned()["start_date"], "(known after apply)");
    terraform.apply(&plan).await.unwrap();
    let state = terraform.state(AT);
    assert_eq!(state["id"], format!("{PROD}/maintenanceConfigurations/{NAME}"));
    assert_eq!(state["start_date"], "2026-11-22");
    assert!(terraform.plan().await.is_empty());

    azure.wait_until("2027-03-01T10:00:00Z").await;
    assert!(terraform.plan().await.is_empty());
    terraform.edit(AT, "duration_hours", 8.into());
    let plan = terraform.plan().await;
    assert_eq!(plan.only().action, Action::Update);
    terraform.apply(&plan).await.unwrap();
    assert_eq!(held(&azure)["durationHours"], 8);
    assert_eq!(terraform.state(AT)["start_date"], "2027-03-01");
    assert!(terraform.plan().await.is_empty());

    let told = terraform.destroy().await;
    assert_eq!(told[0].summary, "A maintenance configuration will be deleted");
    assert_eq!(held(&azure), Json::Null);
    assert_eq!(azure.writes().last().unwrap(), &format!("DELETE prod {NAME}"));
}

/// azurerm writes days and weeks with a capital letter, and so may we.
#[tokio::test(start_paused = true)]
async fn the_spelling_of_days_and_weeks_is_no_difference() {
    let azure = azure();
    let mut block = weekly();
    block["weekly"] = Json::Null;
    block["relative_monthly"] =
        json!({ "interval_months": 1, "week_index": "First", "day_of_week": "Saturday" });
    let terraform = terraform(&azure, block);
    terraform.up().await;
    assert!(terraform.plan().await.is_empty());
    terraform.edit(
        AT,
        "relative_monthly",
        json!({ "interval_months": 1, "week_index": "first", "day_of_week": "SATURDAY" }),
    );
    assert!(terraform.plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_past_start_date_is_kept_in_phase_and_is_no_drift() {
    let azure = azure();
    // Saturdays of even weeks from 5 January 2026: 28 November is the next one.
    let terraform = terraform(&azure, every_second_week("2026-01-05"));
    terraform.up().await;
    assert_eq!(held(&azure)["startDate"], "2026-11-28");
    assert_eq!(terraform.state(AT)["start_date"], "2026-01-05");
    assert!(terraform.plan().await.is_empty());
    azure.wait_until("2027-01-01T10:00:00Z").await;
    assert!(terraform.plan().await.is_empty());
    terraform.edit(AT, "start_time", "03:00".into());
    terraform.up().await;
    assert_eq!(held(&azure)["startDate"], "2027-01-09");
    assert!(terraform.plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_somebody_changed_is_put_back() {
    let azure = azure();
    let terraform = terraform(&azure, weekly());
    terraform.up().await;
    let path = format!("{PROD}/maintenanceConfigurations/{}", NAME.to_lowercase());
    let body = json!({ "properties": { "maintenanceWindow": {
        "schedule": { "daily": { "intervalDays": 1 } }, "durationHours": 6, "startTime": "05:00",
        "notAllowedDates": [{ "start": "2026-12-24", "end": "2026-12-26" }],
    } } });
    assert_eq!(azure.somebody_else("PUT", &path, &body), 200);
    let plan = terraform.plan().await;
    assert_eq!(plan.only().action, Action::Update);
    terraform.apply(&plan).await.unwrap();
    assert_eq!(
        held(&azure)["schedule"],
        json!({ "weekly": { "intervalWeeks": 1, "dayOfWeek": "Saturday" } })
    );
    assert_eq!(held(&azure)["notAllowedDates"], Json::Null);
    assert!(terraform.plan().await.is_empty());
    assert_eq!(azure.somebody_else("DELETE", &path, &Json::Null), 200);
    assert_eq!(terraform.plan().await.only().action, Action::Create);
}

/// Imports a configuration of the older form, of these days, beside a block of the newer one; returns its id, too.
async fn imported(days: &[&str]) -> (Terraform, String) {
    let azure = azure();
    let path = format!("{PROD}/maintenanceConfigurations/default");
    let days: Vec<Json> = days.iter().map(|day| json!({ "day": day, "hourSlots": [1, 2] })).collect();
    let body = json!({ "properties": {
        "timeInWeek": days,
        "notAllowedTime": [{ "start": "2026-12-24T03:00:00Z", "end": "2026-12-26T12:00:00Z" }],
    } });
    assert_eq!(azure.somebody_else("PUT", &path, &body), 200);
    let mut block = weekly();
    block["name"] = "default".into();
    let terraform = terraform(&azure, block);
    terraform.import(AT, &path).await.unwrap();
    (terraform, path)
}

#[tokio::test(start_paused = true)]
async fn the_older_form_is_read_and_replaced() {
    let (terraform, _) = imported(&["Tuesday"]).await;
    let state = terraform.state(AT);
    assert_eq!(state["time_in_week"], json!([{ "day": "Tuesday", "hour_slots": [1, 2] }]));
    assert_eq!(state["not_allowed_time"][0]["end"], "2026-12-26T12:00:00Z");
    terraform.up().await;
    assert_eq!(terraform.state(AT)["time_in_week"], json!([]));
    assert!(terraform.plan().await.is_empty());
}

/// Four days of the older form become one, and the days without work are lost: what is dropped is told.
#[tokio::test(start_paused = true)]
async fn fewer_days_than_the_older_form_had_are_told() {
    let (terraform, path) = imported(&["Tuesday", "Thursday", "Saturday", "Sunday"]).await;
    let plan = terraform.plan().await;
    let told = plan.warnings("A maintenance configuration gets fewer days than before");
    assert_eq!(
        told,
        [format!(
            "{path}: Azure holds hours on Tuesday, Thursday, Saturday, Sunday in the older form, and the window that replaces it opens on 1 of them. It opens for 2 hours of a day, and the window that replaces it for 4. It also holds spans in which nothing may start (not_allowed_time), which are dropped: write them as not_allowed_dates."
        )]
    );
    terraform.apply(&plan).await.unwrap();
    terraform.edit(AT, "duration_hours", 6.into());
    let plan = terraform.plan().await;
    assert_eq!(plan.warnings("A maintenance configuration gets fewer days than before"), [""; 0]);
    terraform.apply(&plan).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn every_shape_is_imported_without_a_change() {
    let shapes = [
        json!({ "daily": { "interval_days": 3 } }),
        json!({ "weekly": { "interval_weeks": 4, "day_of_week": "sunday" } }),
        json!({ "absolute_monthly": { "interval_months": 6, "day_of_month": 31 } }),
        json!({ "relative_monthly": { "interval_months": 2, "week_index": "last", "day_of_week": "friday" } }),
    ];
    for shape in shapes {
        let azure = azure();
        let mut block = json!({
            "name": NAME, "duration_hours": 24, "start_time": "23:30", "utc_offset": "-03:30",
            "not_allowed_dates": [{ "start": "2026-12-24", "end": "2026-12-26" }],
        });
        block.as_object_mut().unwrap().extend(shape.as_object().unwrap().clone());
        let first = terraform(&azure, block.clone());
        first.up().await;
        assert!(first.plan().await.is_empty(), "{shape}");
        // In another case, as Azure spells ids now and then.
        let id = format!("{PROD},{}", NAME.to_uppercase());
        let second = terraform(&azure, block);
        second.import(AT, &id).await.unwrap();
        assert!(second.plan().await.is_empty(), "{shape}");
    }
}

#[tokio::test(start_paused = true)]
async fn one_that_exists_otherwise_is_not_overwritten() {
    let azure = azure();
    terraform(&azure, weekly()).up().await;
    // The same one is taken over: a create whose answer was lost goes on like that.
    terraform(&azure, weekly()).up().await;
    let mut block = weekly();
    block["duration_hours"] = 12.into();
    let other = terraform(&azure, block);
    let error = other.apply(&other.plan().await).await.unwrap_err();
    assert_eq!(error.summary, "Maintenance configuration exists");
    assert_eq!(
        error.detail,
        format!(
            "{PROD}/maintenanceConfigurations/{NAME} exists already and opens at other times, so nothing was written. Import it with terraform import and this id, or delete it first."
        )
    );
    assert_eq!(held(&azure)["durationHours"], 4);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_of_any_request_is_made_good_by_the_next_run() {
    for lost in 1..6 {
        let azure = azure();
        let terraform = terraform(&azure, weekly()).provider("max_retries", json!(0));
        azure.accidents(move |call| if call.number == lost { Fate::LoseAnswer } else { Fate::Pass });
        let _ = terraform.apply(&terraform.plan().await).await;
        azure.calm();
        terraform.up().await;
        assert_eq!(azure.writes().len(), 1, "{lost}");
        assert!(terraform.plan().await.is_empty());
    }
}

/// Interrupts an apply of a plan at one of its requests, and says how it ended.
async fn interrupted(
    azure: &Azure,
    terraform: &Terraform,
    request: usize,
    fate: fn() -> Fate,
) -> Result<(), Diagnostic> {
    let (plan, stop, began) = (terraform.plan().await, CancellationToken::new(), Instant::now());
    let (number, cancelled) = (azure.calls() + request, stop.clone());
    azure.accidents(move |call| {
        if call.number < number {
            return Fate::Pass;
        }
        cancelled.cancel();
        fate()
    });
    let ended = terraform.apply_until(&plan, stop).await;
    assert!(began.elapsed() < Duration::from_secs(5), "request {request}: {:?}", began.elapsed());
    azure.calm();
    ended.map(drop)
}

/// What may become of the requests from the interrupt on.
const FATES: [fn() -> Fate; 4] = [|| Fate::Pass, || Fate::Hang, || Fate::HangAfter, || Fate::LoseAnswer];

#[tokio::test(start_paused = true)]
async fn an_interrupt_ends_a_create_and_the_next_one_goes_on() {
    for fate in FATES {
        // The first one is that of the plan, which Terraform makes once more before it applies.
        for request in 2..=4 {
            let azure = azure();
            let terraform = terraform(&azure, weekly());
            if let Err(told) = interrupted(&azure, &terraform, request, fate).await {
                let summary = if request == 2 { "not written" } else { "not read back" };
                assert_eq!(told.summary, format!("Maintenance configuration {summary}"), "{request}");
            }
            terraform.up().await;
            assert_eq!(azure.writes().len(), 1, "{request}");
            assert!(terraform.plan().await.is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_ends_a_destroy_and_the_next_one_goes_on() {
    for fate in FATES {
        let azure = azure();
        let terraform = terraform(&azure, weekly());
        terraform.up().await;
        terraform.erase(AT);
        let _ = interrupted(&azure, &terraform, 1, fate).await;
        terraform.up().await;
        assert_eq!(held(&azure), Json::Null);
        assert!(terraform.plan().await.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn an_interrupt_leaves_a_write_that_azure_holds_off() {
    let azure = azure();
    azure.fault("method = \"PUT\"\ntimes = 100\ndoes = \"answer\"\nstatus = 429\nretry_after = 120");
    let terraform = terraform(&azure, weekly());
    let (plan, stop, began) = (terraform.plan().await, CancellationToken::new(), Instant::now());
    let cancel = async {
        tokio::time::sleep(Duration::from_secs(10)).await;
        stop.cancel();
    };
    let (ended, ()) = tokio::join!(terraform.apply_until(&plan, stop.clone()), cancel);
    assert_eq!(
        ended.unwrap_err().detail,
        format!(
            "The maintenance configuration {NAME} of {PROD} was not written: the apply was interrupted before. Apply again when you want to go on."
        )
    );
    assert_eq!(began.elapsed().as_secs(), 10);
}

/// Asserts everything that is wrong with a block, as `attribute: sentence`.
#[track_caller]
fn wrong(edit: impl Fn(&mut Json), expected: &[&str]) {
    let mut block = weekly();
    block["cluster_id"] = PROD.into();
    edit(&mut block);
    let found = validated("aks_maintenance_configuration", &block);
    let found: Vec<String> = found.iter().map(|one| format!("{}: {}", one.path, one.detail)).collect();
    assert_eq!(found, expected);
}

#[test]
fn each_limit_is_told_at_its_attribute() {
    wrong(|_| {}, &[]);
    wrong(
        |block| block["duration_hours"] = 3.into(),
        &["duration_hours: AKS takes 4 to 24 hours here, not 3. Write for example duration_hours = 4."],
    );
    wrong(
        |block| block["duration_hours"] = 25.into(),
        &["duration_hours: AKS takes 4 to 24 hours here, not 25. Write for example duration_hours = 4."],
    );
    wrong(
        |block| block["weekly"]["interval_weeks"] = 5.into(),
        &["weekly.interval_weeks: AKS takes 1 to 4 weeks here, not 5. Write for example interval_weeks = 1."],
    );
    wrong(
        |block| block["weekly"]["day_of_week"] = "Sat".into(),
        &[
            "weekly.day_of_week: \"Sat\" is not a day of the week; write one of \"monday\", \"tuesday\", \"wednesday\", \"thursday\", \"friday\", \"saturday\", \"sunday\".",
        ],
    );
    wrong(
        |block| block["start_time"] = "24:00".into(),
        &["start_time: \"24:00\" is not a time of day; write hours and minutes, for example \"02:00\"."],
    );
    wrong(
        |block| block["utc_offset"] = "Europe/Berlin".into(),
        &[
            "utc_offset: \"Europe/Berlin\" is not an offset from UTC. It has to be written like \"+01:00\" or \"-05:30\".",
        ],
    );
    wrong(
        |block| block["start_date"] = "2026-02-30".into(),
        &[
            "start_date: \"2026-02-30\" is not a date; write year, month and day of a day that exists, for example \"2026-01-05\".",
        ],
    );
    wrong(
        |block| block["not_allowed_dates"] = json!([{ "start": "2026-12-26", "end": "2026-12-24" }]),
        &[
            "not_allowed_dates[0].end: The days end (2026-12-24) before they begin (2026-12-26). Write the earlier one as start; for a single day write it twice.",
        ],
    );
    let shape = |name: &'static str, value: Json| {
        move |block: &mut Json| {
            block.as_object_mut().unwrap().remove("weekly");
            block[name] = value.clone();
        }
    };
    wrong(
        shape("daily", json!({ "interval_days": 8 })),
        &["daily.interval_days: AKS takes 1 to 7 days here, not 8. Write for example interval_days = 1."],
    );
    wrong(
        shape("absolute_monthly", json!({ "interval_months": 7, "day_of_month": 32 })),
        &[
            "absolute_monthly.interval_months: AKS takes 1 to 6 months here, not 7. Write for example interval_months = 1.",
            "absolute_monthly.day_of_month: AKS takes 1 to 31 days here, not 32. Write for example day_of_month = 1.",
        ],
    );
    wrong(
        shape(
            "relative_monthly",
            json!({ "interval_months": 1, "week_index": "fifth", "day_of_week": "friday" }),
        ),
        &[
            "relative_monthly.week_index: \"fifth\" is not a week of the month; write one of \"first\", \"second\", \"third\", \"fourth\", \"last\".",
        ],
    );
}

#[test]
fn exactly_one_schedule_and_a_known_name() {
    wrong(
        |block| block["daily"] = json!({ "interval_days": 1 }),
        &[
            "weekly: Exactly one of daily, weekly, absolute_monthly and relative_monthly is needed, and daily and weekly are set. Write for example a block weekly with interval_weeks = 1 and day_of_week = \"saturday\".",
        ],
    );
    wrong(
        |block| block["weekly"] = Json::Null,
        &[
            "weekly: Exactly one of daily, weekly, absolute_monthly and relative_monthly is needed, and none is set. Write for example a block weekly with interval_weeks = 1 and day_of_week = \"saturday\".",
        ],
    );
    wrong(
        |block| block["name"] = "weekly".into(),
        &[
            "name: \"weekly\" is not the name of a maintenance configuration: AKS knows only default, aksManagedAutoUpgradeSchedule and aksManagedNodeOSUpgradeSchedule. A correct example is \"aksManagedAutoUpgradeSchedule\".",
        ],
    );
    wrong(
        |block| {
            block["name"] = "Default".into();
            block["weekly"]["interval_weeks"] = 2.into();
        },
        &[
            "weekly: The configuration \"default\" opens every week on one day. Write a block weekly with interval_weeks = 1 and day_of_week = \"saturday\", or another name.",
        ],
    );
}
