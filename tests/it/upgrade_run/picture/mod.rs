//! The picture of `forecast`, read and drawn by other libraries: it is not empty, nothing is cut, and a pointer gets
//! the sentences.

mod pixels;

use roxmltree::{Document, Node};
use serde_json::{Value as Json, json};
use terraform_provider_aks::cli::forecast::picture::{NARROW, WIDE, html, svg};
use terraform_provider_aks::cli::forecast::report::{Found, Report};
use terraform_provider_aks::provider::arguments::ahead::Ahead;
use terraform_provider_aks::terraform::diagnostic::Diagnostic;

use super::scene::PROD_134;
use super::{Azure, PROD, Terraform};

/// Returns the width of a text in a wide font, as a part of its size.
fn ems(text: &str) -> f64 {
    text.chars().map(|letter| if "mwMW".contains(letter) { 1.1 } else { 0.62 }).sum()
}

/// What is readable at any size (WCAG 2.2, level AA).
const READABLE: f64 = 4.5;

/// A name that is as long as Azure takes them, and as wide as some are.
fn name(place: usize) -> String {
    format!("aks-a-rather-WMWMWMWMW-of-a-cluster-in-westeurope-production-{place:02}")
}

/// Looks ahead for an estate: every third cluster is blocked; of one more, nothing is known.
async fn estate(count: usize) -> Report {
    let mut scenario = String::new();
    for place in 0..count {
        scenario += &format!("[[cluster]]\nname = \"{}\"\nversion = \"1.34.9\"\n", name(place));
        scenario += if place % 3 == 1 { "upgrade_channel = \"stable\"\n" } else { "" };
    }
    let azure = Azure::new(&scenario);
    azure.wait_until("2026-11-26T12:00:00Z").await;
    let window =
        json!([{ "days": ["saturday"], "start": "02:00", "duration": "30m", "time_zone": "Europe/Berlin" }]);
    let freeze = json!([{ "from": "2026-12-01", "to": "2026-12-03", "time_zone": "Europe/Berlin", "reason": "year end" }]);
    let terraform = Terraform::new(&azure);
    let mut found = Vec::new();
    for place in 0..count {
        let (address, cluster) =
            (format!("aks_upgrade_policy.c{place:02}"), PROD.replace("/prod", &format!("/{}", name(place))));
        let policy = json!({ "cluster_id": cluster, "kubernetes_version": "1.35", "maintenance_window": window, "blackout": freeze });
        terraform.write(&address, policy);
        let outlook = terraform.outlook(&address, Ahead::default()).await;
        found.push(Found { name: name(place), cluster, outlook });
    }
    let gone = Diagnostic::error("Cluster not found", "There is no such cluster.");
    found.push(Found { name: "gone".to_owned(), cluster: String::new(), outlook: Err(vec![gone]) });
    Report::new(found)
}

/// Nothing in the page leads elsewhere, and nothing in it runs.
fn needs_no_network(page: &str) {
    let links = page.replace("http://www.w3.org/2000/svg", "");
    for word in ["http:", "https:", "<script", "<link", "@import", "src="] {
        assert!(!links.contains(word), "{word}");
    }
    for scheme in ["prefers-color-scheme: dark", "max-width: 760px"] {
        assert!(page.contains(scheme), "{scheme}");
    }
}

fn number(node: Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).and_then(|text| text.parse().ok()).unwrap_or_else(|| panic!("no {name}: {node:?}"))
}

/// Returns the size of the font of a class, as the picture's own style says it.
fn font(style: &str, class: &str) -> f64 {
    let rules = style.split("@media").next().unwrap().split('}');
    let of_class = |rule: &&str| {
        let selectors = rule.split('{').next().unwrap_or_default();
        selectors.split(',').any(|selector| selector.trim() == format!(".{class}"))
    };
    let rule = rules
        .into_iter()
        .find(|rule| of_class(rule) && rule.contains("font-size"))
        .unwrap_or_else(|| panic!("{class} has no font-size"));
    rule.split("font-size:").nth(1).unwrap().trim().split("px").next().unwrap().parse().unwrap()
}

/// Nothing is cut at the edges, and everything that belongs to a cluster is there.
fn is_whole(svg: &str, clusters: usize) {
    let document = Document::parse(svg).unwrap();
    let all = || document.descendants().filter(|node| node.is_element());
    let (width, height) = size(&document);
    let style = all().find(|node| node.has_tag_name("style")).unwrap().text().unwrap();
    for text in all().filter(|node| node.has_tag_name("text")) {
        let (said, size) = (text.text().unwrap(), font(style, text.attribute("class").unwrap()));
        let (x, y) = (number(text, "x"), number(text, "y"));
        let ends = x + size * ems(said);
        assert!(x >= 0.0 && ends <= width + 1.0, "{said:?} is cut: {x} to {ends} of {width}");
        let is_beside = text.attribute("class") == Some("name") && width > 1000.0;
        assert!(!is_beside || ends < 372.0, "{said:?} is on its lane: {x} to {ends}");
        assert!(y >= size * 0.8 && y + 3.0 <= height, "{said:?} is cut: {y} of {height}");
    }
    for shape in all().filter(|node| node.has_tag_name("rect")) {
        let ends =
            (number(shape, "x") + number(shape, "width"), number(shape, "y") + number(shape, "height"));
        assert!(ends.0 <= width + 0.5 && ends.1 <= height + 0.5, "{shape:?} is cut: {ends:?}");
        assert!(number(shape, "width") >= 1.5, "{shape:?} cannot be seen");
    }
    let texts = |part: &str| {
        all().filter(|node| node.has_tag_name("text") && node.text().unwrap().contains(part)).count()
    };
    let blocked = clusters.saturating_sub(1).div_ceil(3);
    assert_eq!((texts("aks-a-rather"), texts("auto_upgrade_channel_on")), (clusters, blocked));
    assert_eq!((texts("nothing is known"), texts("Cluster not found")), (1, 1));
    // One of each in the legend.
    let of_class = |class: &str| all().filter(|node| node.attribute("class") == Some(class)).count();
    let hatched = all()
        .filter(|node| node.attribute("fill").is_some_and(|fill| fill.starts_with("url(#hatch")))
        .count();
    assert_eq!((of_class("veil"), hatched), (clusters + 1, clusters + 1));
    assert!(of_class("window") > clusters, "no windows");
    assert_eq!(of_class("present"), clusters + 2);
    // Two Saturdays, and on the first of them two steps: one bar, with their number and both sentences.
    assert_eq!(of_class("step"), 2 * (clusters - blocked));
    assert!(texts("2") >= clusters - blocked);
    let sentences = all().filter(|node| node.attribute("class") == Some("step"));
    for step in sentences {
        let title = step.children().find(|node| node.has_tag_name("title")).unwrap().text().unwrap();
        assert!(title.contains(" 1.34.9 to 1.35.6, Sat 2026-1"), "{title}");
    }
}

fn size(document: &Document<'_>) -> (f64, f64) {
    let view = document.root_element().attribute("viewBox").unwrap().split(' ');
    let view: Vec<f64> = view.map(|text| text.parse().unwrap()).collect();
    (view[2], view[3])
}

/// Returns the picture as a browser in a scheme draws it, which the library does not ask for.
fn in_scheme(svg: &str, is_dark: bool) -> String {
    let (before, rest) = svg.split_once("@media (prefers-color-scheme: dark) {").unwrap();
    let (style, after) = rest.split_once("</style>").unwrap();
    let dark = style.trim().strip_suffix('}').unwrap();
    let rules = format!("{before}{}", if is_dark { dark } else { "" });
    let rules: Vec<&str> = rules.lines().filter(|line| !line.contains(":hover")).collect();
    format!("{}</style>{after}", rules.join("\n"))
}

type Rgb = [u8; 3];

/// Returns the last colour that the rules of a style give a class.
fn colour(style: &str, class: &str) -> Rgb {
    let is_for =
        |rule: &&str| rule.split('{').next().unwrap().split(',').any(|one| one.trim() == format!(".{class}"));
    let rule = style.split('}').rfind(is_for).unwrap_or_else(|| panic!("{class} has no rule"));
    let hex = rule.split('#').nth(1).unwrap_or_else(|| panic!("{class} has no colour"));
    [0, 2, 4].map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
}

/// Returns how well one colour is seen on another, from 1 to 21 (WCAG 2.2).
fn contrast(one: Rgb, other: Rgb) -> f64 {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    };
    let bright = |[r, g, b]: Rgb| 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b) + 0.05;
    let (one, other) = (bright(one), bright(other));
    one.max(other) / one.min(other)
}

/// What is written is readable on what it is written on, and bars are seen on their lanes.
fn is_legible(svg: &str) {
    let style = svg.split("</style>").next().unwrap();
    let on = |class: &str, ground: &str, least: f64| {
        let found = contrast(colour(style, class), colour(style, ground));
        assert!(found >= least, "{class} on {ground}: {found}");
    };
    for text in ["heading", "name", "note", "day", "key", "stops", "tells", "present-label"] {
        on(text, "paper", READABLE);
    }
    for bar in ["minor", "patch", "image", "setting"] {
        on("count", bar, READABLE);
        // Graphics need less (WCAG 2.2, 1.4.11).
        on(bar, "lane", 3.0);
        on(bar, "veil", 3.0);
    }
    on("window", "lane", 1.2);
}

/// Returns what is seen in the lane of a cluster of the estate.
fn seen_in(place: usize, clusters: usize) -> &'static [&'static str] {
    match place {
        place if place == clusters => &["present"],
        place if place % 3 == 1 => &["window", "veil", "hatch", "present"],
        _ => &["window", "veil", "hatch", "present", "minor"],
    }
}

#[tokio::test(start_paused = true)]
async fn pictures_are_neither_empty_nor_cut_nor_pale() {
    for clusters in [1, 50] {
        let report = estate(clusters).await;
        needs_no_network(&html(&report));
        for size in [WIDE, NARROW] {
            let svg = svg(&report, size);
            is_whole(&svg, clusters);
            for is_dark in [false, true] {
                let svg = in_scheme(&svg, is_dark);
                is_legible(&svg);
                pixels::are_drawn(&svg, |place| seen_in(place, clusters));
            }
        }
    }
}

#[test]
fn where_nothing_is_known_no_day_is() {
    let gone = Diagnostic::error("Cluster not found", "There is no such cluster.");
    let found = Found { name: "gone".to_owned(), cluster: String::new(), outlook: Err(vec![gone]) };
    let svg = svg(&Report::new(vec![found]), WIDE);
    assert!(svg.contains("Nothing is known") && svg.contains("Cluster not found"), "{svg}");
    assert!(!svg.contains("1970") && !svg.contains("1 Jan"), "{svg}");
    pixels::are_drawn(&in_scheme(&svg, false), |_| &["lane"]);
}

/// Looks ahead for one cluster, and returns the wide picture of it.
async fn of_one(policy: Json) -> String {
    let azure = Azure::new(PROD_134);
    azure.wait_until("2026-11-26T12:00:00Z").await;
    let terraform = Terraform::policy(&azure, policy);
    let outlook = terraform.outlook("aks_upgrade_policy.prod", Ahead::default()).await;
    svg(&Report::new(vec![Found { name: "prod".to_owned(), cluster: PROD.to_owned(), outlook }]), WIDE)
}

/// Returns the rectangles of a class: top and height, once each, and whether they are pale.
fn areas(svg: &str, class: &str) -> Vec<(String, String, bool)> {
    let document = Document::parse(svg).unwrap();
    let all = document.descendants().filter(|node| node.attribute("class") == Some(class));
    let text = |node: Node<'_, '_>, name| node.attribute(name).unwrap().to_owned();
    let is_pale = |node: Node<'_, '_>| node.parent().unwrap().attribute("class") == Some("pale");
    let mut areas: Vec<_> = all.map(|node| (text(node, "y"), text(node, "height"), is_pale(node))).collect();
    areas.sort();
    areas.dedup();
    areas
}

#[track_caller]
fn are_shaded(svg: &str, class: &str, expected: &[(&str, &str, bool)]) {
    let found = areas(svg, class);
    let found: Vec<_> = found.iter().map(|(y, height, pale)| (y.as_str(), height.as_str(), *pale)).collect();
    assert_eq!(found, expected, "{class}");
}

#[tokio::test(start_paused = true)]
async fn kinds_of_work_and_pools_are_shaded_apart() {
    let window = |day: &str, kinds: Json, pools: Json| json!({ "days": [day], "start": "02:00", "duration": "4h", "time_zone": "UTC", "applies_to": kinds, "node_pools": pools });
    let freeze = |kinds: Json, pools: Json| json!([{ "from": "2026-11-30", "to": "2026-12-01", "time_zone": "UTC", "applies_to": kinds, "node_pools": pools }]);
    let policy = |windows: Json, blackout: Json| json!({ "kubernetes_version": "1.35", "maintenance_window": windows, "blackout": blackout });
    // The lane is from 88 to 112, the legend below it from 144 on.
    let of_kinds = json!([
        window("saturday", json!(["minor"]), Json::Null),
        window("sunday", json!(["patch", "node_image"]), Json::Null),
    ]);
    let svg = of_one(policy(of_kinds, freeze(json!(["node_image"]), Json::Null))).await;
    are_shaded(&svg, "window", &[]);
    are_shaded(&svg, "window-minor", &[("144", "4", false), ("88", "8", false)]);
    are_shaded(&svg, "window-patch", &[("148", "4", false), ("96", "8", false)]);
    are_shaded(&svg, "window-image", &[("104", "8", false), ("152", "4", false)]);
    are_shaded(&svg, "veil", &[("104", "8", false), ("144", "12", false)]);
    ["minor window", "patch window", "image window"]
        .iter()
        .for_each(|word| assert!(svg.contains(word), "{word}"));
    let of_pools =
        json!([window("saturday", Json::Null, Json::Null), window("sunday", Json::Null, json!(["user"])),]);
    let svg = of_one(policy(of_pools, freeze(Json::Null, json!(["user"])))).await;
    let both = [("144", "12", false), ("144", "12", true), ("88", "24", false), ("88", "24", true)];
    are_shaded(&svg, "window", &both);
    are_shaded(&svg, "veil", &[("144", "12", false), ("88", "24", true)]);
    assert!(svg.contains("paler: for some pools only") && !svg.contains("minor window"));
}
