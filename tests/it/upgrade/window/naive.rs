//! The same windows by the longest way: every day of a span asked one by one, spans kept in lists.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use terraform_provider_aks::upgrade::task::{Component, Task};
use terraform_provider_aks::upgrade::text::WeekOfMonth;
use terraform_provider_aks::upgrade::window::Windows;
use terraform_provider_aks::upgrade::window::blackout::BlackoutSpec;
use terraform_provider_aks::upgrade::window::days::Days;
use terraform_provider_aks::upgrade::window::edge::BlackoutEdge;
use terraform_provider_aks::upgrade::window::interval::Interval;
use terraform_provider_aks::upgrade::window::schedule::WindowSpec;
use terraform_provider_aks::upgrade::window::scope::Scope;

/// Returns the openings between two dates in which all the tasks may start; those that the dates cut are cut.
pub fn openings(windows: &Windows, tasks: &[Task], from: Date, until: Date) -> Vec<Interval> {
    let each = tasks.iter().map(|task| one(windows, task, from, until));
    each.reduce(|all, more| {
        let both = all.iter().flat_map(|one| more.iter().filter_map(|other| common(*one, *other)));
        union(both.collect())
    })
    .unwrap_or_default()
}

/// Returns the instants that both contain.
pub fn common(one: Interval, other: Interval) -> Option<Interval> {
    let both = Interval { start: one.start.max(other.start), end: one.end.min(other.end) };
    (both.start < both.end).then_some(both)
}

fn one(windows: &Windows, task: &Task, from: Date, until: Date) -> Vec<Interval> {
    let span = Interval { start: midnight(from, &TimeZone::UTC), end: midnight(until, &TimeZone::UTC) };
    let Some(exemption) = windows.exemption else { return ruled(windows, task, from, until, span) };
    let mut loose = windows.clone();
    if exemption.windows {
        loose.windows.clear();
    }
    if exemption.blackouts {
        loose.blackouts.clear();
    }
    let before = Interval { start: Timestamp::MIN, end: exemption.until };
    let exempt = ruled(&loose, task, from, until, span).into_iter().filter_map(|one| common(one, before));
    union(exempt.chain(ruled(windows, task, from, until, span)).collect())
}

/// Returns the openings without regard to an exemption.
fn ruled(windows: &Windows, task: &Task, from: Date, until: Date, span: Interval) -> Vec<Interval> {
    // A window that is open may have begun a week ago; a zone may be a day away.
    let last = until.tomorrow().unwrap();
    let days = || {
        from.series((-1).day())
            .take(10)
            .skip(1)
            .chain(from.series(1.day()).take_while(move |day| *day <= last))
    };
    let allowed =
        windows.windows.iter().map(|window| window.spec()).filter(|spec| permits(&spec.scope, task));
    let allowed =
        allowed.flat_map(|spec| days().filter(|day| recurs(spec, *day)).map(|day| occurrence(spec, day)));
    let denied =
        windows.blackouts.iter().map(|blackout| blackout.spec()).filter(|spec| denies(&spec.scope, task));
    let denied = denied.flat_map(|spec| denials(spec, days()));
    let allowed = if windows.windows.is_empty() { vec![span] } else { union(allowed.collect()) };
    let open = subtract(allowed, denied.collect());
    union(open).into_iter().filter_map(|one| common(one, span)).collect()
}

fn permits(scope: &Scope, task: &Task) -> bool {
    let named = |pool: &str| scope.node_pools.iter().any(|name| name == pool);
    let part = match &task.component {
        _ if scope.node_pools.is_empty() => true,
        Component::Pool(pool) => named(pool),
        _ => false,
    };
    part && (scope.kinds.is_empty() || scope.kinds.contains(&task.kind))
}

/// A blackout of any pool denies the whole cluster.
fn denies(scope: &Scope, task: &Task) -> bool {
    let whole =
        task.component == Component::Cluster && (scope.kinds.is_empty() || scope.kinds.contains(&task.kind));
    whole || permits(scope, task)
}

fn recurs(spec: &WindowSpec, day: Date) -> bool {
    let anchor = spec.start_date.unwrap_or(jiff::civil::date(2000, 1, 3));
    let months = i64::from(day.year() - anchor.year()) * 12 + i64::from(day.month() - anchor.month());
    let (named, periods) = match &spec.days {
        Days::All => (true, days_between(anchor, day)),
        Days::OfWeek(weekdays) => {
            (weekdays.contains(&day.weekday()), days_between(monday(anchor), monday(day)) / 7)
        }
        Days::OfMonth { days, weekdays, weeks } => {
            let weekday = weekdays.is_empty() || weekdays.contains(&day.weekday());
            let week = weeks.is_empty() || weeks.iter().any(|week| is_in(*week, day));
            (weekday && week && (days.is_empty() || days.contains(&day.day())), months)
        }
    };
    let begun = spec.start_date.is_none_or(|start| start <= day);
    begun && named && periods % i64::from(spec.every) == 0
}

fn is_in(week: WeekOfMonth, day: Date) -> bool {
    let nth = match week {
        WeekOfMonth::First => 1,
        WeekOfMonth::Second => 2,
        WeekOfMonth::Third => 3,
        WeekOfMonth::Fourth => 4,
        WeekOfMonth::Last => -1,
    };
    day.nth_weekday_of_month(nth, day.weekday()).unwrap() == day
}

fn monday(day: Date) -> Date {
    day.tomorrow().unwrap().nth_weekday(-1, Weekday::Monday).unwrap()
}

fn days_between(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}

fn occurrence(spec: &WindowSpec, day: Date) -> Interval {
    Interval::lasting(spec.zone.to_timestamp(day.to_datetime(spec.start)).unwrap(), spec.duration)
}

fn denials(spec: &BlackoutSpec, days: impl Iterator<Item = Date>) -> Vec<Interval> {
    let zone = spec.zone.clone().unwrap_or(TimeZone::UTC);
    let whole =
        |day: Date| Interval { start: midnight(day, &zone), end: midnight(day.tomorrow().unwrap(), &zone) };
    match (spec.from, spec.to) {
        (BlackoutEdge::Instant(start), BlackoutEdge::Instant(end)) => vec![Interval { start, end }],
        (BlackoutEdge::Day(from), BlackoutEdge::Day(to)) => {
            days.filter(|day| (from..=to).contains(day)).map(whole).collect()
        }
        (BlackoutEdge::DayOfYear { month, day }, BlackoutEdge::DayOfYear { month: m, day: d }) => {
            let (from, to) = ((month, day), (m, d));
            let denied = |day: &Date| {
                let day = (day.month(), day.day());
                if from <= to { from <= day && day <= to } else { day >= from || day <= to }
            };
            days.filter(denied).map(whole).collect()
        }
        _ => panic!("mixed edges"),
    }
}

fn midnight(day: Date, zone: &TimeZone) -> Timestamp {
    zone.to_timestamp(day.at(0, 0, 0, 0)).unwrap()
}

/// Joins what touches or overlaps.
pub fn union(mut spans: Vec<Interval>) -> Vec<Interval> {
    spans.sort();
    spans.into_iter().fold(Vec::new(), |mut joined: Vec<Interval>, next| {
        match joined.last_mut() {
            Some(last) if next.start <= last.end => last.end = last.end.max(next.end),
            _ => joined.push(next),
        }
        joined
    })
}

/// Takes the holes out of the spans.
pub fn subtract(spans: Vec<Interval>, holes: Vec<Interval>) -> Vec<Interval> {
    holes.into_iter().fold(spans, |spans, hole| {
        let parts = spans.into_iter().flat_map(|span| {
            [
                Interval { end: span.end.min(hole.start), ..span },
                Interval { start: span.start.max(hole.end), ..span },
            ]
        });
        parts.filter(|part| part.duration() > SignedDuration::ZERO).collect()
    })
}
