//! The few shapes that everything is drawn with.

use svg::node::element::{Group, Line, Rectangle, Text, Title};

/// The width of a letter, as a part of the size of its font: that of a wide and bold one.
fn letter(letter: char) -> f64 {
    match letter {
        'm' | 'w' | 'M' | 'W' | '@' | '%' => 1.1,
        'A'..='Z' => 0.85,
        _ => 0.62,
    }
}

/// Draws a rectangle.
#[must_use]
pub fn rect(x: f64, y: f64, width: f64, height: f64) -> Rectangle {
    let (x, y, width, height) = (tenth(x), tenth(y), tenth(width), tenth(height));
    Rectangle::new().set("x", x).set("y", y).set("width", width).set("height", height)
}

/// Hatches an area (left, top, width, height) with the hatching of that picture.
#[must_use]
pub fn hatched((x, y, width, height): (f64, f64, f64, f64), picture: &str) -> Group {
    let area = || rect(x, y, width, height);
    let hatch = area().set("fill", format!("url(#hatch-{picture})"));
    Group::new().add(area().set("class", "veil")).add(hatch)
}

/// Draws a line.
#[must_use]
pub fn line(from: (f64, f64), to: (f64, f64), class: &str) -> Line {
    let line = Line::new().set("x1", tenth(from.0)).set("y1", tenth(from.1));
    line.set("x2", tenth(to.0)).set("y2", tenth(to.1)).set("class", class)
}

/// Writes a text; `y` is the line that its letters stand on.
#[must_use]
pub fn text(x: f64, y: f64, class: &str, text: &str) -> Text {
    Text::new(text).set("x", tenth(x)).set("y", tenth(y)).set("class", class)
}

/// Lets a pointer show a sentence.
#[must_use]
pub fn told(group: Group, sentence: &str) -> Group {
    group.add(Title::new(sentence))
}

/// Returns as much of a text as a width holds, in a font of that size.
#[must_use]
pub fn fitted(text: &str, width: f64, font: f64) -> String {
    let wide = |letters: &str| font * letters.chars().map(letter).sum::<f64>();
    if wide(text) <= width {
        return text.to_owned();
    }
    let mut ends = text.char_indices().rev().map(|(end, _)| text.get(..end).unwrap_or_default());
    let fits = |part: &&str| wide(part) + font * letter('…') <= width;
    ends.find(fits).unwrap_or_default().to_owned() + "…"
}

fn tenth(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}
