//! What was seen × policy → steps and blocks.

mod aks;
mod images;
mod kubernetes;
pub mod laws;
mod recorded;
mod resume;
mod whole;

use terraform_provider_aks::upgrade::cluster::Cluster;
use terraform_provider_aks::upgrade::offer::Offers;
use terraform_provider_aks::upgrade::plan::plan;
use terraform_provider_aks::upgrade::policy::Policy;
use terraform_provider_aks::upgrade::seen::Seen;

use crate::upgrade::sample::{codes, seen, seen_with, steps};

#[track_caller]
fn row(cluster: &Cluster, policy: &Policy, expected_steps: &[&str], expected_codes: &[&str]) {
    row_of(&seen(cluster), policy, expected_steps, expected_codes);
}

#[track_caller]
fn row_with(
    cluster: &Cluster,
    policy: &Policy,
    offers: &Offers,
    expected_steps: &[&str],
    expected_codes: &[&str],
) {
    row_of(&seen_with(cluster, offers), policy, expected_steps, expected_codes);
}

#[track_caller]
fn row_of(seen: &Seen, policy: &Policy, expected_steps: &[&str], expected_codes: &[&str]) {
    let plan = plan(seen, policy);
    assert_eq!(steps(&plan), expected_steps, "steps; blocks are {:?}", plan.blocks);
    assert_eq!(codes(&plan), expected_codes, "codes");
}
