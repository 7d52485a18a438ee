//! What is around the lanes: heading, days, the present instant, and the hatching of blackouts.

use jiff::Timestamp;
use svg::node::element::{Definitions, Group, Path, Pattern};

use crate::cli::forecast::picture::Size;
use crate::cli::forecast::picture::scale::Scale;
use crate::cli::forecast::picture::shapes::{fitted, line, text};
use crate::cli::forecast::report::Report;
use crate::upgrade::window::zone;

/// Where the first row begins.
pub(super) const TOP: f64 = 82.0;

/// Writes how many clusters there are, and for when it holds.
pub(super) fn heading(report: &Report, scale: &Scale, size: Size) -> Group {
    let (all, steps) = (report.found.len(), report.outlooks().map(|one| one.steps().len()).sum::<usize>());
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let first = format!("Forecast: {all} cluster{}, {steps} step{}", plural(all), plural(steps));
    let as_of = |now: Timestamp| {
        let now = now.to_zoned(scale.zone.clone());
        format!("As of {}, times in {}", now.strftime("%a %-d %b %Y %H:%M"), zone::display(&scale.zone))
    };
    let second = scale.now.map_or("Nothing is known".to_owned(), as_of);
    let width = size.width - 20.0;
    Group::new().add(text(10.0, 24.0, "heading", &fitted(&first, width, 17.0))).add(text(
        10.0,
        42.0,
        "note",
        &fitted(&second, width, 11.0),
    ))
}

/// Writes the days.
pub(super) fn days(scale: &Scale) -> Group {
    scale.days().into_iter().fold(Group::new(), |all, (x, label)| {
        let x = x.round() + 0.5;
        all.add(line((x, TOP - 16.0), (x, TOP), "grid")).add(text(x + 4.0, TOP - 5.0, "day", &label))
    })
}

/// Writes where the present instant is: above the days, which it would cross.
pub(super) fn now(scale: &Scale) -> Group {
    let Some(x) = scale.now.map(|now| scale.x(now)) else { return Group::new() };
    Group::new().add(line((x, TOP - 28.0), (x, TOP - 18.0), "present")).add(text(
        x + 4.0,
        TOP - 20.0,
        "present-label",
        "now",
    ))
}

/// Defines the hatching of blackouts.
pub(super) fn hatching(size: Size) -> Definitions {
    let stroke = Path::new().set("d", "M0,8 L8,0 M-2,2 L2,-2 M6,10 L10,6").set("class", "hatch");
    let pattern = Pattern::new()
        .set("id", format!("hatch-{}", size.name))
        .set("width", 8)
        .set("height", 8)
        .set("patternUnits", "userSpaceOnUse")
        .add(stroke);
    Definitions::new().add(pattern)
}
