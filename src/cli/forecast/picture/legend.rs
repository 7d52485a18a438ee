//! What the colours mean, as far as they are in the picture.

use svg::node::element::Group;

use crate::cli::forecast::picture::lane::{SIGN, class, hinders};
use crate::cli::forecast::picture::shade::{PALE, STRIPS, is_split, names_pools, strip};
use crate::cli::forecast::picture::shapes::{hatched, line, rect, text};
use crate::cli::forecast::picture::{MARGIN, Size};
use crate::cli::forecast::report::Report;
use crate::provider::outlook::Outlook;

/// What is beside a word.
#[derive(Clone, Copy, Debug)]
enum Sample {
    /// A colour.
    Plain(&'static str),
    /// A third of a lane.
    Strip(usize, &'static str),
    /// A paler opening.
    Pale,
    /// The hatching of blackouts.
    Hatched,
    /// The sign before a code.
    Sign(&'static str),
}

/// The measures of a sample.
const WIDTH: f64 = 14.0;
const HEIGHT: f64 = 12.0;

/// Says what the colours mean, in as many lines as it takes; returns where the picture ends.
pub(super) fn drawn(report: &Report, size: Size, bottom: f64) -> (Group, f64) {
    let (mut x, mut y) = (10.0, bottom + 22.0);
    let mut all = Group::new().add(line((10.0, bottom), (size.width - MARGIN, bottom), "rule"));
    for (sample, word) in keys(report) {
        let width = 34.0 + 7.0 * word.len() as f64;
        if x + width > size.width - 10.0 {
            (x, y) = (10.0, y + 20.0);
        }
        all = all.add(sampled(sample, x, y, size)).add(text(x + 20.0, y, "key", word));
        x += width;
    }
    (all, y + 16.0)
}

fn sampled(sample: Sample, x: f64, y: f64, size: Size) -> Group {
    let square = || rect(x, y - 10.0, WIDTH, HEIGHT);
    match sample {
        Sample::Plain(class) => Group::new().add(square().set("class", class)),
        Sample::Strip(place, class) => {
            let (top, height) = strip(place, HEIGHT);
            let part = rect(x, y - 10.0 + top, WIDTH, height).set("class", class);
            Group::new().add(square().set("class", "lane")).add(part)
        }
        Sample::Pale => {
            let lane = Group::new().add(square().set("class", "lane"));
            lane.add(Group::new().set("class", PALE).add(square().set("class", "window")))
        }
        Sample::Hatched => hatched((x, y - 10.0, WIDTH, HEIGHT), size.name),
        Sample::Sign(class) => Group::new().add(text(x + 2.0, y, class, SIGN)),
    }
}

/// Returns what needs a word; what is in every second picture always has one.
fn keys(report: &Report) -> Vec<(Sample, &'static str)> {
    use Sample::{Hatched, Pale, Plain, Sign, Strip};
    let is_any = |test: &dyn Fn(&Outlook) -> bool| report.outlooks().any(test);
    let has_settings = |one: &Outlook| one.forecast.scheduled.iter().any(|one| class(&one.step) == "setting");
    let is_split = |one: &Outlook| is_split(&one.assessment.windows);
    let names_pools = |one: &Outlook| names_pools(&one.assessment.windows);
    let is_blocked = |one: &Outlook| one.blocks().into_iter().any(|told| hinders(told.block));
    let is_told = |one: &Outlook| one.blocks().into_iter().any(|told| !hinders(told.block));
    let is_plain = |one: &Outlook| !is_split(one);
    let of_kinds = STRIPS.iter().zip(["minor window", "patch window", "image window"]).enumerate();
    let of_kinds = of_kinds.map(|(place, ((_, class), word))| (is_any(&is_split), Strip(place, class), word));
    let steps = [
        (true, Plain("minor"), "minor"),
        (true, Plain("patch"), "patch"),
        (true, Plain("image"), "node image"),
        (is_any(&has_settings), Plain("setting"), "setting of AKS"),
        (is_any(&is_plain), Plain("window"), "window"),
    ];
    let rest = [
        (is_any(&names_pools), Pale, "paler: for some pools only"),
        (true, Hatched, "blackout"),
        (is_any(&is_blocked), Sign("stops"), "in the way"),
        (is_any(&is_told), Sign("tells"), "to know"),
    ];
    let all = steps.into_iter().chain(of_kinds).chain(rest);
    all.filter(|(is_shown, ..)| *is_shown).map(|(_, sample, word)| (sample, word)).collect()
}
