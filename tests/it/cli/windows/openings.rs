//! Openings of the command line, of a plan and of a state.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::{shows, windows};
use crate::terraform_cli::stage::{PROD, Stage, THURSDAY};

const SATURDAYS: &str = "days=saturday start=02:00 duration=4h time_zone=Europe/Berlin";

#[test]
fn openings_are_told_in_the_zone_and_in_utc() {
    let blackout = "from=2026-12-05T03:00:00Z to=2026-12-19T12:00:00Z reason='a fair'";
    shows(
        &["--maintenance-window", SATURDAYS, "--blackout", blackout, "--count", "3"],
        "Saturdays 02:00-06:00 Europe/Berlin; not 2026-12-05T03:00:00Z to 2026-12-19T12:00:00Z (a fair)\n\n\
         OPENS                 CLOSES  ZONE           UTC                            OPEN FOR  CLOSED EARLY BY\n\
         Sat 2026-11-28 02:00  06:00   Europe/Berlin  Sat 2026-11-28 01:00 to 05:00  4h\n\
         Sat 2026-12-05 02:00  04:00   Europe/Berlin  Sat 2026-12-05 01:00 to 03:00  2h        blackout 2026-12-05T03:00:00Z to 2026-12-19T12:00:00Z (a fair)\n\
         Sat 2026-12-12 02:00  06:00   Europe/Berlin  Sat 2026-12-12 01:00 to 05:00  never     blackout 2026-12-05T03:00:00Z to 2026-12-19T12:00:00Z (a fair)\n\
         Sat 2026-12-19 02:00  06:00   Europe/Berlin  Sat 2026-12-19 01:00 to 05:00  never     blackout 2026-12-05T03:00:00Z to 2026-12-19T12:00:00Z (a fair)\n\
         Sat 2026-12-26 02:00  06:00   Europe/Berlin  Sat 2026-12-26 01:00 to 05:00  4h\n",
    );
}

#[test]
fn limits_are_told() {
    let images = "days=all start=22:00 duration=1h time_zone=UTC applies_to=node_image node_pools=batch";
    let all = "days=thursday start=22:00 duration=2h time_zone=UTC";
    let (_, said, told) = windows(&["-w", images, "-w", all, "--count", "3", "--json"]);
    let said: Value = serde_json::from_str(&said).expect(&told);
    let openings = said["policies"][0]["openings"].as_array().unwrap();
    assert_eq!(openings[0]["limits"], json!([]));
    assert_eq!(openings[1]["limits"], json!([{ "applies_to": ["node_image"], "parts": ["pool batch"] }]));
    assert_eq!(
        (&openings[1]["start"], &openings[1]["end"]),
        (&json!("2026-11-27T22:00:00Z"), &json!("2026-11-27T23:00:00Z"))
    );
}

#[track_caller]
fn refuses(arguments: &[&str], sentence: &str) {
    let (code, said, told) = windows(arguments);
    assert_eq!((code, said.as_str()), (Some(2), ""), "{told}");
    assert!(told.contains(sentence), "{told}");
}

#[test]
fn what_is_wrong_on_the_command_line_is_said_before_anything_is_done() {
    refuses(
        &["-w", "days=saturday start=02:00 duration=4h timezone=UTC"],
        "there is no \"timezone\" here (did you mean \"time_zone\"?)",
    );
    refuses(
        &["-w", "days=sat start=02:00 duration=4h time_zone=UTC"],
        "days: \"sat\" is not a day of the week",
    );
    refuses(&["-w", "days= start=02:00 duration=4h time_zone=UTC"], "days: The list days is empty");
    refuses(&["-w", "saturday"], "\"saturday\" is no key=value, such as start=02:00");
    refuses(
        &["-w", "days=saturday days=sunday"],
        "\"days\" is written twice; a list has commas: days=saturday,sunday",
    );
    refuses(&["-w", "reason=\"year end"], "a quotation mark is never closed");
    refuses(&["-w", "days=saturday duration=4h time_zone=UTC"], "`start` is required and was left out");
    refuses(
        &["-w", SATURDAYS, "-b", "from=12-15 to=01-05 yearly=true"],
        "time_zone: The days of a blackout begin and end in a time zone",
    );
    refuses(
        &["-w", SATURDAYS, "-b", "from=12-15 to=01-05 yearly=perhaps time_zone=UTC"],
        "yearly: a boolean was expected, a string was given",
    );
    refuses(&["-w", SATURDAYS, "--count", "0"], "0 is not in 1..=1000");
    refuses(&[], "required arguments were not provided");
}

#[test]
fn a_script_asks_whether_it_is_open() {
    let open = "days=thursday start=11:00 duration=4h time_zone=UTC";
    assert_eq!(windows(&["-w", open, "--exit-code"]).0, Some(0));
    assert_eq!(windows(&["-w", SATURDAYS, "--exit-code"]).0, Some(3));
    assert_eq!(windows(&["-w", SATURDAYS]).0, Some(0));
}

#[test]
fn a_file_that_terraform_did_not_print_is_said_to_be_one() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let path = file.path().to_str().unwrap();
    for text in ["PK\u{3}\u{4}", "{\"version\": 4}", ""] {
        std::fs::write(&file, text).unwrap();
        let (code, _, told) = windows(&["--from", path]);
        assert_eq!(code, Some(1));
        let sentence = "is not what `terraform show -json` prints: write `terraform show -json upgrades.tfplan >plan.json`, or `terraform show -json >state.json`";
        assert!(told.contains(sentence), "{told}");
    }
    std::fs::write(&file, r#"{"format_version":"1.0"}"#).unwrap();
    let (code, _, told) = windows(&["--from", path]);
    assert_eq!(code, Some(1));
    assert!(
        told.contains("holds no aks_upgrade_policy and no aks_node_image whose windows are known"),
        "{told}"
    );
    let (code, _, told) = windows(&["--from", "/nowhere"]);
    assert_eq!(code, Some(1));
    assert!(told.starts_with("Error: /nowhere cannot be read: "), "{told}");
    let (code, _, told) = windows(&["--from", "-"]);
    assert_eq!(code, Some(1));
    assert!(told.starts_with("Error: Standard input is not what "), "{told}");
}

/// Hands what `terraform show -json` prints to `windows --from -`.
fn from(shown: &str, more: &[&str]) -> (String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_terraform-provider-aks"))
        .args(["windows", "--from", "-", "--after", THURSDAY, "--count", "1"])
        .args(more)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(shown.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_policy_of_a_plan_and_of_a_state_is_shown() {
    let stage = Stage::at(THURSDAY).await;
    let window = "maintenance_window {\n days = [\"saturday\"]\n start = \"02:00\"\n duration = \"4h\"\n time_zone = \"Europe/Berlin\"\n }";
    let glass =
        "override {\n reason = \"CVE-1\"\n expires = \"2026-11-26T18:00:00Z\"\n ignore = [\"window\"]\n }";
    let policy = format!(
        "resource \"aks_upgrade_policy\" \"all\" {{\n for_each = toset([\"a\"])\n cluster_id = local.prod\n \
         kubernetes_version = \"1.34\"\n {window}\n {glass}\n }}\n"
    );
    stage.main(&policy);
    stage.terraform(&["plan", "-out=upgrades.tfplan"]).await.succeeds();
    let plan = stage.json(&["show", "-json", "upgrades.tfplan"]).await.to_string();
    let wanted = "aks_upgrade_policy.all[\"a\"]: Saturdays 02:00-06:00 Europe/Berlin\n\n\
                  OPENS   CLOSES                ZONE           UTC                             CLOSED EARLY BY\n\
                  always  Thu 2026-11-26 19:00  Europe/Berlin  always to Thu 2026-11-26 18:00  the end of the override (CVE-1)\n";
    assert_eq!(from(&plan, &[]), (wanted.to_owned(), String::new()));
    stage.apply().await.succeeds();
    let state = stage.json(&["show", "-json"]).await.to_string();
    assert_eq!(from(&state, &[]), (wanted.to_owned(), String::new()));
    assert!(state.contains(PROD));

    // Of windows that are known only after the apply those of the state count; where there is no state, none.
    let unknown = policy.replace("\"02:00\"", "terraform_data.start.output");
    let unknown = unknown + "resource \"terraform_data\" \"start\" {\n input = \"03:00\"\n }\n";
    let new = unknown
        .replace("\"all\"", "\"new\"")
        .replace("resource \"terraform_data\" \"start\" {\n input = \"03:00\"\n }\n", "");
    stage.main(&(unknown + &new));
    stage.terraform(&["plan", "-out=upgrades.tfplan"]).await.succeeds();
    let plan = stage.json(&["show", "-json", "upgrades.tfplan"]).await.to_string();
    let (said, told) = from(&plan, &[]);
    assert_eq!(said, wanted);
    let left_out = "Warning: aks_upgrade_policy.new[\"a\"] is left out: its windows are known only after the apply, and there \
                    are none in the state.\n";
    assert_eq!(told, left_out);
}
