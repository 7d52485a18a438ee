//! Files of bodies: what Azure or its command line printed, as a shell has written it.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::simulator::scenario::{InitialCluster, Mistake};

impl InitialCluster {
    /// Reads the clusters of a file, or of all `.json` files of a folder that are not hidden, in the order of their names.
    ///
    /// A file holds a cluster, a list of them (`az aks list`), or a page of the API (`{"value": […]}`).
    /// UTF-8 and UTF-16 are read, with and without a byte order mark, as PowerShell writes them; lines
    /// before the JSON, such as warnings of the command line, are passed over.
    ///
    /// # Errors
    ///
    /// [`Mistake`] for what cannot be read, holds no JSON, such as `"WARNING: nothing"`, or no cluster,
    /// such as `[]`.
    pub fn from_path(path: &Path) -> Result<Vec<Self>, Mistake> {
        let files = if path.is_dir() { json_files(path)? } else { vec![path.to_owned()] };
        let clusters: Vec<Vec<Self>> = files.iter().map(|file| from_file(file)).collect::<Result<_, _>>()?;
        let clusters = clusters.concat();
        if clusters.is_empty() {
            return Err(Mistake(format!("{} holds no cluster.", path.display())));
        }
        Ok(clusters)
    }
}

fn json_files(folder: &Path) -> Result<Vec<PathBuf>, Mistake> {
    let unread = |error| Mistake(format!("{} cannot be read: {error}.", folder.display()));
    let entries = std::fs::read_dir(folder).map_err(unread)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()).map_err(unread));
    let mut files: Vec<PathBuf> = paths.collect::<Result<_, _>>()?;
    let hidden =
        |file: &PathBuf| file.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
    let json =
        |file: &PathBuf| file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    files.retain(|file| json(file) && !hidden(file));
    files.sort();
    Ok(files)
}

fn from_file(file: &Path) -> Result<Vec<InitialCluster>, Mistake> {
    let shown = file.display();
    let bytes = std::fs::read(file).map_err(|error| Mistake(format!("{shown} cannot be read: {error}.")))?;
    let body = json(&bytes, &shown.to_string()).map_err(Mistake)?;
    let bodies = match body {
        Value::Array(list) => list,
        Value::Object(mut page) if page.get("value").is_some_and(Value::is_array) => {
            page.remove("value").and_then(|list| list.as_array().cloned()).unwrap_or_default()
        }
        one => vec![one],
    };
    let cluster = |body| InitialCluster::from_body(body).map_err(|why| Mistake(format!("in {shown}, {why}")));
    bodies.into_iter().map(cluster).collect()
}

/// Reads JSON as people come by it: in UTF-8 or UTF-16, as PowerShell's `>` writes it, and with a tool's warnings in front.
///
/// # Errors
///
/// What is neither, or no JSON; `shown` names where it came from.
pub fn json(bytes: &[u8], shown: &str) -> Result<Value, String> {
    let text = decode(bytes).ok_or_else(|| format!("{shown} is neither UTF-8 nor UTF-16."))?;
    serde_json::from_str(after_warnings(&text)).map_err(|error| format!("{shown} is no JSON: {error}."))
}

/// Reads UTF-16 with a byte order mark, and UTF-8.
fn decode(bytes: &[u8]) -> Option<String> {
    let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = rest.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(unit);
        char::decode_utf16(units).collect::<Result<String, _>>().ok()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        // JSON begins with ASCII: a zero beside it is UTF-16 without a mark.
        [b'{' | b'[', 0, ..] => wide(bytes, u16::from_le_bytes),
        [0, b'{' | b'[', ..] => wide(bytes, u16::from_be_bytes),
        _ => String::from_utf8(bytes.to_vec()).ok(),
    }
}

/// Returns a text from the first line on that begins like JSON.
fn after_warnings(text: &str) -> &str {
    let mut rest = text;
    while !rest.trim_start().starts_with(['{', '[']) {
        match rest.split_once('\n') {
            Some((_, next)) => rest = next,
            None => return text,
        }
    }
    rest
}
