//! One cluster: its name, its steps over its windows and blackouts, and what stands in the way.

use svg::node::element::Group;

use crate::cli::forecast::picture::scale::Scale;
use crate::cli::forecast::picture::shapes::{fitted, line, rect, text, told};
use crate::cli::forecast::picture::{LANE, MARGIN, Size, shade};
use crate::cli::forecast::report::{Found, sentence};
use crate::provider::outlook::{Outlook, words};
use crate::upgrade::block::Block;
use crate::upgrade::forecast::Scheduled;
use crate::upgrade::kind::Kind;
use crate::upgrade::step::Step;

/// The least width of a bar, and of one with a number in it.
const BAR: f64 = 5.0;
const COUNTED: f64 = 15.0;

/// What is before the codes of reasons.
pub(super) const SIGN: &str = "\u{25b2}";

/// Draws a row.
pub(super) fn drawn(found: &Found, scale: &Scale, size: Size, top: f64) -> Group {
    let row = Group::new().add(line((10.0, top), (size.width - MARGIN, top), "rule"));
    let lane = top + size.lane;
    let (left, right) = scale.edges();
    let row = row.add(rect(left, lane, right - left, LANE).set("class", "lane"));
    let days = scale.days().into_iter().map(|(x, _)| x.round() + 0.5);
    let row = days.fold(row, |row, x| row.add(line((x, lane), (x, lane + LANE), "grid")));
    let now = scale.now.map(|now| scale.x(now));
    let now = now.map(|x| line((x, lane - 2.0), (x, lane + LANE + 2.0), "present"));
    match &found.outlook {
        Ok(outlook) => {
            let said = format!("{}\n{}", words::headline(outlook), found.name);
            let row = row.add(title(&outlook.name, &words::brief(outlook, &scale.zone), &said, size, top));
            let row = shade::windows(outlook, scale, lane).into_iter().fold(row, Group::add);
            let hatched = shade::blackouts(outlook, scale, size.name, lane);
            let row = hatched.into_iter().fold(row, Group::add);
            let row = now.into_iter().fold(row, Group::add);
            let row = bars(outlook, scale, lane).into_iter().fold(row, Group::add);
            codes(outlook, scale, lane).into_iter().fold(row, Group::add)
        }
        Err(why) => {
            let said = sentence(&found.name, why);
            let short = why.first().map_or("nothing is known", |one| one.summary.as_str());
            let short = fitted(short, right - left - 12.0, 11.0);
            let mark = Group::new().add(text(left + 6.0, lane + 16.0, "stops", &short));
            let row = row.add(title(&found.name, "nothing is known", &said, size, top));
            now.into_iter().fold(row, Group::add).add(told(mark, &said))
        }
    }
}

/// Writes the name and, below it, what is to come.
fn title(name: &str, brief: &str, sentence: &str, size: Size, top: f64) -> Group {
    let is_wide = size.lane < 20.0;
    let width = if is_wide { size.left - 22.0 } else { size.width - size.left - MARGIN };
    let (first, second) = if is_wide { (21.0, 37.0) } else { (17.0, 32.0) };
    let group = Group::new().add(text(10.0, top + first, "name", &fitted(name, width, 13.5))).add(text(
        10.0,
        top + second,
        "note",
        &fitted(brief, width, 11.0),
    ));
    told(group, sentence)
}

/// Draws the steps: each by itself where there is space, else those of one opening as one bar with their number.
fn bars(outlook: &Outlook, scale: &Scale, lane: f64) -> Vec<Group> {
    let scheduled = &outlook.forecast.scheduled;
    let natural = |one: &Scheduled| scale.x(one.end) - scale.x(one.start);
    let together = |one: &Scheduled, next: &Scheduled| {
        one.opening == next.opening && (natural(one) < BAR || natural(next) < BAR)
    };
    let groups: Vec<&[Scheduled]> = scheduled.chunk_by(together).collect();
    let (_, right) = scale.edges();
    let starts = groups.iter().filter_map(|group| group.first()).map(|first| scale.x(first.start));
    let nexts = starts.skip(1).chain([right]);
    groups.iter().zip(nexts).map(|(group, next)| bar(outlook, group, scale, next, lane)).collect()
}

fn bar(outlook: &Outlook, group: &[Scheduled], scale: &Scale, next: f64, lane: f64) -> Group {
    let (Some(first), Some(last)) = (group.first(), group.last()) else { return Group::new() };
    let (_, right) = scale.edges();
    let least = if group.len() > 1 { COUNTED } else { BAR };
    let wanted = (scale.x(last.end) - scale.x(first.start)).max(least);
    let from = scale.x(first.start).min(right - wanted);
    let width = wanted.min((next - from - 1.0).max(BAR - 1.0));
    let shape = rect(from, lane + 3.0, width, LANE - 6.0).set("rx", 2.5).set("class", class(&first.step));
    let mut drawn = Group::new().set("class", "step").add(shape);
    if group.len() > 1 && width >= COUNTED - 1.0 {
        let count = text(from + width / 2.0, lane + LANE / 2.0 + 3.6, "count", &group.len().to_string());
        drawn = drawn.add(count.set("text-anchor", "middle"));
    }
    let said: Vec<String> = group.iter().map(|one| words::sentence(outlook, one)).collect();
    told(drawn, &said.join("\n"))
}

/// Returns the class of a step's bar.
#[must_use]
pub(super) fn class(step: &Step) -> &'static str {
    match step.kind() {
        _ if step.work.setting().is_some() => "setting",
        Kind::Minor => "minor",
        Kind::Patch => "patch",
        Kind::NodeImage => "image",
    }
}

/// Marks what stands in the way with its code, what hinders before what only tells.
fn codes(outlook: &Outlook, scale: &Scale, lane: f64) -> Option<Group> {
    let mut blocks = outlook.blocks();
    blocks.sort_by_key(|told| !hinders(told.block));
    let first = blocks.first()?;
    let class = if hinders(first.block) { "stops" } else { "tells" };
    let mut codes: Vec<&str> = blocks.iter().map(|told| told.block.code()).collect();
    codes.dedup();
    let (left, right) = scale.edges();
    let shown = fitted(&format!("{SIGN} {}", codes.join(", ")), right - left, 11.0);
    let said: Vec<String> = blocks.iter().map(|told| words::block(outlook, *told)).collect();
    Some(told(Group::new().add(text(left, lane + LANE + 13.0, class, &shown)), &said.join("\n")))
}

/// Tells whether a reason holds work up, or needs a person.
pub(super) fn hinders(block: &Block) -> bool {
    block.stops() || block.concerns()
}
