//! What a practitioner writes, and its way into AKS's terms.

use std::ops::RangeInclusive;

use jiff::tz::Offset;

use crate::arm::id::{MAINTENANCE_CONFIGURATIONS, check_maintenance_configuration};
use crate::terraform::reader::Reader;
use crate::terraform::schema::{Attribute, Block, Kind, Nesting, Schema, Type};
use crate::upgrade::text;
use crate::upgrade::window::aks::{AksSchedule, AksWindow, DateSpan};
use crate::upgrade::window::limits::{DURATION_HOURS, INTERVAL_DAYS, INTERVAL_MONTHS, INTERVAL_WEEKS};
use crate::upgrade::window::zone;

const SHAPES: [&str; 4] = ["daily", "weekly", "absolute_monthly", "relative_monthly"];
const DAYS_OF_MONTH: RangeInclusive<i64> = 1..=31;
const LIMIT: &str = "Outside AKS's limits";

/// Returns the schema.
#[must_use]
pub fn schema() -> Schema {
    let description = "One maintenance configuration of an AKS cluster, as Azure has it: a single recurrence with a fixed offset from UTC. It is an object of Azure, so destroying this resource deletes it there. For windows that follow daylight saving time use `aks_upgrade_policy` or `aks_node_image`, with `executor = \"aks\"` where AKS should upgrade by itself.";
    let mut attributes = arguments();
    attributes.extend(computed());
    Schema::new(2, description, attributes).with_blocks(blocks())
}

fn arguments() -> Vec<Attribute> {
    vec![
        Attribute::required("cluster_id", Type::String, "The ARM id of the cluster. A change replaces the configuration.").replaces(),
        Attribute::required("name", Type::String, "`aksManagedAutoUpgradeSchedule` restrains the auto-upgrade channel, `aksManagedNodeOSUpgradeSchedule` the node OS channel, `default` AKS's own maintenance. Case does not matter. A change replaces the configuration.").replaces(),
        Attribute::required("duration_hours", Type::Number, "How long the window stays open: 4 to 24 hours."),
        Attribute::required("start_time", Type::String, "The time of day at `utc_offset`, such as `02:00`."),
        Attribute::optional_computed("utc_offset", Type::String, "The offset of `start_time` and `not_allowed_dates`, such as `+01:00`. Default `+00:00`. AKS does not follow daylight saving time."),
        Attribute::optional_computed("start_date", Type::String, "The day from which intervals count and before which nothing opens, such as `2026-12-05`. Left out: the day of the write. Azure takes no past date, so a date that is past is not sent again; where an interval counts from it, a later date of the same phase is sent."),
    ]
}

fn blocks() -> Vec<Block> {
    let span = vec![
        Attribute::required("start", Type::String, "The first day, such as `2026-12-15`."),
        Attribute::required("end", Type::String, "The last day, included."),
    ];
    let mut blocks = shapes();
    blocks.push(Block::list("not_allowed_dates", span, "Days on which nothing starts."));
    blocks
}

fn shapes() -> Vec<Block> {
    let number = |name, description| Attribute::required(name, Type::Number, description);
    let day = || Attribute::required("day_of_week", Type::String, "`monday` to `sunday`.");
    let months = || number("interval_months", "Every so many months, 1 to 6.");
    vec![
        Block::single(
            "daily",
            vec![number("interval_days", "Every so many days, 1 to 7.")],
            "Opens every so many days. Exactly one of the four shapes is required.",
        ),
        Block::single(
            "weekly",
            vec![number("interval_weeks", "Every so many weeks, 1 to 4."), day()],
            "Opens on a day of the week. The only shape for `default`, every week.",
        ),
        Block::single(
            "absolute_monthly",
            vec![months(), number("day_of_month", "1 to 31.")],
            "Opens on a day of the month.",
        ),
        Block::single(
            "relative_monthly",
            vec![
                months(),
                Attribute::required(
                    "week_index",
                    Type::String,
                    "`first`, `second`, `third`, `fourth` or `last`.",
                ),
                day(),
            ],
            "Opens on a weekday of a week of the month.",
        ),
    ]
}

fn computed() -> Vec<Attribute> {
    let hours = vec![
        Attribute::computed("day", Type::String, "The day of the week."),
        Attribute::computed("hour_slots", Type::List(Box::new(Type::Number)), "The hours, 0 to 23, in UTC."),
    ];
    let span = vec![
        Attribute::computed("start", Type::String, "The first instant."),
        Attribute::computed("end", Type::String, "The instant after."),
    ];
    vec![
        Attribute::computed("id", Type::String, "The ARM id of the configuration."),
        Attribute::computed(
            "time_in_week",
            Kind::Nested(Nesting::List, hours),
            "The older form of a schedule, where Azure still holds one. Only read: the window beside it is what comes closest, and the next apply replaces the older form by it.",
        ),
        Attribute::computed(
            "not_allowed_time",
            Kind::Nested(Nesting::List, span),
            "The older form of days on which nothing starts. Only read.",
        ),
    ]
}

/// Reads the window; everything wrong is reported at its attribute.
pub fn window(config: &Reader<'_>) -> Option<AksWindow> {
    let name = config.parse("name", "Invalid name", |name| {
        check_maintenance_configuration(name).map(|()| name.to_owned())
    });
    let schedule = schedule(config);
    refuse_default(config, name.as_deref(), schedule);
    let hours = within(config, "duration_hours", DURATION_HOURS, "hours");
    let start = config.parse("start_time", "Invalid time", text::parse_time);
    let offset = config.parse("utc_offset", "Invalid offset", offset);
    let start_date = config.parse("start_date", "Invalid date", text::parse_date);
    let not_allowed = config.objects("not_allowed_dates").iter().filter_map(span).collect();
    Some(AksWindow {
        schedule: schedule?,
        duration_hours: hours?,
        offset: offset.unwrap_or(Offset::UTC),
        start_date,
        start: start?,
        not_allowed,
    })
}

fn schedule(config: &Reader<'_>) -> Option<AksSchedule> {
    let set: Vec<&str> = SHAPES.into_iter().filter(|shape| config.is_set(shape)).collect();
    let [shape] = set.as_slice() else {
        let given = if set.is_empty() { "none is".to_owned() } else { format!("{} are", set.join(" and ")) };
        let detail = format!(
            "Exactly one of daily, weekly, absolute_monthly and relative_monthly is needed, and {given} set. Write for example a block weekly with interval_weeks = 1 and day_of_week = \"saturday\"."
        );
        config.reject(set.last().copied().unwrap_or("weekly"), "One schedule is needed", detail);
        return None;
    };
    let object = config.object(shape)?;
    let day = |object: &Reader<'_>| object.parse("day_of_week", "Invalid day", text::parse_weekday);
    let months = |object: &Reader<'_>| within(object, "interval_months", INTERVAL_MONTHS, "months");
    Some(match *shape {
        "daily" => AksSchedule::Daily { interval: within(&object, "interval_days", INTERVAL_DAYS, "days")? },
        "weekly" => {
            let interval = within(&object, "interval_weeks", INTERVAL_WEEKS, "weeks");
            AksSchedule::Weekly { day: day(&object)?, interval: interval? }
        }
        "absolute_monthly" => {
            let interval = months(&object);
            let day = within(&object, "day_of_month", DAYS_OF_MONTH, "days")?;
            AksSchedule::AbsoluteMonthly { interval: interval?, day: i8::try_from(day).ok()? }
        }
        _ => {
            let (interval, day) = (months(&object), day(&object));
            let week = object.parse("week_index", "Invalid week", text::parse_week_of_month)?;
            AksSchedule::RelativeMonthly { interval: interval?, week, day: day? }
        }
    })
}

fn refuse_default(config: &Reader<'_>, name: Option<&str>, schedule: Option<AksSchedule>) {
    let [default, ..] = MAINTENANCE_CONFIGURATIONS;
    let weekly = matches!(schedule, Some(AksSchedule::Weekly { interval: 1, .. }));
    if weekly || schedule.is_none() || !name.is_some_and(|name| name.eq_ignore_ascii_case(default)) {
        return;
    }
    let shape = SHAPES.into_iter().find(|shape| config.is_set(shape)).unwrap_or("weekly");
    let detail = "The configuration \"default\" opens every week on one day. Write a block weekly with interval_weeks = 1 and day_of_week = \"saturday\", or another name.";
    config.reject(shape, LIMIT, detail);
}

fn within(object: &Reader<'_>, name: &str, limits: RangeInclusive<i64>, unit: &str) -> Option<i64> {
    let given: i64 = object.integer(name)?;
    if limits.contains(&given) {
        return Some(given);
    }
    let (least, most) = limits.into_inner();
    let detail =
        format!("AKS takes {least} to {most} {unit} here, not {given}. Write for example {name} = {least}.");
    object.reject(name, LIMIT, detail);
    None
}

fn offset(text: &str) -> Result<Offset, String> {
    let fixed = Some(text).filter(|text| text.starts_with(['+', '-']));
    let zone = fixed.and_then(|text| zone::parse(text).ok());
    zone.and_then(|zone| zone.to_fixed_offset().ok()).ok_or_else(|| {
        format!("{text:?} is not an offset from UTC. It has to be written like \"+01:00\" or \"-05:30\".")
    })
}

fn span(object: &Reader<'_>) -> Option<DateSpan> {
    let date = |name| object.parse(name, "Invalid date", text::parse_date);
    let (start, end) = (date("start"), date("end"));
    let span = DateSpan { start: start?, end: end? };
    if span.start <= span.end {
        return Some(span);
    }
    let detail = format!(
        "The days end ({}) before they begin ({}). Write the earlier one as start; for a single day write it twice.",
        span.end, span.start
    );
    object.reject("end", "Invalid dates", detail);
    None
}
