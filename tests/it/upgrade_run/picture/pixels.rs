//! The picture as the pixels of a screenshot, drawn by another library. Letters are left out, since fonts are those of the
//! machine: their places are checked where they are written.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};
use roxmltree::Document;

use super::{Rgb, colour, number};

/// What no shape comes near to: the outermost pixels.
const EDGE: u32 = 4;

/// How far a colour may be from the one of its class, where a shape ends between two pixels.
const NEAR: u8 = 20;

/// A lane: left, top, right, bottom.
type Lane = [u32; 4];

/// The screenshot is on its ground up to the edges, and each lane has what belongs to its cluster in it.
///
/// `classes` tells, for the place of a cluster, what has to be seen.
pub fn are_drawn<'a>(svg: &str, classes: impl Fn(usize) -> &'a [&'a str]) {
    let image = screenshot(svg);
    let style = svg.split("</style>").next().unwrap();
    let paper = colour(style, "paper");
    let (width, height) = (image.width(), image.height());
    for (x, y) in (0..width).flat_map(|x| (0..height).map(move |y| (x, y))) {
        let is_edge = x < EDGE || y < EDGE || x + EDGE >= width || y + EDGE >= height;
        assert!(
            !is_edge || pixel(&image, x, y) == paper,
            "something is cut at {x}, {y} of {width}, {height}"
        );
    }
    for (place, lane) in lanes(svg).into_iter().enumerate() {
        for class in classes(place) {
            assert!(has(&image, lane, colour(style, class)), "lane {place} has no {class}: {lane:?}");
        }
    }
}

fn screenshot(svg: &str) -> Pixmap {
    let tree = Tree::from_str(svg, &Options::default()).unwrap();
    let size = tree.size().to_int_size();
    let mut image = Pixmap::new(size.width(), size.height()).unwrap();
    resvg::render(&tree, Transform::identity(), &mut image.as_mut());
    image
}

/// Returns the lanes from top to bottom; those of the legend are small.
fn lanes(svg: &str) -> Vec<Lane> {
    let document = Document::parse(svg).unwrap();
    let all = document.descendants().filter(|node| node.attribute("class") == Some("lane"));
    let area = |node| {
        let [x, y, width, height] = ["x", "y", "width", "height"].map(|name| number(node, name));
        [x, y, x + width, y + height].map(|edge| edge as u32)
    };
    all.map(area).filter(|[left, _, right, _]| right - left > 100).collect()
}

fn has(image: &Pixmap, [left, top, right, bottom]: Lane, colour: Rgb) -> bool {
    let is_near = |pixel: Rgb| pixel.iter().zip(colour).all(|(one, other)| one.abs_diff(other) <= NEAR);
    (left..right).any(|x| (top..bottom).any(|y| is_near(pixel(image, x, y))))
}

fn pixel(image: &Pixmap, x: u32, y: u32) -> Rgb {
    let pixel = image.pixel(x, y).unwrap();
    [pixel.red(), pixel.green(), pixel.blue()]
}
