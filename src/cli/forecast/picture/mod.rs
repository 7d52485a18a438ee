//! The report as a picture: clusters down, days across, steps as bars in their windows.
//!
//! | module | |
//! |---|---|
//! | [`scale`] | Where an instant lies, and which days are labelled. |
//! | [`shapes`] | The few shapes that everything is drawn with. |
//! | [`shade`] | When something may start: windows and blackouts of one cluster. |
//! | [`lane`] | One cluster: its name, its steps over its windows and blackouts, and what stands in the way. |
//! | [`frame`] | What is around the lanes: heading, days, the present instant, and the hatching of blackouts. |
//! | [`legend`] | What the colours mean, as far as they are in the picture. |
//! | [`page`] | The picture in one page of HTML, wide and narrow, with every sentence below it. |

mod scale;
mod shapes;
mod shade;
mod lane;
mod frame;
mod legend;
mod page;

use svg::Document;
use svg::node::element::{Group, Style};

use crate::cli::forecast::picture::scale::Scale;
use crate::cli::forecast::report::Report;

pub use page::html;

/// The looks of everything that is drawn, on a light and on a dark ground.
const STYLE: &str = include_str!("style.css");

/// The measures of a picture, in pixels.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// The whole width.
    pub width: f64,
    /// Where lanes begin; names are to the left of it.
    pub left: f64,
    /// The height of a cluster's row.
    pub row: f64,
    /// Where its lane begins, from the top of the row.
    pub lane: f64,
    /// The space that the label of a day needs, and how it is written.
    pub label: (f64, &'static str),
    /// Tells the hatching of one picture of a page from that of the other.
    pub name: &'static str,
}

/// For a desk.
pub const WIDE: Size =
    Size { width: 1240.0, left: 372.0, row: 50.0, lane: 6.0, label: (78.0, "%a %-d %b"), name: "wide" };

/// For a telephone: names are above their lanes.
pub const NARROW: Size =
    Size { width: 380.0, left: 10.0, row: 84.0, lane: 38.0, label: (50.0, "%-d %b"), name: "narrow" };

/// The height of a lane.
const LANE: f64 = 24.0;

/// The space at the right edge.
const MARGIN: f64 = 12.0;

/// Draws the report.
#[must_use]
pub fn svg(report: &Report, size: Size) -> String {
    drawn(report, size).to_string() + "\n"
}

fn drawn(report: &Report, size: Size) -> Document {
    let scale = Scale::of(report, size);
    let top = frame::TOP;
    let bottom = top + size.row * report.found.len() as f64;
    let rows = report.found.iter().enumerate();
    let lanes = rows.fold(Group::new(), |all, (place, found)| {
        all.add(lane::drawn(found, &scale, size, top + size.row * place as f64))
    });
    let (legend, height) = legend::drawn(report, size, bottom);
    Document::new()
        .set("viewBox", (0.0, 0.0, size.width, height))
        .set("width", size.width)
        .set("height", height)
        .set("class", format!("forecast {}", size.name))
        .set("role", "img")
        .add(Style::new(STYLE))
        .add(frame::hatching(size))
        .add(shapes::rect(0.0, 0.0, size.width, height).set("class", "paper"))
        .add(frame::heading(report, &scale, size))
        .add(frame::days(&scale))
        .add(lanes)
        .add(frame::now(&scale))
        .add(legend)
}
