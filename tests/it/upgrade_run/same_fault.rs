//! The same fault, four clients: what `az`, azapi and azurerm did, and what this provider does.
//!
//! Their columns were seen on a stand-in Azure (az 2.91, azapi, azurerm); ours is the outcome of the
//! scenarios below, rendered into `docs/guides/reliability.md`. `UPDATE_DOCS=1` writes the page anew.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use tokio_util::sync::CancellationToken;

use super::scene::{ALL, wanting_135};
use super::{Action, Azure, Fate, PROD};

/// What is done to the line or to Azure, before the apply.
type Disturb = fn(&Azure);

/// One row of the page.
struct Row {
    fault: &'static str,
    others: [&'static str; 3],
    disturb: Disturb,
    /// What has to happen, in the words of the page.
    ours: fn(&Outcome) -> String,
    meaning: &'static str,
}

/// What happened.
struct Outcome {
    error: Option<(String, String)>,
    writes: Vec<String>,
    hosts: usize,
    anonymous: bool,
    took: Duration,
}

fn rows() -> Vec<Row> {
    vec![
        Row {
            fault: "429 three times, `Retry-After: 1`",
            others: ["goes on", "goes on", "not run"],
            disturb: |azure| {
                azure.fault("method = \"GET\"\ntimes = 3\ndoes = \"answer\"\nstatus = 429\nretry_after = 1")
            },
            ours: Outcome::goes_on,
            meaning: "Azure asks for fewer requests. The request is sent again after the time that Azure names.",
        },
        Row {
            fault: "503 twice on a read, on a write and on a poll",
            others: [
                "goes on (sends the POST again)",
                "goes on (sends the POST again)",
                "goes on (500 three times on a poll)",
            ],
            disturb: |azure| {
                for script in [
                    "method = \"GET\"\npath = \"managedClusters\"",
                    "method = \"PUT\"",
                    "path = \"operations\"",
                ] {
                    azure.fault(&format!("{script}\ntimes = 2\ndoes = \"answer\"\nstatus = 503"));
                }
            },
            ours: Outcome::goes_on,
            meaning: "The service fails for a moment. A read is sent again; a write only after the cluster was read, since the failure does not say whether Azure took it.",
        },
        Row {
            fault: "upgrade accepted, answer lost",
            others: [
                "fails: \"Connection aborted\"; the upgrade runs unseen",
                "fails: sends it again and meets its own 409",
                "fails; the next plan writes again",
            ],
            disturb: |azure| azure.fault("method = \"PUT\"\ndoes = \"cut_after\""),
            ours: Outcome::goes_on,
            meaning: "The cluster is read, the running upgrade is found and followed. It is never sent twice.",
        },
        Row {
            fault: "connection cut before Azure heard of the upgrade",
            others: ["fails", "goes on", "not run"],
            disturb: |azure| azure.fault("method = \"PUT\"\ndoes = \"cut_before\""),
            ours: Outcome::goes_on,
            meaning: "From here it looks like the row above. The cluster is read, nothing runs, the write is sent again.",
        },
        Row {
            fault: "a read dropped, and half a body twice",
            others: ["goes on", "goes on", "not run"],
            disturb: |azure| {
                azure.fault("method = \"GET\"\ndoes = \"cut_before\"");
                azure.fault("method = \"GET\"\ntimes = 2\ndoes = \"truncate\"");
            },
            ours: Outcome::goes_on,
            meaning: "An answer that breaks off is no answer; it is asked for again.",
        },
        Row {
            fault: "the operation's status answers 404",
            others: ["fails: NotFound", "fails", "goes on if it is over within three polls"],
            disturb: |azure| {
                azure.fault("path = \"operations\"\ntimes = 1000\ndoes = \"answer\"\nstatus = 404")
            },
            ours: Outcome::goes_on,
            meaning: "It says that the status cannot be read, not that the upgrade failed. The cluster itself is followed instead.",
        },
        Row {
            fault: "the operation's status answers 401 once",
            others: ["fails", "fails", "fails: \"polling after CreateOrUpdate: 401\""],
            disturb: |azure| azure.fault("path = \"operations\"\ndoes = \"answer\"\nstatus = 401"),
            ours: Outcome::goes_on,
            meaning: "The token has expired during a long upgrade. A new one is fetched once.",
        },
        Row {
            fault: "an unknown status, `Frobnicating`, twice",
            others: ["waits, 30 s a step", "goes on", "not run"],
            disturb: |azure| {
                azure.fault("path = \"operations\"\ntimes = 2\ndoes = \"answer\"\nstatus = 200\nbody = '{\"name\":\"x\",\"status\":\"Frobnicating\"}'")
            },
            ours: Outcome::goes_on,
            meaning: "Azure's list of status words is open. Whatever is not an end means that it runs.",
        },
        Row {
            fault: "the upgrade fails, its message holds terminal codes (`\\u001b[31m`)",
            others: ["fails, the codes reach the terminal", "fails, codes kept as text", "not run"],
            disturb: |azure| {
                azure.fault("path = \"operations\"\ndoes = \"answer\"\nstatus = 200\nbody = '{\"name\":\"x\",\"status\":\"Failed\",\"error\":{\"code\":\"UpgradeFailed\",\"message\":\"\\u001b[31mthe drain was blocked by pdb web\"}}'")
            },
            ours: |outcome| {
                outcome.fails_with("Upgrade step failed", "UpgradeFailed: the drain was blocked by pdb web")
            },
            meaning: "The reason is shown with its code, without what would steer a terminal.",
        },
        Row {
            fault: "the same, with a raw escape byte that makes the JSON invalid",
            others: ["fails, the reason is lost", "fails, the reason is lost", "not run"],
            disturb: |azure| {
                azure.accidents(|call| {
                    if !call.path.contains("/operations/") {
                        return Fate::Pass;
                    }
                    Fate::Rewrite(Box::new(|answer| {
                        let body = b"{\"name\":\"x\",\"status\":\"Failed\",\"error\":{\"code\":\"UpgradeFailed\",\"message\":\"\x1b[31mthe drain was blocked by pdb web\"}}";
                        answer.map(|_| Bytes::from_static(body))
                    }))
                });
            },
            ours: |outcome| {
                outcome
                    .fails_with("Upgrade step failed", "UpgradeFailed: [31mthe drain was blocked by pdb web")
            },
            meaning: "Control bytes are taken out before the body is read, so the reason is not lost.",
        },
        Row {
            fault: "202 without a status address",
            others: ["says done at once, checks nothing", "says done at once", "not run"],
            disturb: |azure| {
                azure.accidents(|call| if call.method == "PUT" { without_addresses() } else { Fate::Pass });
            },
            ours: Outcome::goes_on,
            meaning: "The cluster is followed until it shows the version and is at rest.",
        },
        Row {
            fault: "200 with `provisioningState: Failed`",
            others: ["says done", "says done", "not run"],
            disturb: |azure| {
                azure.outcome("kind = \"upgrade\"\nends = \"fail\"");
                azure.accidents(|call| if call.method == "PUT" { without_addresses() } else { Fate::Pass });
            },
            ours: |outcome| outcome.fails_with("Upgrade step failed", "UpgradeFailed: Drain node"),
            meaning: "Done means the version is there and Azure says Succeeded. Anything else is told, with Azure's reason.",
        },
        Row {
            fault: "the status address is on a foreign host",
            others: [
                "**sends the token there**; fails",
                "**sends the token there**; a 404 from there counts as success",
                "uses only the path",
            ],
            disturb: |azure| rewrite_status(azure, "https://evil.example"),
            ours: Outcome::stays_home,
            meaning: "The address is not called and no token leaves for it. The cluster is followed instead.",
        },
        Row {
            fault: "the status address is plain HTTP",
            others: ["refuses after 5 s", "refuses", "not run"],
            disturb: |azure| rewrite_status(azure, "http://management.azure.com"),
            ours: Outcome::stays_home,
            meaning: "As above: a token never travels in the clear.",
        },
        Row {
            fault: "307 to another host",
            others: ["follows without token", "follows without token", "not run"],
            disturb: |azure| {
                azure.accidents(|call| {
                    if !call.path.ends_with("managedClusters/prod") {
                        return Fate::Pass;
                    }
                    Fate::Rewrite(Box::new(|_| {
                        let answer =
                            Response::builder().status(307).header("location", "https://evil.example/");
                        answer.body(Bytes::new()).unwrap()
                    }))
                });
            },
            ours: |outcome| {
                assert_eq!(outcome.hosts, 1);
                outcome.fails_with("Cluster could not be read", "answered 307")
            },
            meaning: "Azure Resource Manager does not redirect, so a redirect comes from something in between. It is not followed, and shown.",
        },
        Row {
            fault: "429 with `Retry-After: 3600`",
            others: ["sleeps in silence", "gives up at once", "waits (by its source)"],
            disturb: |azure| {
                azure.fault("method = \"PUT\"\ndoes = \"answer\"\nstatus = 429\nretry_after = 3600")
            },
            ours: |outcome| {
                assert!(outcome.took >= Duration::from_secs(3600));
                outcome.goes_on() + " after the hour, with a log line"
            },
            meaning: "It waits as long as it is told, if window and timeout allow, and says so in the log. A write is never sent after its window closed.",
        },
        Row {
            fault: "a page of HTML with 502, for ever",
            others: ["JSON error after 6 s", "still retrying after 90 s", "not run"],
            disturb: |azure| azure.fault("method = \"GET\"\ntimes = 100000\ndoes = \"html\"\nstatus = 502"),
            ours: |outcome| {
                outcome.fails_with(
                    "Cluster could not be read",
                    "answered 502: an HTML page titled \"502 Bad Gateway\"",
                )
            },
            meaning: "A proxy answers instead of Azure. After the retries the error shows status and title; once an upgrade runs, the outage is sat out until the timeout.",
        },
        Row {
            fault: "500 for ever",
            others: [
                "4 tries in 6 s",
                "still retrying after 120 s, bound by its timeouts",
                "retries for about 10 min",
            ],
            disturb: |azure| azure.fault("times = 100000\ndoes = \"answer\"\nstatus = 500"),
            ours: |outcome| {
                outcome.fails_with("Cluster could not be read", "answered 500 InternalServerError")
            },
            meaning: "As above.",
        },
    ]
}

fn without_addresses() -> Fate {
    Fate::Rewrite(Box::new(|mut answer| {
        answer.headers_mut().remove("azure-asyncoperation");
        answer.headers_mut().remove("location");
        answer
    }))
}

fn rewrite_status(azure: &Azure, host: &'static str) {
    azure.accidents(move |call| {
        if call.method != "PUT" {
            return Fate::Pass;
        }
        Fate::Rewrite(Box::new(move |mut answer| {
            let address = format!(
                "{host}/subscriptions/x/providers/Microsoft.ContainerService/locations/y/operations/z?t=1"
            );
            answer.headers_mut().insert("azure-asyncoperation", address.parse().unwrap());
            answer
        }))
    });
}

impl Outcome {
    #[track_caller]
    fn goes_on(&self) -> String {
        assert_eq!(self.error, None);
        assert_eq!(self.writes, ALL);
        "goes on".to_owned()
    }

    #[track_caller]
    fn stays_home(&self) -> String {
        assert_eq!(self.hosts, 1, "another host was asked");
        self.goes_on() + "; asks no other host"
    }

    #[track_caller]
    fn fails_with(&self, summary: &str, words: &str) -> String {
        let (said, detail) = self.error.as_ref().expect("it should fail");
        assert_eq!(said, summary, "{detail}");
        assert!(detail.contains(words), "{detail}");
        assert!(!detail.chars().any(|c| c.is_control()), "{detail:?}");
        format!("fails: \"{summary}\", with Azure's reason")
    }
}

/// Plans, disturbs, applies.
async fn outcome(disturb: Disturb) -> Outcome {
    let (azure, terraform) = wanting_135().await;
    let plan = terraform.plan().await;
    disturb(&azure);
    let began = tokio::time::Instant::now();
    let result = terraform.apply(&plan).await;
    Outcome {
        error: result.err().map(|error| (error.summary, error.detail)),
        writes: azure.writes(),
        hosts: azure.hosts().len(),
        anonymous: azure.exchanges().iter().any(|one| !one.authorized),
        took: began.elapsed(),
    }
}

/// Ctrl-C a minute after the upgrade began, or the death of the process.
async fn interrupted(kill: bool) -> String {
    let (azure, terraform) = wanting_135().await;
    let plan = terraform.plan().await;
    let stop = CancellationToken::new();
    let minute = tokio::time::sleep(Duration::from_secs(60));
    if kill {
        tokio::select! { _ = terraform.apply(&plan) => panic!("too fast"), () = minute => {} }
    } else {
        let applying = terraform.apply_until(&plan, stop.clone());
        let (result, ()) = tokio::join!(applying, async {
            minute.await;
            stop.cancel();
        });
        assert_eq!(result.unwrap_err().summary, "Upgrade interrupted");
        assert_eq!(terraform.shown()["status"], "upgrading");
    }
    let next = terraform.plan().await;
    assert_eq!(next.only().action, Action::Update);
    terraform.apply(&next).await.unwrap();
    assert_eq!(azure.writes(), ALL, "{PROD}: a write was repeated");
    "the next apply attaches to what runs and goes on; no write twice".to_owned()
}

#[tokio::test(start_paused = true)]
async fn the_page_of_the_same_faults_is_true() {
    let mut lines = Vec::new();
    let mut meanings = Vec::new();
    for row in rows() {
        let outcome = outcome(row.disturb).await;
        assert!(!outcome.anonymous, "{}: a request without a token", row.fault);
        let [az, azapi, azurerm] = row.others;
        let ours = (row.ours)(&outcome);
        lines.push(format!("| {} | {az} | {azapi} | {azurerm} | {ours} |", row.fault));
        meanings.push(format!("- **{}.** {}", row.fault, row.meaning));
    }
    let ours = interrupted(false).await;
    lines.push(format!("| Ctrl-C in the middle of an upgrade | not run | not run | exits after 1 s, its state shows the old version, the next apply writes again | {ours} |"));
    meanings.push("- **Ctrl-C in the middle of an upgrade.** No further step is started, the state says `upgrading`, and the error says what runs. Azure goes on by itself.".to_owned());
    let ours = interrupted(true).await;
    lines.push(format!("| the provider is killed in the middle of an upgrade | not run | not run | its state is old, the next apply writes again | {ours} |"));
    meanings.push("- **The provider is killed in the middle of an upgrade.** Nothing is remembered and nothing has to be: the next refresh reads what runs from Azure.".to_owned());
    let page =
        format!("{HEAD}\n{}\n\n## What each row means\n\n{}\n{TAIL}", lines.join("\n"), meanings.join("\n"));
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/guides/reliability.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/docs")).unwrap();
        std::fs::write(file, &page).unwrap();
    }
    let written = std::fs::read_to_string(file).unwrap_or_default();
    assert!(
        written == page,
        "docs/guides/reliability.md is not what the tests show; run them with UPDATE_DOCS=1"
    );
}

const HEAD: &str = r#"---
page_title: "When something goes wrong"
subcategory: ""
description: |-
  What happens to an upgrade when a token expires, a network breaks or a runner dies, beside az, azapi and azurerm.
---

# When something goes wrong

For whoever has been called at night by an upgrade.

An upgrade takes an hour, and in an hour a token expires, a proxy restarts and somebody presses Ctrl-C. This page shows what
four clients of Azure do under the same fault. "Goes on" means that the upgrade ends well and nobody has to do anything.

The columns of the Azure CLI (2.91), azapi and azurerm are observations: each client was run against a small stand-in Azure
that did what the row says, or its source was read where the cell says so. "Not run" means that nobody tried. They
were made once and by hand, with the write that each client sends (a POST for some). The last column is this provider under the same
fault on the simulator that it brings along; a test makes it anew and fails when it stops being true.

| fault | az | azapi | azurerm | this provider |
|---|---|---|---|---|"#;

const TAIL: &str = "
## What holds in every row

- No write is sent outside an open window, whatever held it up.
- A write whose outcome is unknown is never sent again before the cluster was read.
- Azure's own code, message and request id are in the error, never a bare \"timeout\".
- The operation in Azure is never aborted: it goes on, and the next apply attaches to it.
- After any of these, applying again until the plan is empty ends where an undisturbed apply ends. A test interrupts an
  upgrade of two minors and three pools at every single request to show it.
";
