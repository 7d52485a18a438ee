//! The picture in one page of HTML, wide and narrow, with every sentence below it. It needs no network and no script.

use svg::node::Text;
use svg::node::element::Element;

use crate::cli::forecast::picture::{NARROW, WIDE, drawn};
use crate::cli::forecast::report::{Found, Report, sentence};
use crate::provider::outlook::words;

/// The looks of the page; those of the pictures are in them.
const STYLE: &str = include_str!("page.css");

/// Writes the page.
#[must_use]
pub fn html(report: &Report) -> String {
    let sentences = report.found.iter().fold(element("section", ""), |all, found| all.with(details(found)));
    let body = Element::new("body").with(drawn(report, WIDE)).with(drawn(report, NARROW)).with(sentences);
    let head = Element::new("head")
        .with(meta("charset", "utf-8"))
        .with(meta_named("viewport", "width=device-width, initial-scale=1"))
        .with(meta_named("color-scheme", "light dark"))
        .with(element("title", "Forecast of AKS upgrades"))
        .with(element("style", STYLE));
    let mut page = Element::new("html");
    page.get_attributes_mut().insert("lang".to_owned(), "en".into());
    format!("<!doctype html>\n{}\n", page.with(head).with(body))
}

/// Writes the sentences of one cluster.
fn details(found: &Found) -> Element {
    let list = element("ul", "");
    match &found.outlook {
        Ok(outlook) => {
            let steps = outlook.forecast.scheduled.iter().map(|one| words::sentence(outlook, one));
            let left = outlook.forecast.left.iter().map(|step| format!("{}: not planned", words::step(step)));
            let blocks = outlook.blocks().into_iter().map(|told| words::block(outlook, told));
            let windows = std::iter::once(format!("windows: {}", outlook.assessment.windows));
            let items = steps.chain(left).chain(blocks).chain(windows);
            let list = items.fold(list, |list, item| list.with(element("li", &item)));
            let summary = words::headline(outlook);
            element("details", "").with(element("summary", &summary)).with(list)
        }
        Err(why) => {
            let summary = element("summary", &format!("{}: nothing is known", found.name));
            element("details", "").with(summary).with(list.with(element("li", &sentence(&found.name, why))))
        }
    }
}

fn element(name: &str, text: &str) -> Element {
    let element = Element::new(name);
    if text.is_empty() { element } else { element.with(Text::new(text)) }
}

fn meta(name: &str, value: &str) -> Element {
    let mut meta = Element::new("meta");
    meta.get_attributes_mut().insert(name.to_owned(), value.into());
    meta
}

fn meta_named(name: &str, content: &str) -> Element {
    let mut meta = meta("name", name);
    meta.get_attributes_mut().insert("content".to_owned(), content.into());
    meta
}

/// Elements that are built as an expression.
trait With {
    fn with(self, child: impl Into<Box<dyn svg::Node>>) -> Self;
}

impl With for Element {
    fn with(mut self, child: impl Into<Box<dyn svg::Node>>) -> Self {
        svg::Node::append(&mut self, child);
        self
    }
}
