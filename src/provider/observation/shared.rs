//! One answer for many who ask.

use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::arm::client::Client;
use crate::arm::error::Error;

/// One answer for many who ask: while one of them asks Azure, the others wait for it.
///
/// A failure is told to who asked, and the next one asks again, with its own deadline.
pub struct Shared<T> {
    kept: Mutex<Option<(Instant, T)>>,
}

impl<T> Default for Shared<T> {
    fn default() -> Self {
        Shared { kept: Mutex::new(None) }
    }
}

impl<T: Clone> Shared<T> {
    /// Returns the answer to a question that was asked at most `age` before `since`, or later; else asks.
    ///
    /// # Errors
    ///
    /// What asking gives; [`Error::Deadline`] when another one's question takes longer than this client may wait.
    pub async fn get(
        &self,
        client: &Client,
        call: &str,
        age: Duration,
        since: Instant,
        ask: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let mut kept = client.in_time(call, self.kept.lock()).await?;
        let recent = |(asked, _): &&(Instant, T)| since.saturating_duration_since(*asked) <= age;
        if let Some((_, answer)) = kept.as_ref().filter(recent) {
            return Ok(answer.clone());
        }
        let asked = Instant::now();
        let answer = ask.await?;
        *kept = Some((asked, answer.clone()));
        Ok(answer)
    }
}
