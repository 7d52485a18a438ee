//! What a path at or below a Fleet asks for.

/// What of a Fleet; names keep the case in which they were written.
#[derive(Clone, Debug)]
pub(in crate::simulator::world) enum Part {
    Fleet,
    Credentials,
    List(Kind),
    One(Kind, String),
    /// An action on one of them, in lower case.
    Act(Kind, String, String),
}

/// The kinds of resources below a Fleet that are played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator::world) enum Kind {
    Member,
    Strategy,
    Run,
    Profile,
    Gate,
}

impl Part {
    /// Reads the words after the Fleet's name, given in lower case and as they were written.
    pub(in crate::simulator::world) fn of(lower: &[&str], own: &[&str]) -> Option<Self> {
        let name = || own.get(1).copied().unwrap_or_default().to_owned();
        Some(match lower {
            [] => Part::Fleet,
            ["listcredentials"] => Part::Credentials,
            [kind] => Part::List(Kind::of(kind)?),
            [kind, _] => Part::One(Kind::of(kind)?, name()),
            [kind, _, action] => Part::Act(Kind::of(kind)?, name(), (*action).to_owned()),
            _ => return None,
        })
    }
}

impl Kind {
    const ALL: [Self; 5] = [Self::Member, Self::Strategy, Self::Run, Self::Profile, Self::Gate];

    fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word().eq_ignore_ascii_case(word))
    }

    /// Returns the word of the path.
    pub(in crate::simulator::world) fn word(self) -> &'static str {
        match self {
            Self::Member => "members",
            Self::Strategy => "updateStrategies",
            Self::Run => "updateRuns",
            Self::Profile => "autoUpgradeProfiles",
            Self::Gate => "gates",
        }
    }
}
