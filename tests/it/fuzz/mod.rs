//! Fuzzing: what others write, damaged, for everything that reads it. Nothing may panic, overflow or take long, and the
//! law that a target states must hold.
//!
//! `cargo test` takes a few cases of each target, always the same ones: some seconds in all.
//!
//! | to do more | |
//! |---|---|
//! | `FUZZ_SECONDS=600 cargo test --test it fuzz::` | New cases of each target, for so long; with `--profile fuzz` ten times as many, overflow checks on. |
//! | `FUZZ_FROM=1000000` | Begins there, so that each night sees other cases. |
//! | `FUZZ_SEED=7 cargo test --test it fuzz::arm::refusals` | That case alone: a case that fails prints this line. |
//!
//! | module | reads |
//! |---|---|
//! | [`wire`] | What Terraform sends: values, types, states, the environment of the handshake. |
//! | [`arm`] | What Azure answers: refusals, addresses, polls, bodies, headers. |
//! | [`text`] | What a person writes: ids, versions, images, durations, dates, zones. |
//! | [`windows`] | Windows, blackouts and their translation, at any instant there is. |
//! | [`service`] | The whole service: every RPC that computes, with damaged values, states and private bytes. |
//!
//! What once failed is kept in the corpus of its target.

mod arm;
mod damage;
mod service;
mod text;
mod windows;
mod wire;

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

/// More time of the processor than any case takes; what is quadratic takes more.
const SLOWEST: Duration = Duration::from_secs(4);

/// What is shown of a case that fails.
const SHOWN: usize = 4000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Holds a law against so many cases, and more of them for as long as `FUZZ_SECONDS` says.
#[track_caller]
fn fuzz<T: Debug>(target: &str, few: u64, cases: impl Strategy<Value = T>, law: impl Fn(&T)) {
    let holds = |seed: u64| holds(target, seed, &cases, &law);
    if let Some(seed) = number("FUZZ_SEED") {
        return holds(seed);
    }
    (0..few).for_each(holds);
    let Some(seconds) = number("FUZZ_SECONDS") else { return };
    let (began, first) = (Instant::now(), number("FUZZ_FROM").unwrap_or(few));
    let tried = (first..).take_while(|_| began.elapsed() < Duration::from_secs(seconds)).map(holds).count();
    eprintln!("{target}: {tried} cases from {first} on");
}

/// Holds a law against the case of a seed; a panic says how to repeat it.
fn holds<T: Debug>(target: &str, seed: u64, cases: &impl Strategy<Value = T>, law: &impl Fn(&T)) {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
    let case = cases.new_tree(&mut runner).unwrap().current();
    let began = worked();
    let held = catch_unwind(AssertUnwindSafe(|| {
        law(&case);
        let took = worked() - began;
        assert!(took < SLOWEST, "it took {took:?}");
    }));
    if let Err(panic) = held {
        let shown: String = format!("{case:?}").chars().take(SHOWN).collect();
        eprintln!("{shown}\nFUZZ_SEED={seed} cargo test --test it fuzz::{target}");
        resume_unwind(panic);
    }
}

/// Returns how long the processor has worked for this thread, whatever else the machine does; zero where Linux does not
/// say so.
fn worked() -> Duration {
    let said = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(said.split(' ').next().and_then(|first| first.parse().ok()).unwrap_or_default())
}

/// Tells whether a text would steer a terminal or hide what it says.
fn steers(text: &str) -> bool {
    text.chars().any(|c| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    })
}

/// Numbers that run over are seen by every target, whatever it is built with.
#[test]
fn overflow_is_checked() {
    let most = std::hint::black_box(u8::MAX);
    assert!(catch_unwind(|| most + std::hint::black_box(1)).is_err(), "build with overflow-checks");
}

/// A law that does not hold is found, and a case comes again with its seed.
#[test]
fn what_is_broken_is_found() {
    let broken = |text: &String| assert!(!text.contains('z'));
    let found = catch_unwind(|| fuzz("what_is_broken_is_found", 200, "[a-z]{0,4}", broken));
    assert!(found.is_err());
    let cases = |seed| {
        let kept = std::cell::RefCell::new(String::new());
        holds("", seed, &"[a-z]{8}", &|text: &String| kept.replace(text.clone()).clear());
        kept.into_inner()
    };
    assert_eq!(cases(7), cases(7));
    assert_ne!(cases(7), cases(8));
}
