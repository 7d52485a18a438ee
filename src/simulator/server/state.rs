//! The world and its clock together, and the file that keeps them.

use std::io::{Error, ErrorKind, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use http::Request;
use serde::{Deserialize, Serialize};

use crate::simulator::faults::Delivery;
use crate::simulator::scenario::Scenario;
use crate::simulator::server::Clock;
use crate::simulator::world::World;

/// The world, its clock and its file.
#[derive(Debug)]
pub(super) struct Stage {
    pub world: World,
    pub clock: Clock,
    file: Option<PathBuf>,
    /// Whether it goes on from the file.
    pub resumed: bool,
}

/// What the file holds.
#[derive(Serialize, Deserialize)]
pub(super) struct Saved<W> {
    pub clock: Clock,
    pub world: W,
}

impl Stage {
    /// Sets the stage from the file when it is there, otherwise from the scenario.
    pub(super) fn set(scenario: Scenario, file: Option<PathBuf>) -> Result<Self, Error> {
        if let Some(saved) = file.as_deref().map(read).transpose()?.flatten() {
            return Ok(Stage { world: saved.world, clock: saved.clock.resumed(), file, resumed: true });
        }
        let clock = Clock::new(&scenario.clock);
        let stage = Stage { world: World::new(scenario), clock, file, resumed: false };
        stage.save()?;
        Ok(stage)
    }

    /// Serves a request and keeps what it changed.
    pub(super) fn deliver(&mut self, request: Request<Bytes>) -> Delivery {
        let write = request.method() != http::Method::GET;
        let delivery = self.world.deliver(request, self.clock.now());
        self.clock.tick();
        if write {
            self.keep();
        }
        delivery
    }

    /// Brings the world up to the clock.
    pub(super) fn catch_up(&mut self) {
        self.world.advance(self.clock.now());
        self.keep();
    }

    /// Keeps the state; a file that cannot be written is told, not fatal.
    pub(super) fn keep(&self) {
        if let Err(error) = self.save() {
            tracing::warn!(%error, "the simulator's state file cannot be written");
        }
    }

    /// Returns the state as text.
    pub(super) fn snapshot(&self) -> Result<Vec<u8>, Error> {
        Ok(serde_json::to_vec_pretty(&Saved { clock: self.clock.pinned(), world: &self.world })?)
    }

    /// Replaces the state by a snapshot.
    pub(super) fn restore(&mut self, snapshot: &[u8]) -> Result<(), Error> {
        let saved: Saved<World> = serde_json::from_slice(snapshot)?;
        self.world = saved.world;
        self.clock = saved.clock.resumed();
        self.save()
    }

    fn save(&self) -> Result<(), Error> {
        let Some(file) = &self.file else { return Ok(()) };
        let dir = file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let snapshot = self.snapshot()?;
        let write = || {
            let mut next = tempfile::NamedTempFile::new_in(dir)?;
            next.write_all(&snapshot)?;
            next.persist(file).map_err(Error::from)
        };
        // The file beside it, from which it is renamed, was named by nobody.
        let kept = write().map(|_| ());
        kept.map_err(|error| {
            Error::new(error.kind(), format!("{} cannot be written: {}", file.display(), error.kind()))
        })
    }
}

fn read(file: &Path) -> Result<Option<Saved<World>>, Error> {
    let text = match std::fs::read(file) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        text => text?,
    };
    let wrong = |error| {
        Error::new(ErrorKind::InvalidData, format!("{} is no state of a simulator: {error}", file.display()))
    };
    serde_json::from_slice(&text).map(Some).map_err(wrong)
}
