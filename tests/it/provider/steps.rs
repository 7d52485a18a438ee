//! The map `steps`: its grammar, and the laws of a refresh and of a plan.

use proptest::prelude::*;
use terraform_provider_aks::provider::steps::{Line, Steps};

fn line(part: &str) -> Line {
    Line::new(part, "1.34.4", "1.35.6")
}

fn pools(count: usize) -> Vec<Line> {
    (0..count).map(|index| line(&format!("pool p{index}"))).collect()
}

/// Returns the map as Terraform keeps it: by the text of its keys.
fn shown(steps: &Steps) -> Vec<String> {
    let mut lines: Vec<String> = steps.lines().map(|(key, text)| format!("{key} = {text}")).collect();
    lines.sort();
    lines
}

fn saved(steps: &Steps) -> Steps {
    let lines: Vec<(String, String)> = steps.lines().map(|(key, text)| (key.to_owned(), text)).collect();
    Steps::read(lines.iter().map(|(key, text)| (key.as_str(), text.as_str())))
}

#[test]
fn a_line_says_from_what_to_what() {
    let pending = [line("control plane"), line("pool system")];
    let steps = Steps::default().refreshed(&pending);
    assert_eq!(shown(&steps), ["01 control plane = 1.34.4 to 1.35.6", "02 pool system = 1.34.4 to 1.35.6"]);
}

#[test]
fn a_partial_plan_turns_exactly_its_lines_into_done() {
    let steps = Steps::default().refreshed(&pools(3)).promising(2);
    assert_eq!(
        shown(&steps),
        [
            "01 pool p0 = 1.34.4 to 1.35.6, done",
            "02 pool p1 = 1.34.4 to 1.35.6, done",
            "03 pool p2 = 1.34.4 to 1.35.6"
        ]
    );
}

#[test]
fn with_nothing_pending_the_done_lines_stay() {
    let steps = Steps::default().refreshed(&pools(2)).promising(1).refreshed(&[]);
    assert_eq!(shown(&steps), ["01 pool p0 = 1.34.4 to 1.35.6, done"]);
}

#[test]
fn another_target_begins_a_new_map() {
    let steps = Steps::default().refreshed(&pools(2)).promising(2);
    let steps = steps.refreshed(&[Line::new("control plane", "1.35.6", "1.36.2")]);
    assert_eq!(shown(&steps), ["01 control plane = 1.35.6 to 1.36.2"]);
}

#[test]
fn a_step_that_runs_or_failed_keeps_its_line() {
    let steps = Steps::default().refreshed(&pools(2));
    let running = Line::new("pool p0", "1.35.6", "1.35.6").with_origin_lost();
    let after = steps.clone().refreshed(&[running, line("pool p1")]);
    assert_eq!(after, steps);
}

/// An image of another family says more of itself than one that runs, which has nothing to be told apart from.
#[test]
fn an_image_of_another_family_that_failed_keeps_its_line() {
    let first = Line::new("image p0", "2204gen2containerd-202610.19.0", "2404gen2containerd-202611.16.0");
    let steps = Steps::default().refreshed(&[first, line("pool p1")]);
    let repair = |to: &str| Line::new("image p0", to, to).with_origin_lost();
    assert_eq!(steps.clone().refreshed(&[repair("202611.16.0"), line("pool p1")]), steps);
    assert_ne!(steps.clone().refreshed(&[repair("1.16.0"), line("pool p1")]), steps);
}

#[test]
fn the_longest_number_decides_the_digits() {
    for (count, first) in [(9, "01 pool p0"), (10, "01 pool p0"), (99, "01 pool p0"), (100, "001 pool p0")] {
        let steps = Steps::default().refreshed(&pools(count));
        assert_eq!(steps.lines().next().map(|(key, _)| key.to_owned()), Some(first.to_owned()));
    }
}

#[test]
fn text_that_is_no_line_is_left_out() {
    let steps =
        Steps::read([("first", "1.34 to 1.35"), ("x1 pool a", "b"), ("01 pool a", "1.34.4 to 1.35.6")]);
    assert_eq!(shown(&steps), ["01 pool a = 1.34.4 to 1.35.6"]);
}

proptest! {
    /// Once the promise is kept, the next refresh leaves the map as the apply left it.
    #[test]
    fn a_refresh_after_an_apply_changes_nothing(count in 0usize..120, share in 0usize..120, again in 0usize..120) {
        let pending = pools(count);
        let done = share.min(count);
        let applied = Steps::default().refreshed(&pending).promising(done);
        let refreshed = saved(&applied).refreshed(&pending[done..]);
        prop_assert_eq!(&refreshed, &applied);
        let more = (done + again).min(count);
        let applied = refreshed.promising(again);
        prop_assert_eq!(saved(&applied).refreshed(&pending[more..]), applied);
    }

    /// Terraform's order of keys is the order of the steps.
    #[test]
    fn the_order_of_the_keys_is_that_of_the_steps(count in 1usize..1200) {
        let steps = Steps::default().refreshed(&pools(count));
        let keys: Vec<&str> = steps.lines().map(|(key, _)| key).collect();
        let mut sorted = keys.clone();
        sorted.sort_unstable();
        prop_assert_eq!(sorted, keys);
    }

    /// A plan never touches a line that its apply does not do.
    #[test]
    fn what_is_not_promised_is_left_alone(count in 0usize..120, promised in 0usize..130) {
        let before = Steps::default().refreshed(&pools(count));
        let after = before.clone().promising(promised);
        let changed = before.lines().zip(after.lines()).filter(|(old, new)| old != new).count();
        prop_assert_eq!(changed, promised.min(count));
        prop_assert_eq!(before.lines().count(), after.lines().count());
    }
}
