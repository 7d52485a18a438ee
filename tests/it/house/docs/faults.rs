//! The guide of every fault: what happens under it, and the test that shows it.
//!
//! `UPDATE_DOCS=1` writes `docs/guides/faults.md` anew. A row whose test is gone does not pass.

use std::collections::BTreeSet;

use super::{files, project};

/// A part of the page: its rows, each `what goes wrong | what happens | the test that shows it`.
const PARTS: [(&str, &str); 7] = [
    ("Terraform, the process and its protocol", PROCESS),
    ("The network, Azure Resource Manager and Entra ID", NETWORK),
    ("Answers that do harm", HOSTILE),
    ("Secrets", SECRETS),
    ("AKS, and others who work on the cluster", AKS),
    ("Windows and time", TIME),
    ("State, import and configuration", STATE),
];

const PROCESS: &str = "
The provider is killed in the middle of a step | Goes on in Azure; the next apply attaches. No write comes twice. | upgrade_run::interruption::every_request_can_be_interrupted_by_signals
Terraform is killed | The provider ends within seconds; the next apply goes on. | terraform_cli::misfortune::a_killed_terraform_takes_the_provider_along_and_nothing_is_lost
Ctrl-C once | No further step is started, the state says what is true. | terraform_cli::misfortune::the_first_interrupt_saves_what_is_true
Ctrl-C twice | Terraform does not wait; nothing in Azure is lost. | terraform_cli::misfortune::a_second_interrupt_loses_nothing_in_azure
SIGTERM | As Ctrl-C once. | terraform_cli::misfortune::a_terminated_terraform_saves_what_is_true
Ctrl-C while a write waits for a limit, a token or its next try | It is left at once: nothing is out. | upgrade_run::misfortune::a_write_that_is_held_up_here_is_left_at_once
Ctrl-C while something is read | It ends at once. | terraform::lifecycle::stopping_ends_whatever_only_looks
An interrupt at any request of an upgrade of two minors | Run again until the plan is empty, it ends where an undisturbed one ends. | upgrade_run::interruption::every_request_can_be_interrupted
A panic in the provider | One call fails with a diagnostic, all others go on. | terraform::lifecycle::a_panic_ends_one_call_and_nothing_else
Values that are cut, nested without end, or of other types | A diagnostic; no crash, no large memory. | terraform::value::hostile_bytes_are_refused_quickly
Configurations beyond 4 MiB | They are taken. | terraform::transport::a_message_beyond_4_mib_is_taken_and_given
Ten calls at once | They are answered. | terraform::transport::ten_calls_at_once_are_answered
Calls before the provider is configured, or with unknown values | A diagnostic, or a plan that says less. | terraform_cli::configuration::values_that_are_not_known_yet_are_passed_over
A type that does not exist | A diagnostic. | terraform::lifecycle::an_unknown_type_is_a_diagnostic
A person starts the provider | It says what it is, and ends. | terraform::handshake::a_person_is_told_what_this_is
A Terraform that speaks another protocol, wrong variables | Refused in one sentence. | terraform::handshake::what_the_host_sets_wrong_is_refused
A stranger connects to the socket, or with no certificate | Refused. | terraform::transport::nobody_else_does
A connection that says nothing | It keeps nobody waiting. | terraform::transport::a_connection_that_says_nothing_keeps_nobody_waiting
A folder for temporary files that cannot hold a socket | It is named. | terraform::transport::a_folder_that_cannot_hold_a_socket_is_named
A thousand clusters | 18 calls, no limit is run into. | upgrade_run::calls::the_page_of_many_clusters_is_true
";

const NETWORK: &str = "
429 with a `Retry-After`, in a storm of ten minutes | All requests of the same limit wait as long as Azure asks; goes on within the timeout. | arm::client::a_storm_of_ten_minutes
429 for one of many | The others that need the same limit are not sent into it. | arm::limiter::a_429_is_shared
A `Retry-After` that is a date, negative, endless or nonsense | Between 0.1 s and one hour, or the usual pause. | arm::retry::any_header_is_bounded
A wait for Azure's limits of more than ten seconds | One line in the log, one warning at the end, with the limit and the time. | upgrade_run::calls::a_run_that_was_held_back_says_so_once_at_its_end
5xx, HTML, an empty or cut body on a read | Sent again, bounded; then an error with status and title. | arm::client::reads_get_through_misfortune
The answer to a write is lost | The cluster is read first; what runs is followed, never sent twice. | upgrade_run::misfortune::a_lost_answer_is_adopted
A write with an unknown outcome | It is not sent again before the cluster was read. | arm::client::a_write_with_an_unknown_outcome_is_sent_once
The connection is refused, or no name is resolved | Sent again: nothing was out. | arm::client::a_write_that_azure_did_not_take_is_sent_again
An outage of half an hour in the middle of a step | It is sat out. | upgrade_run::misfortune::an_outage_of_half_an_hour_in_the_middle_of_a_step_is_sat_out
A body that drips | One try has two minutes, whatever comes. | arm::credentials::account::an_answer_that_drips
A body beyond 16 MiB, compressed or not | An error; no more is read. | arm::client::an_endless_body_is_cut
Certificates that are expired, of the future, for another host, self-signed | Refused with advice; nothing was sent. There is no switch. | arm::credentials::tls::a_certificate_that_signs_itself
A proxy that refuses, or wants a password | A sentence that names the variable. | arm::credentials::tls::a_proxy_that_refuses
A redirect to another host | Not followed, and shown. No token leaves. | arm::client::redirects_are_not_followed
The address of an operation on another host, plain http, relative, with a user | Not called; the cluster is followed instead. | arm::operation::urls_to_which_no_token_goes
Pages of a list that lead elsewhere, in a circle or never end | Clusters are read one by one. | arm::client::pages_that_lead_astray
The token expires in the middle of an upgrade | A new one, once per call. | terraform_cli::owners::tokens_that_expire_in_the_middle_of_an_upgrade_are_renewed
The token service answers 429, 5xx or nothing | Asked again, bounded; who waited in vain hears why. | arm::hostile::everybody_who_waits_for_a_token_hears_why_there_is_none
Entra ID refuses the secret, the tenant, the federation | Refused with its code and what to do. | arm::credentials::application::entra_says_why_and_we_say_what_to_do
The file of a federated token changes | It is read each time. | arm::credentials::federated::a_file_is_read_each_time
`az` hangs | Ended, with all that it started, when nobody waits any more. | arm::credentials::cli::az_ends_with_whoever_started_it
`az` writes without end | 64 KiB are read. | arm::credentials::cli::az_that_writes_without_end
A role that lacks an action | The action and the scope are named. | terraform_cli::owners::a_missing_role_is_named
A 404 that is not about this very cluster | The state keeps it. | arm::error::gone_means_exactly_this_resource
";

const HOSTILE: &str = "
An error body of 16 MB, or with 300,000 details | 64 KiB and twenty sentences are read. | arm::hostile::an_error_of_sixteen_megabytes_takes_no_time
A body of another cluster or pool | Refused. | arm::hostile::the_body_of_another_resource_is_refused
Offers, windows or machines of another cluster | Refused. | arm::hostile::offers_and_lists_of_another_resource_are_refused
Control characters, terminal codes, text that runs backwards | One plain line, wherever it is shown or kept. | arm::hostile::no_control_character_of_a_body_is_kept
A token with a line break or NUL in it | Nothing is sent; final. | arm::hostile::a_token_that_cannot_be_sent_is_final
JSON nested without end | An error, no stack overflow. | arm::error::a_deep_body_is_no_stack_overflow
Unknown fields, missing fields, fields of other types, unknown words | Passed over; an unknown state means that it runs. | arm::response::nulls_and_wrong_types_are_absent
No `Date`, or one that is nonsense | No window is opened. | arm::client::an_answer_without_a_date_opens_no_window
Names, ids and zones that are long | Bounded before they are compared; not shown whole. | terraform::function::what_is_very_long_is_not_shown_whole
Damaged answers of every kind | No panic, nothing that steers a terminal. | fuzz::arm::bodies
Damaged values, states and private bytes for every call | An answer, and no bug is confessed. | fuzz::service::every_answer_is_sound
";

const SECRETS: &str = "
Azure, a proxy or a firewall repeats the token, plain or encoded, in a refusal | `[redacted]` in diagnostics and log. | arm::hostile::a_token_that_azure_repeats_is_not_shown
The same in an answer that is right | `[redacted]` in state and diagnostics. | arm::hostile::a_token_in_an_answer_that_is_right_is_not_shown
Entra ID repeats the form it was sent | `[redacted]`, percent-encoded or not. | arm::hostile::a_form_that_entra_repeats_is_not_shown
`az` writes a token into its error | `[redacted]`. | arm::credentials::cli::az_that_shows_a_token
A secret in any spelling, several times escaped | Found. | arm::redact::no_spelling_gets_through
A password in an address | It is not shown. | fuzz::arm::passwords_in_addresses
The log at TRACE, the state, the plan | No secret. | terraform_cli::misfortune::no_secret_is_told_to_anybody
A simulator whose address is given as Azure's | It is shown no real secret. | arm::credentials::provider::no_real_secret_goes_to_a_simulator_by_its_endpoint_alone
";

const AKS: &str = "
409: another operation runs | Waited for within window and timeout, and named. | upgrade_run::misfortune::an_operation_of_somebody_else_is_waited_for
412: somebody changed it meanwhile | Read again, written again. | upgrade_run::misfortune::a_change_between_read_and_write_is_read_again
A drain fails (a disruption budget, a quota) | Azure's words; the next plan repairs. | upgrade_run::misfortune::a_drain_that_fails_is_told_with_azures_words_and_repaired_next_time
Somebody cancels the step | Told, and planned again. | upgrade_run::misfortune::a_step_that_somebody_cancels_is_told_and_planned_again
The status of an operation is gone, expired or stuck | The cluster itself is followed. | upgrade_run::misfortune::an_operation_whose_status_is_stuck_is_held_against_the_cluster
A pool is removed between plan and apply | Refused; nothing is begun that cannot be ended. | upgrade_run::misfortune::a_pool_that_is_gone_since_the_plan_is_named
A pool is added between plan and apply | It waits for the next plan. | terraform_cli::meanwhile::a_pool_that_was_added_waits_for_the_next_plan
The cluster is deleted | The policy goes with the next refresh. | terraform_cli::lifecycle::a_cluster_that_is_gone_takes_the_policy_with_it
The cluster is stopped | Refused, with the reason. | terraform_cli::misfortune::a_stopped_cluster_is_told_and_left_alone
Azure withdraws the version | Refused before a write. | terraform_cli::meanwhile::a_version_that_azure_withdrew_refuses_the_plan
The version is not offered | The plan says what is. | terraform_cli::misfortune::a_version_that_is_not_offered
The target is two minors ahead | One after the other; pools never above the control plane, never too far behind. | terraform_cli::windows::two_minors_finish_one_before_the_next
The target is older than what runs | Nothing to do: a target means at least. | terraform_cli::windows::a_newer_cluster_is_satisfied
A preview version | Only where it is allowed. | terraform_cli::goals::a_preview_is_taken_only_where_it_is_allowed
AKS's own upgrade channel is on | Told, and the plan does not act. | terraform_cli::misfortune::an_upgrade_channel_of_aks_is_told_and_stops_the_plan
Two pipelines apply at once | Each step is written once. | upgrade_run::misfortune::two_pipelines_on_one_cluster_write_every_step_once
Two resources of a run upgrade one cluster | They take turns; each pool is drained once. | upgrade_run::misfortune::two_resources_on_one_cluster_take_turns_and_compose
Somebody does the upgrade between plan and apply | Nothing is written. | upgrade_run::misfortune::somebody_who_finishes_the_upgrade_leaves_us_nothing_to_do
A newer image appears after the plan | It is not adopted. | upgrade_run::misfortune::a_node_image_that_moved_on_since_the_plan_is_not_adopted
Any clusters, any policies, any accidents, drawn by a seed | Every law holds. | upgrade_run::truth::the_laws_hold_whatever_the_seed
";

const TIME: &str = "
The window closes between plan and apply | Refused, with the next window. | terraform_cli::windows::a_saved_plan_is_refused_after_its_window_closed
The window closes between two steps | What runs ends, nothing more is started. | upgrade_run::window::a_window_that_closes_between_two_steps_ends_the_apply_after_the_first
The window closes while a write waits for Azure's limits | It is not sent. | upgrade_run::window::a_throttled_write_is_not_sent_after_the_window_closed
The window closes while the machine is suspended | Azure's newest `Date` is asked before a write is sent again. | arm::hostile::a_write_is_not_sent_again_after_its_window
A step that no longer fits | It is not started. | terraform_cli::windows::a_cutoff_leaves_the_end_of_the_window_alone
The clocks change in the window | Four hours are four hours; an hour that is skipped or comes twice opens once. | upgrade::window::zones::in_every_zone_of_the_database_each_day_of_a_spring_opens_once
Ten years of openings in every kind of window | As an independent calendar says. | upgrade::window::oracle::openings_of_ten_years_are_those_of_the_oracle
The 31st, the last Friday, 29 February, every other week | As the calendar says. | upgrade::window::recurrence::the_rarest_windows_open_when_the_calendar_says
The clock of the machine is wrong | A warning; windows are judged by Azure's clock. | upgrade_run::preview::a_machine_whose_clock_is_off_is_told_and_opens_no_window
An override expires before the apply | It opens nothing. | upgrade_run::window::an_override_that_expires_before_the_apply_opens_nothing
Windows at the ends of the calendar | No panic, no overflow. | fuzz::windows::openings
";

const STATE: &str = "
A state of a newer provider | Refused; nothing was changed. | terraform_cli::memory::a_state_of_a_newer_provider_is_refused
A state of an older provider, with fields that are gone | Read; the plan is empty. | terraform_cli::memory::a_state_of_an_older_provider_gains_what_it_lacks
Private bytes that are foreign or damaged | Passed over; the next refresh writes new ones. | terraform_cli::memory::private_bytes_that_nobody_knows_are_passed_over
An import id of a pool, with `..`, `%2f`, `?`, a line break | Refused before anybody is asked. | terraform_cli::lifecycle::a_wrong_import_id_is_refused_before_anybody_is_asked
The id in another spelling | The same cluster; no difference. | terraform_cli::spelling::another_spelling_of_the_id_plans_nothing
A create fails or is interrupted | No tainted object, no replacement. | terraform_cli::misfortune::a_failed_create_leaves_no_tainted_object
`-refresh=false` | Asks nobody; the apply looks for itself. | terraform_cli::memory::a_plan_without_a_refresh_asks_nobody
`-target`, `-replace`, `-refresh-only`, `moved`, `removed`, `count` up and down | Nothing happens to the cluster by it. | terraform_cli::modes::replacing_a_policy_upgrades_nothing
Destroy | It touches nothing, and says so. | terraform_cli::lifecycle::destroying_touches_nothing_and_says_so
An argument that is known only after apply | Nothing is started that no plan showed. | upgrade_run::unknown::what_no_plan_showed_does_not_start_whichever_argument_is_unknown
Everything that is wrong in a configuration | Told in one go, each at its attribute. | terraform_cli::configuration::every_error_is_told_at_once
";

/// Reads a row.
fn row(line: &str) -> [&str; 3] {
    let cells: Vec<&str> = line.split(" | ").collect();
    cells.try_into().unwrap_or_else(|_| panic!("{line}"))
}

/// Returns the rows of a part.
fn rows(part: &'static str) -> impl Iterator<Item = [&'static str; 3]> {
    part.trim().lines().map(row)
}

/// Names every test of the crate: the path of its file, and its function.
fn tests() -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for file in files("tests/it").into_iter().filter(|file| file.ends_with(".rs")) {
        let module = file.trim_end_matches(".rs").trim_end_matches("/mod").replace('/', "::");
        let text = std::fs::read_to_string(project("tests/it").join(&file)).unwrap();
        let mut lines = text.lines().map(str::trim);
        while lines.by_ref().any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test")) {
            let function = lines.by_ref().find_map(|line| line.split_once("fn ").map(|(_, rest)| rest));
            let name = function.and_then(|rest| rest.split('(').next()).unwrap_or_default();
            all.insert(format!("{module}::{name}"));
        }
    }
    all
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    for (title, part) in PARTS {
        page += &format!("\n## {title}\n\n| what goes wrong | what happens | shown by |\n|---|---|---|\n");
        for [fault, outcome, test] in rows(part) {
            page += &format!("| {fault} | {outcome} | `{test}` |\n");
        }
    }
    page
}

#[test]
fn every_fault_has_a_test_that_shows_it() {
    let tests = tests();
    assert!(tests.len() > 1000, "{}", tests.len());
    let rows = || PARTS.iter().flat_map(|(_, part)| rows(part));
    for [fault, _, test] in rows() {
        assert!(tests.contains(test), "{fault}: there is no test {test}");
    }
    let faults: BTreeSet<&str> = rows().map(|[fault, ..]| fault).collect();
    assert_eq!(faults.len(), rows().count(), "a fault is told once");
}

#[test]
fn the_guide_of_every_fault_is_up_to_date() {
    let file = project("docs/guides/faults.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, page()).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        written == page(),
        "docs/guides/faults.md is not what the table says; run the test with UPDATE_DOCS=1"
    );
}

const HEAD: &str = r#"---
page_title: "Every fault"
subcategory: ""
description: |-
  What may go wrong, what happens then, and the test that shows it.
---

# Every fault

For whoever has to vouch for this provider: what may go wrong, what happens then, and the test of the project that shows
it. Run one with `cargo test --test it -- NAME`. The page *When something goes wrong* sets some of these beside az, azapi
and azurerm. What others write is fuzzed, too: `FUZZ_SECONDS=600 cargo test --test it fuzz::` takes new cases for so long.
"#;
