//! What the doctor found, for people and for programs.

use anstyle::Style;
use serde_json::{Value, json};

use crate::cli::table::{BAD, GOOD, HEAD, NOTE};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// It is as it should be.
    Good,
    /// Upgrades go on, and somebody should know.
    Note,
    /// An upgrade will fail, stop or surprise.
    Bad,
}

impl Grade {
    fn word(self) -> &'static str {
        match self {
            Grade::Good => "ok",
            Grade::Note => "note",
            Grade::Bad => "bad",
        }
    }

    fn style(self) -> Style {
        match self {
            Grade::Good => GOOD,
            Grade::Note => NOTE,
            Grade::Bad => BAD,
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at, such as `permission`: one word of a list that only grows.
    pub check: &'static str,
    /// The cluster, subscription or address that it is about; empty where it is about all of them.
    pub subject: String,
    /// How much it matters.
    pub grade: Grade,
    /// What was found, in a sentence.
    pub message: String,
    /// What to do about it; `None` where nothing has to be done.
    pub fix: Option<String>,
}

impl Finding {
    /// Creates a finding that all is well.
    pub fn good(check: &'static str, subject: &str, message: impl Into<String>) -> Self {
        let (subject, message) = (subject.to_owned(), message.into());
        Finding { check, subject, grade: Grade::Good, message, fix: None }
    }

    /// Creates a finding that somebody should know of.
    pub fn note(
        check: &'static str,
        subject: &str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        let found = Finding::good(check, subject, message);
        Finding { grade: Grade::Note, fix: Some(fix.into()), ..found }
    }

    /// Creates a finding that stands in the way.
    pub fn bad(
        check: &'static str,
        subject: &str,
        message: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        Finding { grade: Grade::Bad, ..Finding::note(check, subject, message, fix) }
    }
}

/// Draws the findings as lines: the grade, what it is about, and the fix below.
#[must_use]
pub fn lines(findings: &[Finding]) -> Vec<String> {
    findings.iter().flat_map(shown).chain([String::new(), summary(findings)]).collect()
}

fn shown(finding: &Finding) -> Vec<String> {
    let Finding { check, subject, grade, message, fix } = finding;
    let about = if subject.is_empty() { String::new() } else { format!(" {subject}") };
    let style = grade.style();
    let said = format!("{style}{:<5}{style:#}{HEAD}{check}{HEAD:#}{about}: {message}", grade.word());
    std::iter::once(said).chain(fix.iter().map(|fix| format!("     fix: {fix}"))).collect()
}

fn summary(findings: &[Finding]) -> String {
    let count = |grade| findings.iter().filter(|finding| finding.grade == grade).count();
    format!("{} ok, {} to know, {} to mend", count(Grade::Good), count(Grade::Note), count(Grade::Bad))
}

/// Returns the findings as one object; `docs/guides/command-line.md` promises its shape.
#[must_use]
pub fn document(findings: &[Finding]) -> Value {
    let one = |finding: &Finding| {
        let Finding { check, subject, grade, message, fix } = finding;
        json!({ "check": check, "subject": subject, "grade": grade.word(), "message": message, "fix": fix })
    };
    json!({ "findings": findings.iter().map(one).collect::<Vec<_>>(), "is_well": is_well(findings) })
}

/// Tells whether nothing stands in the way.
#[must_use]
pub fn is_well(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.grade < Grade::Bad)
}
