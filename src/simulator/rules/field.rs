//! The table of fields.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::simulator::rules::kind::Kind;

/// The fields of one object.
#[derive(Debug, Default)]
pub(super) struct Fields(BTreeMap<&'static str, Field>);

/// A field of an object.
#[derive(Debug)]
pub(super) struct Field {
    pub kind: Kind,
    /// Whether previews of the API only know it.
    pub preview: bool,
    required: bool,
}

/// The table as it is written.
const TABLE: &str = include_str!("fields.tsv");

static OBJECTS: LazyLock<BTreeMap<&'static str, Fields>> = LazyLock::new(|| {
    let mut objects: BTreeMap<&str, Fields> = BTreeMap::new();
    for line in TABLE.lines() {
        let mut cells = line.split('\t');
        let mut next = || cells.next().unwrap_or_default();
        let (object, name, kind, flags) = (next(), next(), next(), next());
        let flag = |flag: &str| flags.split(' ').any(|own| own == flag);
        let field = Field { kind: Kind::read(kind), preview: flag("preview"), required: flag("required") };
        objects.entry(object).or_default().0.insert(name, field);
    }
    objects
});

impl Fields {
    /// Returns the fields of an object, if it is in the table.
    pub(super) fn of(object: &str) -> Option<&'static Fields> {
        OBJECTS.get(object)
    }

    /// Returns a field by its name; Azure reads names in any case.
    pub(super) fn get(&self, name: &str) -> Option<&Field> {
        self.entry(name).map(|(_, field)| field)
    }

    /// Returns a field and its own name, by its name in any case.
    pub(super) fn entry(&self, name: &str) -> Option<(&'static str, &Field)> {
        let own = self.0.get_key_value(name);
        let found = own.or_else(|| self.0.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)));
        found.map(|(own, field)| (*own, field))
    }

    /// Returns the names of the fields that must be there.
    pub(super) fn required(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().filter(|(_, field)| field.required).map(|(name, _)| *name)
    }
}
