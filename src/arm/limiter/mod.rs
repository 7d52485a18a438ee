//! Keeps what a process sends below the limits that Azure publishes, and bounds what is under way at once.
//!
//! A request takes a token from each of its buckets ([`limit`], some by [`region`]) in one moment, and leaves in the
//! same moment: tokens are never kept for later, so what goes out conforms to every bucket. A tenth of each is left
//! to others.
//!
//! Who came first goes first; an urgent request, one for a cluster whose window is open, stands where it would had it
//! come half a minute earlier. Of two requests that need the same bucket of AKS, who stands behind never overtakes;
//! a request that waits for a narrow bucket (a cluster's) does not hold up those that do not need it. So a
//! request waits only for those before it and for time, and none waits for ever.
//!
//! Several processes may share a subscription, and azurerm is mostly one of them. What they use up shows as a
//! 429: it empties our bucket ([`Limiter::throttled`]), so that all that wait here wait as Azure asked, and
//! then follow one by one.
//!
//! How long the limits have held the process as a whole back is told ([`stall`]).
//!
//! The limiter is our own because none that is published waits in the order of arrival on tokio's clock, which
//! tests can pause, and can be told that a bucket is empty (`governor` can do neither).

mod bucket;
pub mod limit;
pub mod region;
mod stall;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use azure_core::http::Method;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::arm::error::WaitedFor;
use bucket::Bucket;
use limit::{Key, Limit, Needs};
use region::Regions;
use stall::Stall;

pub use stall::HeldBack;

/// Requests in flight at once: Terraform's own parallelism.
const AT_ONCE: usize = 10;

/// How much earlier an urgent request stands than it came. A window is open for hours, and a refresh of many clusters
/// that waits for a limit of one a second takes minutes.
const HEAD_START: Duration = Duration::from_secs(30);

/// A queue in which requests wait for their tokens.
#[derive(Default)]
pub struct Limiter {
    queue: Mutex<Queue>,
    regions: Regions,
}

#[derive(Default)]
struct Queue {
    /// Whether only the number of requests under way is bounded.
    unlimited: bool,
    /// In the order in which they stand.
    waiting: BTreeMap<Ticket, Waiting>,
    buckets: HashMap<Key, Bucket>,
    in_flight: usize,
    numbers: u64,
    stall: Stall,
}

struct Waiting {
    needs: Needs,
    state: watch::Sender<State>,
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Behind as many as may be under way at once.
    Crowded,
    /// Behind others at a bucket.
    Behind(Limit),
    /// First at a bucket that has a token from that instant.
    First(Limit, Instant),
    /// It has its tokens.
    Free,
}

/// A request's place in the queue, from its first attempt to its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket {
    /// When it came, an urgent one that much earlier than the others.
    stands: Instant,
    /// Of those of one instant, who came first.
    number: u64,
}

/// The permission to send a request now; it is under way until this is dropped.
#[must_use]
pub struct Pass<'a> {
    limiter: &'a Limiter,
    ticket: Ticket,
}

impl Limiter {
    /// Makes a limiter that bounds only how many requests are under way: for a simulator whose hours are short.
    #[must_use]
    pub fn unlimited() -> Self {
        let queue = Queue { unlimited: true, ..Queue::default() };
        Limiter { queue: Mutex::new(queue), regions: Regions::default() }
    }

    /// Returns a ticket behind all others, or that of an urgent request. Sending again with the same ticket overtakes
    /// whoever came later.
    pub fn ticket(&self, is_urgent: bool) -> Ticket {
        let mut queue = self.queue();
        queue.numbers += 1;
        let head_start = if is_urgent { Duration::ZERO } else { HEAD_START };
        Ticket { stands: Instant::now() + head_start, number: queue.numbers }
    }

    /// Waits until a request may be sent. Dropping the future leaves the queue.
    pub async fn enter(&self, ticket: Ticket, needs: Needs) -> Pass<'_> {
        let (state, mut states) = watch::channel(State::Crowded);
        self.queue().waiting.insert(ticket, Waiting { needs, state });
        // From here on the place is given back, however this ends.
        let pass = Pass { limiter: self, ticket };
        self.advance();
        loop {
            let state = *states.borrow_and_update();
            match state {
                State::Free => return pass,
                // The sender lives as long as the request waits.
                State::Crowded | State::Behind(_) => drop(states.changed().await),
                State::First(_, due) => {
                    let told = self.queue().stall.due();
                    tokio::select! {
                        _ = states.changed() => {}
                        () = sleep_until(told.map_or(due, |told| told.min(due))) => self.advance(),
                    }
                }
            }
        }
    }

    /// Returns what a request waits for.
    #[must_use]
    pub fn waits_for(&self, ticket: Ticket) -> WaitedFor {
        let state = self.queue().waiting.get(&ticket).map(|one| *one.state.borrow());
        match state {
            Some(State::Behind(limit) | State::First(limit, _)) => WaitedFor::Limit(limit),
            _ => WaitedFor::Crowd(AT_ONCE),
        }
    }

    /// Takes note that Azure refused a request with 429: nobody else is sent into the same wall.
    ///
    /// Tells whether whoever comes next is held back for that long.
    pub fn throttled(&self, key: &Key, wait: Duration) -> bool {
        let now = Instant::now();
        let mut queue = self.queue();
        queue.bucket(key, now).empty(now, wait);
        queue.advance(now);
        !queue.unlimited
    }

    /// Believes what Azure says is left of one of its limits.
    pub fn believe(&self, key: &Key, remaining: u32) {
        let now = Instant::now();
        let mut queue = self.queue();
        queue.bucket(key, now).believe(now, remaining);
        queue.advance(now);
    }

    /// Returns what a request needs, by its method and the path of its URL.
    #[must_use]
    pub fn needs(&self, method: Method, path: &str) -> Needs {
        Needs::of(method, path, self.regions.of(path).as_deref())
    }

    /// Returns the regions of the clusters that were read.
    #[must_use]
    pub fn regions(&self) -> &Regions {
        &self.regions
    }

    /// Returns which limit held the process back, and for how long, once that was ten seconds.
    #[must_use]
    pub fn held_back(&self) -> Option<HeldBack> {
        let mut queue = self.queue();
        queue.advance(Instant::now());
        queue.stall.held_back()
    }

    /// Lets go who may go, in the order in which they stand.
    fn advance(&self) {
        self.queue().advance(Instant::now());
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn bucket(&mut self, key: &Key, now: Instant) -> &mut Bucket {
        self.buckets.entry(key.clone()).or_insert_with(|| Bucket::new(key.limit, now))
    }

    fn advance(&mut self, now: Instant) {
        let mut claimed: HashSet<Key> = HashSet::new();
        let mut free = Vec::new();
        let waiting = std::mem::take(&mut self.waiting);
        for (ticket, one) in &waiting {
            let state = if self.in_flight + free.len() == AT_ONCE {
                State::Crowded
            } else if self.unlimited {
                State::Free
            } else {
                self.judge(&one.needs, &mut claimed, now)
            };
            if state == State::Free {
                one.needs.0.iter().for_each(|key| self.bucket(key, now).take(now));
                free.push(*ticket);
            }
            one.state.send_if_modified(|held| std::mem::replace(held, state) != state);
        }
        self.waiting = waiting;
        self.in_flight += free.len();
        free.iter().for_each(|ticket| drop(self.waiting.remove(ticket)));
        self.note_stall(now);
    }

    /// Adds up how long limits hold requests back, and says so once that is long.
    fn note_stall(&mut self, now: Instant) {
        let limited = |one: &Waiting| match *one.state.borrow() {
            State::Behind(limit) | State::First(limit, _) => Some(limit),
            State::Crowded | State::Free => None,
        };
        self.stall.note(now, self.waiting.values().filter_map(limited).collect());
        if let Some(HeldBack { limit, time }) = self.stall.tell() {
            let waiting = self.waiting.len();
            let seconds = time.as_secs();
            tracing::info!(
                waiting,
                seconds,
                "Azure's limit of {limit}, holds requests back; the process waits"
            );
        }
    }

    /// Says where a request stands. One that cannot go claims the bucket that it lacks, and those it would
    /// take from before: none behind it goes on with them.
    fn judge(&mut self, Needs(keys): &Needs, claimed: &mut HashSet<Key>, now: Instant) -> State {
        let mut lacks = None;
        for (index, key) in keys.iter().enumerate() {
            let wait = self.bucket(key, now).wait(now);
            if claimed.contains(key) {
                lacks = Some((index, State::Behind(key.limit)));
            } else if !wait.is_zero() {
                lacks = Some((index, State::First(key.limit, now + wait)));
            } else {
                continue;
            }
            break;
        }
        let Some((index, state)) = lacks else { return State::Free };
        claimed.extend(keys.iter().take(index + 1).cloned());
        state
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        let mut queue = self.limiter.queue();
        if queue.waiting.remove(&self.ticket).is_none() {
            queue.in_flight -= 1;
        }
        queue.advance(Instant::now());
    }
}
