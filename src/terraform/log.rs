//! Tracing events as the log lines that Terraform understands.
//!
//! Terraform reads our stderr line by line. A JSON object is taken for an entry of its own logger,
//! with three traps: `@message`, `@level` and `@timestamp` must be strings (anything else crashes
//! Terraform itself), the time must have exactly six decimals (else the level is lost), and a line
//! must stay below 64 KiB (else it is cut into noise).

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io::{self, Write as _};
use std::panic::PanicHookInfo;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use serde_json::{Map, Value as Json};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

/// The longest value of a field, and of the message; together they stay far below 64 KiB.
const LONGEST_TEXT: usize = 4 << 10;
/// The longest line. Terraform's limit is 64 KiB.
const LONGEST_LINE: usize = 60 << 10;
/// How many lines may wait for a reader of stderr before more are dropped.
const QUEUE: usize = 4096;
/// How long the end of the process waits for the last lines.
const FLUSH_PATIENCE: Duration = Duration::from_millis(200);
/// Libraries that talk about every frame.
const CHATTY: [&str; 6] = ["h2", "hyper", "hyper_util", "rustls", "tonic", "tower"];

/// Log lines on their way to stderr.
pub struct Log {
    queue: Option<SyncSender<Line>>,
}

enum Line {
    Text(String),
    Flush(SyncSender<()>),
}

/// Installs the panic hook, and the log when the user asked for one.
///
/// Asked is, in this order, by `TF_LOG_PROVIDER_<NAME>`, `TF_LOG_PROVIDER`, `TF_LOG`. Unasked,
/// nothing is installed and an event costs a load and a comparison.
pub fn install(address: &str, variable: impl Fn(&str) -> Option<String>) -> Log {
    std::panic::set_hook(Box::new(report_panic));
    let Some(level) = level(address, variable) else { return Log { queue: None } };
    let (queue, lines) = sync_channel(QUEUE);
    std::thread::spawn(move || write_lines(&lines));
    let loud = CHATTY.iter().map(|target| (*target, LevelFilter::WARN.min(level)));
    let targets = Targets::new().with_default(level).with_targets(loud);
    let sender = queue.clone();
    // A full queue means that nobody reads; the work goes on without the line.
    let layer = Hclog::new(move |line| drop(sender.try_send(Line::Text(line))));
    // A second subscriber in one process keeps the first; only tests get there.
    let _ = tracing_subscriber::registry().with(layer.with_filter(targets)).try_init();
    Log { queue: Some(queue) }
}

/// Returns the level that the user asked for.
///
/// Terraform reads `JSON` and every word it does not know as TRACE.
#[must_use]
pub fn level(address: &str, variable: impl Fn(&str) -> Option<String>) -> Option<LevelFilter> {
    let name = address.rsplit('/').next().unwrap_or(address).replace('-', "_").to_uppercase();
    let own = format!("TF_LOG_PROVIDER_{name}");
    let asked = [own.as_str(), "TF_LOG_PROVIDER", "TF_LOG"]
        .into_iter()
        .find_map(|name| variable(name).filter(|value| !value.is_empty()))?;
    match asked.to_uppercase().as_str() {
        "OFF" => None,
        "ERROR" => Some(LevelFilter::ERROR),
        "WARN" => Some(LevelFilter::WARN),
        "INFO" => Some(LevelFilter::INFO),
        "DEBUG" => Some(LevelFilter::DEBUG),
        _ => Some(LevelFilter::TRACE),
    }
}

/// Writes lines, each at once, on a thread that may wait: a full pipe must not stop an upgrade.
fn write_lines(lines: &Receiver<Line>) {
    let mut stderr = io::stderr();
    while let Ok(line) = lines.recv() {
        match line {
            // A closed stderr loses the line and nothing else.
            Line::Text(text) => drop(stderr.write_all(text.as_bytes())),
            Line::Flush(done) => drop(done.try_send(())),
        }
    }
}

impl Log {
    /// Waits a moment for the lines that are still on their way.
    pub fn flush(&self) {
        let Some(queue) = &self.queue else { return };
        let (done, written) = sync_channel(1);
        if queue.try_send(Line::Flush(done)).is_ok() {
            let _ = written.recv_timeout(FLUSH_PATIENCE);
        }
    }
}

/// Reports a panic without its text, which may hold what the user configured.
///
/// Inside a call it is one line of the log: the call's answer tells the user. Elsewhere it is a
/// real crash, and `panic: ` is the word by which Terraform recognises one.
fn report_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let tag = if crate::terraform::handler::note_panic(panic) {
        "[ERROR] a call panicked"
    } else {
        "panic: the provider crashed"
    };
    let _ = io::stderr().write_all(format!("{tag} at {place}\n").as_bytes());
}

/// The layer that makes lines of events.
pub struct Hclog<W> {
    write: W,
}

impl<W: Fn(String)> Hclog<W> {
    /// Creates the layer; `write` takes one line at a time, its newline included.
    pub fn new(write: W) -> Self {
        Hclog { write }
    }
}

/// The fields of a span, for the events inside it.
struct SpanFields(BTreeMap<String, Json>);

impl<S, W> Layer<S> for Hclog<W>
where
    W: Fn(String) + 'static,
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(SpanFields(fields.fields));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(outer) = span.extensions().get::<SpanFields>() {
                for (name, value) in &outer.0 {
                    fields.fields.entry(name.clone()).or_insert_with(|| value.clone());
                }
            }
        }
        event.record(&mut fields);
        let time = crate::clock::now();
        let line = line(event.metadata().level(), event.metadata().target(), time, fields);
        (self.write)(line);
    }
}

/// Returns one line, newline included.
fn line(level: &Level, target: &str, time: jiff::Timestamp, fields: Fields) -> String {
    let mut entry = Map::new();
    entry.insert("@level".into(), level.as_str().to_lowercase().into());
    entry.insert("@message".into(), fields.message.into());
    entry.insert("@module".into(), target.replace("::", ".").into());
    entry.insert("@timestamp".into(), time.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string().into());
    let bare = entry.clone();
    entry.extend(fields.fields);
    let text = Json::Object(entry).to_string();
    if text.len() > LONGEST_LINE { Json::Object(bare).to_string() + "\n" } else { text + "\n" }
}

/// What an event says.
#[derive(Default)]
struct Fields {
    message: String,
    fields: BTreeMap<String, Json>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: Json) {
        // A name with @ could take the place of one that must be a string.
        self.fields.insert(field.name().trim_start_matches('@').to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = Bounded::default();
        // The only error is our own limit.
        let _ = write!(text, "{value:?}");
        self.record_str(field, &text.0);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let mut text = Bounded::default();
        let _ = text.write_str(value);
        match field.name() {
            "message" => self.message = text.0,
            _ => self.put(field, text.0.into()),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}

/// Text that stops growing at [`LONGEST_TEXT`].
#[derive(Default)]
struct Bounded(String);

impl fmt::Write for Bounded {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if self.0.len() + character.len_utf8() > LONGEST_TEXT {
                return Err(fmt::Error);
            }
            self.0.push(character);
        }
        Ok(())
    }
}
