//! A look at clusters as lines of text.

use anstyle::Style;

use crate::arm::operation::Nodes;
use crate::cli::status::estate::Estate;
use crate::cli::status::glimpse::Glimpse;
use crate::cli::table::{self, BAD, NOTE, Row};
use crate::upgrade::cluster::{Pool, Power, State};

/// The characters between the brackets of a progress bar.
const BAR: usize = 20;

/// Draws one cluster with its pools, or a row for each of several.
#[must_use]
pub fn picture(estate: &Estate) -> Vec<String> {
    match (&estate.clusters[..], &estate.unread[..]) {
        ([one], []) => cluster(one),
        _ => clusters(estate),
    }
}

fn cluster(glimpse: &Glimpse) -> Vec<String> {
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
    lines.extend(table::lines(&["POOL", "VERSION", "NODES", "STATE", "NODE IMAGE"], rows.collect()));
    lines
}

fn row(pool: &Pool, nodes: Option<&Nodes>) -> Row {
    let progress = nodes.map(|nodes| format!("  {}", bar(*nodes))).unwrap_or_default();
    let cells = [
        pool.name.clone(),
        pool.version.to_string(),
        pool.count.to_string(),
        state(&pool.state, pool.power) + &progress,
        pool.image.to_string(),
    ];
    Row::new(cells).painted(paint(&pool.state))
}

fn clusters(estate: &Estate) -> Vec<String> {
    let read = estate.clusters.len();
    let many = if read == 1 { "1 cluster".to_owned() } else { format!("{read} clusters") };
    let busy = estate.clusters.iter().filter(|glimpse| glimpse.is_busy()).count();
    let well = estate.clusters.iter().filter(|glimpse| glimpse.is_well()).count();
    let mut lines = vec![
        format!(
            "{many}, {busy} busy, {} to look at ({})",
            read - well + estate.unread.len(),
            estate.at.strftime("%Y-%m-%d %H:%M:%S UTC")
        ),
        String::new(),
    ];
    let unread = estate.unread.iter().map(|(id, why)| {
        let cells = [id.name(), id.resource_group(), "", "", "", why];
        Row::new(cells).painted(BAD)
    });
    let rows = estate.clusters.iter().map(summary).chain(unread).collect();
    lines.extend(table::lines(&["CLUSTER", "RESOURCE GROUP", "LOCATION", "VERSION", "POOLS", "STATE"], rows));
    lines
}

/// Returns the row of one of several clusters; what its pools are at is told where they are not idle or behind.
fn summary(glimpse: &Glimpse) -> Row {
    let cluster = &glimpse.cluster;
    let worst =
        cluster.pools.iter().map(|pool| &pool.state).chain([&cluster.state]).max_by_key(|state| rank(state));
    let whole = state(&cluster.state, cluster.power);
    let pools = cluster.pools.iter().filter_map(|pool| remark(glimpse, pool)).collect::<Vec<_>>();
    let words = match (whole.as_str(), pools.is_empty()) {
        ("idle", false) => pools.join("; "),
        (_, true) => whole,
        (_, false) => format!("{whole}; {}", pools.join("; ")),
    };
    let cells = [
        cluster.name.clone(),
        glimpse.id.resource_group().to_owned(),
        cluster.location.clone(),
        cluster.version.to_string(),
        cluster.pools.len().to_string(),
        words,
    ];
    let style = if glimpse.is_well() { worst.map(paint) } else { Some(BAD) };
    Row::new(cells).painted(style.unwrap_or_default())
}

/// Says what is not as it should be with a pool.
fn remark(glimpse: &Glimpse, pool: &Pool) -> Option<String> {
    let name = &pool.name;
    let done = glimpse.nodes.get(name).map(|nodes| format!(", {}", count(*nodes))).unwrap_or_default();
    match (&pool.state, pool.power) {
        (State::Succeeded, Power::Running) if glimpse.is_behind(pool) => {
            Some(format!("pool {name} behind at {}", pool.version))
        }
        (State::Succeeded, Power::Running) => None,
        (busy, power) => Some(format!("pool {name} {}{done}", state(busy, power))),
    }
}

/// Says in one line each what may change from one look to the next, and on which of several clusters.
#[must_use]
pub fn news(estate: &Estate) -> Vec<String> {
    let several = estate.clusters.len() + estate.unread.len() > 1;
    let news = estate.clusters.iter().flat_map(|glimpse| {
        let cluster = &glimpse.cluster;
        let before = if several { format!("{} ", cluster.name) } else { String::new() };
        let whole = format!("{}: {} {}", cluster.name, cluster.version, state(&cluster.state, cluster.power));
        let pool = move |pool: &Pool| {
            let nodes = glimpse.nodes.get(&pool.name).map(|nodes| format!(", {} done", count(*nodes)));
            let state = state(&pool.state, pool.power);
            let done = nodes.unwrap_or_default();
            format!("{before}pool {}: {} {} {state}{done}", pool.name, pool.version, pool.image)
        };
        std::iter::once(whole).chain(cluster.pools.iter().map(pool))
    });
    let unread = estate.unread.iter().map(|(id, why)| format!("{}: {why}", id.name()));
    news.chain(unread).collect()
}

/// Says when it was, before a line.
#[must_use]
pub fn stamp(estate: &Estate) -> String {
    estate.at.strftime("%H:%M:%S ").to_string()
}

fn count(nodes: Nodes) -> String {
    format!("{} of {} nodes", nodes.done, nodes.of)
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

fn rank(state: &State) -> u8 {
    match state {
        State::Failed(_) | State::Canceled(_) => 2,
        State::Busy(_) => 1,
        State::Succeeded => 0,
    }
}

/// Returns what a state is painted in.
fn paint(state: &State) -> Style {
    match rank(state) {
        2 => BAD,
        1 => NOTE,
        _ => Style::new(),
    }
}
