//! A look at a cluster as lines of text.

use crate::arm::operation::Nodes;
use crate::cli::status::glimpse::Glimpse;
use crate::upgrade::cluster::{Pool, Power, State};

/// The characters between the brackets of a progress bar.
const BAR: usize = 20;

/// Draws the cluster and its pools.
#[must_use]
pub fn picture(glimpse: &Glimpse) -> Vec<String> {
    let cluster = &glimpse.cluster;
    let mut lines = vec![
        format!(
            "{} in {}: Kubernetes {}, {} ({})",
            cluster.name,
            cluster.location,
            cluster.version,
            state(&cluster.state, cluster.power),
            glimpse.at.strftime("%Y-%m-%d %H:%M:%S UTC")
        ),
        String::new(),
    ];
    let rows = cluster.pools.iter().map(|pool| row(pool, glimpse.nodes.get(&pool.name)));
    let heads = ["POOL", "VERSION", "NODES", "STATE", "NODE IMAGE"].map(str::to_owned);
    lines.extend(table(std::iter::once(heads).chain(rows).collect()));
    lines
}

fn row(pool: &Pool, nodes: Option<&Nodes>) -> [String; 5] {
    let progress = nodes.map(|nodes| format!("  {}", bar(*nodes))).unwrap_or_default();
    [
        pool.name.clone(),
        pool.version.to_string(),
        pool.count.to_string(),
        state(&pool.state, pool.power) + &progress,
        pool.image.to_string(),
    ]
}

/// Says in one line each what may change from one look to the next.
#[must_use]
pub fn news(glimpse: &Glimpse) -> Vec<String> {
    let cluster = &glimpse.cluster;
    let whole = format!("{}: {} {}", cluster.name, cluster.version, state(&cluster.state, cluster.power));
    let pool = |pool: &Pool| {
        let nodes = glimpse.nodes.get(&pool.name).map(|n| format!(", {} of {} nodes done", n.done, n.of));
        let state = state(&pool.state, pool.power);
        format!("pool {}: {} {} {state}{}", pool.name, pool.version, pool.image, nodes.unwrap_or_default())
    };
    std::iter::once(whole).chain(cluster.pools.iter().map(pool)).collect()
}

/// Says when it was, before a line.
#[must_use]
pub fn stamp(glimpse: &Glimpse) -> String {
    glimpse.at.strftime("%H:%M:%S ").to_string()
}

fn bar(nodes: Nodes) -> String {
    let of = nodes.of.max(1) as usize;
    let full = (BAR * nodes.done as usize / of).min(BAR);
    format!("[{}{}] {}/{} nodes", "#".repeat(full), ".".repeat(BAR - full), nodes.done, nodes.of)
}

fn state(state: &State, power: Power) -> String {
    match (state, power) {
        (State::Failed(Some(why)), _) => format!("Failed: {why}"),
        (State::Failed(None), _) => "Failed".to_owned(),
        (State::Canceled(_), _) => "Canceled".to_owned(),
        (State::Busy(word), _) => word.clone(),
        (State::Succeeded, Power::Stopped) => "Stopped".to_owned(),
        (State::Succeeded, Power::Running) => "idle".to_owned(),
    }
}

/// Sets columns as wide as their widest cell.
fn table(rows: Vec<[String; 5]>) -> Vec<String> {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..5).map(width).collect();
    let line = |row: &[String; 5]| {
        let cells = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}
