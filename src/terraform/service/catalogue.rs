//! What the provider has of each kind, by name.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::OnceCell;

use crate::terraform::action::Action;
use crate::terraform::data_source::DataSource;
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::function::{Function, Signature};
use crate::terraform::list::ListResource;
use crate::terraform::provider::Provider;
use crate::terraform::resource::Resource;
use crate::terraform::schema::{Attribute, Schema};
use crate::terraform::service::Service;
use crate::terraform::service::typed::Typed;

/// The things of one kind by their names.
pub type Named<T> = BTreeMap<&'static str, Arc<T>>;

/// The things of each kind. Each is asked for at the first use: some processes are started for one RPC only.
#[derive(Default)]
pub struct Catalogue {
    resources: OnceCell<Named<Managed>>,
    data_sources: OnceCell<Named<Entry<dyn DataSource>>>,
    functions: OnceCell<Named<Callable>>,
    actions: OnceCell<Named<Entry<dyn Action>>>,
    lists: OnceCell<Named<Entry<dyn ListResource>>>,
}

/// A data source, an action or a list, with what follows from its schema.
pub struct Entry<K: ?Sized> {
    /// The thing itself.
    pub item: Arc<K>,
    /// Its schema.
    pub typed: Typed,
}

/// A resource with what follows from its schema.
pub struct Managed {
    /// The resource itself.
    pub resource: Arc<dyn Resource>,
    /// Its schema.
    pub typed: Typed,
    /// The attributes of its identity; none when it has no identity.
    pub identity: Vec<Attribute>,
}

/// A function with its signature.
pub struct Callable {
    /// The function itself.
    pub function: Arc<dyn Function>,
    /// What it takes and gives.
    pub signature: Signature,
}

impl Managed {
    fn new(resource: Arc<dyn Resource>) -> Self {
        let typed = Typed::new(resource.type_name(), resource.schema());
        let identity = identity(resource.as_ref(), &typed.schema);
        Managed { resource, typed, identity }
    }
}

impl Service {
    /// Returns the resources.
    pub async fn resources(&self) -> Result<&Named<Managed>, Diagnostic> {
        let list = |provider: &dyn Provider| named(provider.resources(), |r| r.type_name(), Managed::new);
        self.listed(&self.catalogue.resources, "The list of resources", list).await
    }

    /// Returns the data sources.
    pub async fn data_sources(&self) -> Result<&Named<Entry<dyn DataSource>>, Diagnostic> {
        let entry = |item: Arc<dyn DataSource>| {
            let typed = Typed::new(item.type_name(), item.schema());
            Entry { item, typed }
        };
        let list = move |provider: &dyn Provider| named(provider.data_sources(), |d| d.type_name(), entry);
        self.listed(&self.catalogue.data_sources, "The list of data sources", list).await
    }

    /// Returns the functions.
    pub async fn functions(&self) -> Result<&Named<Callable>, Diagnostic> {
        let entry = |function: Arc<dyn Function>| {
            let signature = function.signature();
            Callable { function, signature }
        };
        let list = move |provider: &dyn Provider| named(provider.functions(), |f| f.name(), entry);
        self.listed(&self.catalogue.functions, "The list of functions", list).await
    }

    /// Returns the actions.
    pub async fn actions(&self) -> Result<&Named<Entry<dyn Action>>, Diagnostic> {
        let entry = |item: Arc<dyn Action>| {
            let typed = Typed::new(item.type_name(), item.schema());
            Entry { item, typed }
        };
        let list = move |provider: &dyn Provider| named(provider.actions(), |a| a.type_name(), entry);
        self.listed(&self.catalogue.actions, "The list of actions", list).await
    }

    /// Returns what can be listed.
    pub async fn lists(&self) -> Result<&Named<Entry<dyn ListResource>>, Diagnostic> {
        let entry = |item: Arc<dyn ListResource>| {
            let typed = Typed::without_lines(item.type_name(), item.schema());
            Entry { item, typed }
        };
        let list = move |provider: &dyn Provider| named(provider.list_resources(), |l| l.type_name(), entry);
        self.listed(&self.catalogue.lists, "The list of list resources", list).await
    }

    async fn listed<'a, T: Send + 'static>(
        &self,
        kept: &'a OnceCell<T>,
        question: &'static str,
        list: impl FnOnce(&dyn Provider) -> T + Send + 'static,
    ) -> Result<&'a T, Diagnostic> {
        kept.get_or_try_init(|| self.ask(question, list)).await
    }
}

fn named<K: ?Sized, T>(
    items: Vec<Arc<K>>,
    name: impl Fn(&K) -> &'static str,
    entry: impl Fn(Arc<K>) -> T,
) -> Named<T> {
    items.into_iter().map(|item| (name(&item), Arc::new(entry(item)))).collect()
}

/// Returns the thing of a name. `kind` is what such a thing is called in a sentence.
pub fn find<T>(named: &Named<T>, kind: &str, name: &str) -> Result<Arc<T>, Diagnostic> {
    named.get(name).cloned().ok_or_else(|| {
        let known = named.keys().copied().collect::<Vec<_>>().join(", ");
        let known = if known.is_empty() { "It has none".to_owned() } else { format!("It has: {known}") };
        let detail = format!("This provider has no {kind} {name:?}. {known}.");
        Diagnostic::error(format!("Unknown {kind}"), detail)
    })
}

/// Returns the attributes of a resource's identity. A name that is no attribute is passed over.
fn identity(resource: &dyn Resource, schema: &Schema) -> Vec<Attribute> {
    let named = |name: &&str| schema.attributes.iter().find(|attribute| attribute.name == *name).cloned();
    resource.identity().iter().filter_map(named).collect()
}
