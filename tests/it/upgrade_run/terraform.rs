//! Terraform in miniature: state, refresh, plan, plan again, apply; each command a new provider process.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use futures::StreamExt;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use terraform_provider_aks::provider::Aks;
use terraform_provider_aks::provider::arguments::ahead::Ahead;
use terraform_provider_aks::provider::notes::Notes;
use terraform_provider_aks::provider::outlook::Outlook;
use terraform_provider_aks::terraform::diagnostic::{Diagnostic, Severity};
use terraform_provider_aks::terraform::provider::Provider;
use terraform_provider_aks::terraform::resource::{
    ApplyRequest, PlanRequest, ReadRequest, Resource, ResourceResponse,
};
use terraform_provider_aks::terraform::schema::{Attribute, Presence, Schema, Type};
use terraform_provider_aks::terraform::value::Value;
use terraform_provider_aks::terraform::{json as state_file, msgpack, rules as schema_rules};
use tokio_util::sync::CancellationToken;

use super::azure::{Azure, PROD};
use super::laws::Permit;
use super::lines::lines;
use super::{facts, rules, told};

/// Terraform's own default.
const PARALLELISM: usize = 10;

/// A working directory: a configuration and a state.
pub struct Terraform {
    azure: Arc<Azure>,
    provider: Json,
    notes: Option<TempDir>,
    config: Mutex<BTreeMap<String, Json>>,
    unknown: Mutex<BTreeSet<(String, String)>>,
    state: Mutex<State>,
}

type State = BTreeMap<String, Instance>;

/// One object in the state.
#[derive(Clone, Debug, PartialEq)]
struct Instance {
    value: Value,
    private: Vec<u8>,
}

/// A plan, which can be kept and applied later.
#[derive(Clone, Debug)]
pub struct Plan {
    changes: BTreeMap<String, Change>,
    refreshed: State,
    /// What was said beside it.
    pub diagnostics: Vec<Diagnostic>,
}

/// What a plan means to do with one object.
#[derive(Clone, Debug)]
pub struct Change {
    pub action: Action,
    prior: Option<Instance>,
    /// What is written; an argument may have been unknown.
    config: Option<Value>,
    hidden: Vec<String>,
    planned: Option<Value>,
    /// The cluster when it was planned.
    seen: Json,
}

/// Terraform's word for a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    NoOp,
    Create,
    Update,
    Replace,
    Delete,
}

/// A provider process: configured once, gone with the command.
struct Process {
    provider: Aks,
    resources: BTreeMap<&'static str, Arc<dyn Resource>>,
}

impl Terraform {
    /// Opens an empty working directory.
    pub fn new(azure: &Arc<Azure>) -> Self {
        Terraform {
            azure: Arc::clone(azure),
            provider: json!({ "endpoint": "http://127.0.0.1:8080" }),
            notes: Some(TempDir::new().unwrap()),
            config: Mutex::default(),
            unknown: Mutex::default(),
            state: Mutex::default(),
        }
    }

    /// Opens a working directory with one `aks_upgrade_policy.prod` of the cluster `prod`.
    pub fn policy(azure: &Arc<Azure>, arguments: Json) -> Self {
        let terraform = Self::new(azure);
        terraform.write("aks_upgrade_policy.prod", arguments);
        terraform
    }

    /// Opens a working directory with one `aks_node_image.prod` of the cluster `prod`.
    pub fn node_image(azure: &Arc<Azure>, arguments: Json) -> Self {
        let terraform = Self::new(azure);
        terraform.write("aks_node_image.prod", arguments);
        terraform
    }

    /// Sets an argument of the provider block.
    pub fn provider(mut self, name: &str, value: Json) -> Self {
        self.provider[name] = value;
        self
    }

    /// Writes a resource block; `cluster_id` is that of `prod` when it is left out, and an upgrade without a window
    /// may start at any time.
    pub fn write(&self, address: &str, mut arguments: Json) {
        let object = arguments.as_object_mut().unwrap();
        object.entry("cluster_id").or_insert(PROD.into());
        let upgrades = type_of(address) != "aks_maintenance_configuration";
        let restrained = ["maintenance_window", "executor"].iter().any(|name| object.contains_key(*name));
        if upgrades && !restrained {
            object.entry("always_open").or_insert(true.into());
        }
        self.config.lock().unwrap().insert(address.to_owned(), arguments);
    }

    /// Changes one argument of a resource block.
    pub fn edit(&self, address: &str, argument: &str, value: Json) {
        self.config.lock().unwrap().get_mut(address).unwrap()[argument] = value;
    }

    /// Lets an argument be known only by the time of the apply, in the next plan.
    pub fn hide(&self, address: &str, argument: &str) {
        self.unknown.lock().unwrap().insert((address.to_owned(), argument.to_owned()));
    }

    /// Lets a plan be applied on another machine, which has no notes of the one that planned.
    pub fn without_notes(mut self) -> Self {
        self.notes = None;
        self
    }

    /// Deletes a resource block.
    pub fn erase(&self, address: &str) {
        self.config.lock().unwrap().remove(address);
    }

    /// Lets every block have been applied by an earlier run, which computed nothing that is still known.
    pub fn applied_before(&self) {
        let provider = Aks::over(|| unreachable!("nobody is asked"), |_| None);
        let schemas: BTreeMap<_, _> =
            provider.resources().into_iter().map(|one| (one.type_name(), one.schema())).collect();
        let instance = |(address, block): (&String, &Json)| {
            let value = read_config(&schemas[type_of(address)], block);
            (address.clone(), Instance { value, private: Vec::new() })
        };
        *self.state.lock().unwrap() = self.config.lock().unwrap().iter().map(instance).collect();
    }

    /// Shows an object of the state; null when there is none.
    pub fn state(&self, address: &str) -> Json {
        let state = self.state.lock().unwrap();
        state.get(address).map_or(Json::Null, |instance| rules::json(&instance.value))
    }

    /// Shows the only object of the state; null when there is none.
    pub fn shown(&self) -> Json {
        let state = self.state.lock().unwrap();
        state.values().next().map_or(Json::Null, |instance| rules::json(&instance.value))
    }

    /// Refreshes an object, and returns what is said beside it.
    pub async fn refreshed(&self, address: &str) -> Vec<Diagnostic> {
        let process = self.process().await;
        let Instance { value: state, private } = self.state.lock().unwrap()[address].clone();
        process.resource(address).read(ReadRequest { state, private }).await.diagnostics
    }

    /// Runs `terraform plan`, which must succeed.
    pub async fn plan(&self) -> Plan {
        self.try_plan().await.unwrap_or_else(|errors| panic!("the plan failed: {errors:#?}"))
    }

    /// Runs `terraform plan`.
    pub async fn try_plan(&self) -> Result<Plan, Vec<Diagnostic>> {
        let process = self.process().await;
        let mut refreshed = self.refresh(&process).await?;
        let config = self.config.lock().unwrap().clone();
        let orphans: Vec<String> = refreshed.keys().filter(|at| !config.contains_key(*at)).cloned().collect();
        let mut plan = Plan { changes: BTreeMap::new(), refreshed: refreshed.clone(), diagnostics: vec![] };
        let planned: Vec<_> = futures::stream::iter(&config)
            .map(|(address, arguments)| {
                let prior = refreshed.get(address).cloned();
                process.plan(address, arguments, self.hidden(address), prior)
            })
            .buffered(PARALLELISM)
            .collect()
            .await;
        for (address, result) in config.keys().zip(planned) {
            let (mut change, diagnostics) = result?;
            let id = config[address]["cluster_id"].as_str().unwrap_or_default();
            let name = id.rsplit('/').next().unwrap_or_default();
            change.seen = self.azure.world().cluster(name).unwrap_or_default();
            plan.changes.insert(address.clone(), change);
            plan.diagnostics.extend(diagnostics);
        }
        for address in orphans {
            let prior = refreshed.remove(&address).unwrap();
            let (change, diagnostics) = process.plan_destroy(&address, prior).await;
            plan.changes.insert(address, change);
            plan.diagnostics.extend(diagnostics);
        }
        plan.diagnostics.extend(process.provider.at_rest());
        Ok(plan)
    }

    /// Runs `terraform apply` of a kept plan: warnings, or the first error.
    pub async fn apply(&self, plan: &Plan) -> Result<Vec<Diagnostic>, Diagnostic> {
        self.apply_until(plan, CancellationToken::new()).await
    }

    /// Runs `terraform apply` of a kept plan; `stop` is the first Ctrl-C.
    pub async fn apply_until(
        &self,
        plan: &Plan,
        stop: CancellationToken,
    ) -> Result<Vec<Diagnostic>, Diagnostic> {
        let process = self.process().await;
        *self.state.lock().unwrap() = plan.refreshed.clone();
        let results: Vec<_> = futures::stream::iter(&plan.changes)
            .filter(|(_, change)| std::future::ready(change.action != Action::NoOp))
            .map(|(address, change)| self.apply_one(&process, address, change, stop.clone()))
            .buffer_unordered(PARALLELISM)
            .collect()
            .await;
        let told: Vec<Diagnostic> = results.into_iter().flatten().chain(process.provider.at_rest()).collect();
        match told.iter().find(|diagnostic| diagnostic.is_error()) {
            Some(error) => Err(error.clone()),
            None => Ok(told),
        }
    }

    /// Plans and applies, which must succeed. What is new is adopted first, and upgraded by a second run.
    pub async fn up(&self) {
        if self.run().await {
            self.run().await;
        }
    }

    /// Plans and applies once, which must succeed, and tells whether anything was created.
    pub async fn run(&self) -> bool {
        let plan = self.plan().await;
        self.apply(&plan).await.unwrap_or_else(|error| panic!("the apply failed: {error:#?}"));
        plan.changes.values().any(|change| matches!(change.action, Action::Create | Action::Replace))
    }

    /// Imports an object; its block must be written first.
    pub async fn import(&self, address: &str, id: &str) -> Result<(), Vec<Diagnostic>> {
        let process = self.process().await;
        let resource = process.resource(address);
        let answer = resource.import_state(id);
        let imported =
            Instance { value: accepted(answer.state, answer.diagnostics)?, private: answer.private };
        let read = process.read(address, imported).await?.expect("the imported object exists");
        self.state.lock().unwrap().insert(address.to_owned(), read);
        Ok(())
    }

    /// Deletes every block and applies that.
    pub async fn destroy(&self) -> Vec<Diagnostic> {
        self.config.lock().unwrap().clear();
        let plan = self.plan().await;
        self.apply(&plan).await.unwrap();
        plan.diagnostics
    }

    /// Looks ahead for a resource that is written.
    pub async fn outlook(&self, address: &str, ahead: Ahead) -> Result<Outlook, Vec<Diagnostic>> {
        let provider = self.process().await.provider;
        let resources = provider.resources();
        let schema = resources.iter().find(|one| one.type_name() == type_of(address)).unwrap().schema();
        let config = read_config(&schema, &self.config.lock().unwrap()[address]);
        provider.outlook(type_of(address), &config, ahead).await
    }

    /// Reads a data source: checked first, as Terraform does, and held against Terraform's rules.
    pub async fn data(&self, kind: &str, arguments: Json) -> Result<Json, Vec<Diagnostic>> {
        let provider = self.process().await.provider;
        let source = provider.data_sources().into_iter().find(|one| one.type_name() == kind).unwrap();
        let (schema, mut config) = (source.schema(), read_config(&source.schema(), &arguments));
        let mut told = schema_rules::violations(&schema, &config);
        told.extend(source.validate(&config));
        if told.iter().any(Diagnostic::is_error) {
            return Err(told);
        }
        schema.complete(&mut config);
        let answer = source.read(config.clone()).await;
        if answer.diagnostics.iter().any(Diagnostic::is_error) {
            return Err(answer.diagnostics);
        }
        let mut state = answer.state.unwrap();
        schema.complete(&mut state);
        assert!(state.is_wholly_known(), "{kind}: something unknown");
        let written = |one: &&Attribute| one.presence != Presence::Computed;
        for attribute in schema.attributes.iter().filter(written) {
            assert_eq!(state.get(&attribute.name), config.get(&attribute.name), "{kind}: {}", attribute.name);
        }
        let bytes = msgpack::encode(&state, &schema.value_type()).unwrap();
        Ok(rules::json(&msgpack::decode(&bytes, &schema.value_type()).unwrap()))
    }

    /// Starts a provider process and configures it.
    async fn process(&self) -> Process {
        let azure = Arc::clone(&self.azure);
        let notes = self.notes.as_ref().map(|folder| Notes::new(folder.path().to_owned(), None));
        let provider = Aks::over(move || Ok(azure.clone()), |_| None).with_notes(notes.unwrap_or_default());
        let config = read_config(&provider.schema(), &self.provider);
        let told = provider.validate(&config);
        assert!(told.is_empty(), "the provider block is wrong: {told:#?}");
        let told = provider.configure(config, "1.11.4").await;
        assert!(told.is_empty(), "the provider cannot be configured: {told:#?}");
        let resources = provider.resources().into_iter().map(|one| (one.type_name(), one)).collect();
        Process { provider, resources }
    }

    fn hidden(&self, address: &str) -> Vec<String> {
        let unknown = self.unknown.lock().unwrap();
        unknown.iter().filter(|(at, _)| at == address).map(|(_, argument)| argument.clone()).collect()
    }

    async fn refresh(&self, process: &Process) -> Result<State, Vec<Diagnostic>> {
        let state = self.state.lock().unwrap().clone();
        let read: Vec<_> = futures::stream::iter(state)
            .map(|(address, instance)| async move {
                let read = process.read(&address, instance).await?;
                Ok::<_, Vec<Diagnostic>>(read.map(|instance| (address, instance)))
            })
            .buffered(PARALLELISM)
            .collect()
            .await;
        read.into_iter().filter_map(Result::transpose).collect()
    }

    async fn apply_one(
        &self,
        process: &Process,
        address: &str,
        change: &Change,
        stop: CancellationToken,
    ) -> Vec<Diagnostic> {
        let Some(first) = &change.planned else { return self.delete(process, address, stop).await };
        let again = process.plan_again(address, change).await;
        if again.diagnostics.iter().any(Diagnostic::is_error) {
            return again.diagnostics;
        }
        let second = again.state.as_ref().unwrap();
        if !change.hidden.is_empty() {
            self.unknown.lock().unwrap().retain(|(at, _)| at != address);
            let wrong = rules::broken_promises(first, second);
            if !wrong.is_empty() {
                return vec![Diagnostic::error(
                    "Provider produced inconsistent final plan",
                    wrong.join("\n"),
                )];
            }
        } else if process.bytes(address, first) != process.bytes(address, second) {
            let wrong = rules::broken_promises(first, second);
            panic!("{address}: the second plan is another one: {wrong:#?}");
        }
        self.azure.permit(self.permission(address, change));
        let prior = change.prior.clone().filter(|_| change.action == Action::Update);
        if let Some(instance) = self.state.lock().unwrap().get_mut(address) {
            // A process that dies leaves the prior state without its private bytes.
            instance.private.clear();
        }
        let apply = ApplyRequest {
            prior: prior.as_ref().map(|prior| prior.value.clone()),
            planned: again.state.clone(),
            private: again.private,
        };
        let answer = process.resource(address).apply(apply, stop).await;
        self.save(process, address, prior, first, answer)
    }

    /// Saves what Terraform saves, and holds the result against the plan.
    fn save(
        &self,
        process: &Process,
        address: &str,
        prior: Option<Instance>,
        planned: &Value,
        answer: ResourceResponse,
    ) -> Vec<Diagnostic> {
        let failed = answer.diagnostics.iter().any(Diagnostic::is_error);
        let mut state = self.state.lock().unwrap();
        match (answer.state, prior) {
            (Some(_), None) if failed => panic!("{address}: tainted: an error with a state on create"),
            (Some(value), _) => {
                assert!(value.is_wholly_known(), "{address}: an unknown value after apply");
                let value = process.round_trip(address, &value);
                let wrong = rules::broken_promises(planned, &value);
                assert!(failed || wrong.is_empty(), "{address}: inconsistent result after apply: {wrong:#?}");
                let shown = rules::json(&value);
                let is_upgrader = shown["steps"].is_object();
                assert!(
                    !is_upgrader || self.azure.has_shown(&shown),
                    "{address}: Azure never showed {shown:#}"
                );
                assert!(
                    !is_upgrader || facts::is_an_opening(&shown, self.azure.now()),
                    "{address}: no such opening: {shown:#}"
                );
                state.insert(address.to_owned(), Instance { value, private: answer.private });
            }
            (None, Some(prior)) => {
                assert!(failed, "{address}: a success without a state");
                state.insert(address.to_owned(), prior);
            }
            (None, None) => {
                assert!(failed, "{address}: a success without a state");
                state.remove(address);
            }
        }
        answer.diagnostics
    }

    async fn delete(&self, process: &Process, address: &str, stop: CancellationToken) -> Vec<Diagnostic> {
        let instance = self.state.lock().unwrap().remove(address).unwrap();
        let apply = ApplyRequest {
            prior: Some(instance.value.clone()),
            planned: None,
            private: instance.private.clone(),
        };
        let answer = process.resource(address).apply(apply, stop).await;
        assert!(answer.state.is_none(), "{address}: an object after a destroy");
        if answer.diagnostics.iter().any(Diagnostic::is_error) {
            self.state.lock().unwrap().insert(address.to_owned(), instance);
        }
        answer.diagnostics
    }

    fn permission(&self, address: &str, change: &Change) -> Permit {
        let config = self.config.lock().unwrap()[address].clone();
        // A create adopts: it starts nothing.
        let promised = change.steps();
        let creates = matches!(change.action, Action::Create | Action::Replace);
        let (kind, planned_on) = (type_of(address).to_owned(), change.seen.clone());
        Permit { from: self.azure.now(), kind, config, creates, promised, planned_on }
    }
}

impl Drop for Terraform {
    /// Holds the laws against everything that Azure was asked, after every scenario.
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let broken = self.azure.broken_laws();
        assert!(broken.is_empty(), "laws were broken: {broken:#?}");
    }
}

impl Plan {
    /// Tells whether an apply has nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.values().all(|change| change.action == Action::NoOp)
    }

    /// Returns the change of the only object.
    #[track_caller]
    pub fn only(&self) -> &Change {
        assert_eq!(self.changes.len(), 1, "{:?}", self.changes.keys());
        self.changes.values().next().unwrap()
    }

    /// Returns the change of an object.
    pub fn of(&self, address: &str) -> &Change {
        &self.changes[address]
    }

    /// Returns the details of the warnings with that summary.
    pub fn warnings(&self, summary: &str) -> Vec<&str> {
        let fits = |one: &&Diagnostic| one.severity == Severity::Warning && one.summary == summary;
        self.diagnostics.iter().filter(fits).map(|one| one.detail.as_str()).collect()
    }
}

impl Change {
    /// Shows the planned state; unknown is `"(known after apply)"`.
    pub fn planned(&self) -> Json {
        self.planned.as_ref().map_or(Json::Null, rules::json)
    }

    /// Shows the refreshed state.
    pub fn prior(&self) -> Json {
        self.prior.as_ref().map_or(Json::Null, |prior| rules::json(&prior.value))
    }

    /// A plan that neither acts nor changes an argument is the prior state, byte for byte.
    #[track_caller]
    fn is_prior_where_nothing_happens(&self, address: &str, schema: &Schema) {
        let prior = self.prior.as_ref().filter(|_| self.action == Action::Update && self.hidden.is_empty());
        let Some((prior, planned)) = prior.zip(self.planned.as_ref()) else { return };
        let written = schema.attributes.iter().filter(|attribute| attribute.presence != Presence::Computed);
        let names = written.map(|attribute| attribute.name.as_str());
        let mut names = names.chain(schema.blocks.iter().map(|block| block.name.as_str()));
        let is_edited = names.any(|name| prior.value.get(name) != planned.get(name));
        let moved = || rules::broken_promises(&prior.value, planned);
        assert!(
            is_edited || !self.steps().is_empty(),
            "{address}: nothing happens, and it changes: {:#?}",
            moved()
        );
    }

    /// Says the steps that an apply will do: `control_plane 1.35.6`, `user1 1.35.6`.
    pub fn promised(&self) -> Vec<String> {
        self.steps().iter().map(step).collect()
    }

    /// Returns the steps that an apply will do: the lines that the plan turns into done ones.
    fn steps(&self) -> Vec<Json> {
        let prior = self.prior.as_ref().filter(|_| self.action == Action::Update);
        let Some((prior, planned)) = prior.zip(self.planned.as_ref()) else { return Vec::new() };
        let before = lines(&rules::json(prior.value.get("steps")));
        let after = lines(&rules::json(planned.get("steps"))).into_iter().filter(|line| line.is_done);
        after.filter(|line| !before.contains(line)).map(|line| line.json()).collect()
    }
}

/// Validates a block of a resource type.
pub fn validated(kind: &str, block: &Json) -> Vec<Diagnostic> {
    let provider = Aks::over(|| unreachable!("validation asks nobody"), |_| None);
    let resource = provider.resources().into_iter().find(|one| one.type_name() == kind).unwrap();
    resource.validate(&read_config(&resource.schema(), block))
}

/// Says a step of the map `steps`.
pub fn step(step: &Json) -> String {
    let place = step["node_pool"].as_str().or(step["component"].as_str()).unwrap_or_default();
    format!("{place} {}", step["to"].as_str().unwrap_or_default())
}

impl Process {
    fn resource(&self, address: &str) -> &Arc<dyn Resource> {
        &self.resources[type_of(address)]
    }

    fn kind(&self, address: &str) -> Type {
        self.resource(address).schema().value_type()
    }

    fn bytes(&self, address: &str, value: &Value) -> Vec<u8> {
        msgpack::encode(value, &self.kind(address)).unwrap()
    }

    /// Sends a value over the wire and back, as Terraform does between any two calls.
    fn round_trip(&self, address: &str, value: &Value) -> Value {
        let kind = self.kind(address);
        msgpack::decode(&msgpack::encode(value, &kind).unwrap(), &kind).unwrap()
    }

    async fn read(&self, address: &str, instance: Instance) -> Result<Option<Instance>, Vec<Diagnostic>> {
        let request = ReadRequest { state: instance.value, private: instance.private };
        let answer = self.resource(address).read(request).await;
        let errors: Vec<_> = answer.diagnostics.into_iter().filter(Diagnostic::is_error).collect();
        if !errors.is_empty() {
            return Err(errors);
        }
        Ok(answer.state.map(|value| {
            assert!(value.is_wholly_known(), "{address}: the refreshed state contains unknown values");
            Instance { value: self.round_trip(address, &value), private: answer.private }
        }))
    }

    async fn plan(
        &self,
        address: &str,
        arguments: &Json,
        hidden: Vec<String>,
        prior: Option<Instance>,
    ) -> Result<(Change, Vec<Diagnostic>), Vec<Diagnostic>> {
        let schema = self.resource(address).schema();
        let known = read_config(&schema, arguments);
        let mut config = known.clone();
        hidden.iter().for_each(|argument| config.set(argument, Value::unknown()));
        let mut told = self.resource(address).validate(&config);
        if told.iter().any(Diagnostic::is_error) {
            return Err(told);
        }
        let (mut planned, mut diagnostics) = self.planned(address, &schema, &config, prior.as_ref()).await?;
        let replaces = prior
            .as_ref()
            .is_some_and(|prior| !schema_rules::replacements(&schema, &prior.value, &planned).is_empty());
        if replaces {
            (planned, diagnostics) = self.planned(address, &schema, &config, None).await?;
        }
        told.extend(diagnostics);
        let action = match &prior {
            None => Action::Create,
            Some(_) if replaces => Action::Replace,
            Some(prior) if prior.value == planned => Action::NoOp,
            Some(_) => Action::Update,
        };
        let (config, planned) = (Some(known), Some(planned));
        let change = Change { action, prior, config, hidden, planned, seen: Json::Null };
        change.is_prior_where_nothing_happens(address, &schema);
        let waits = action == Action::NoOp;
        let wrong = told::wrong(&change.prior(), &told, waits);
        assert!(wrong.is_empty(), "{address}: {wrong:#?} in {told:#?}");
        Ok((change, told))
    }

    async fn planned(
        &self,
        address: &str,
        schema: &Schema,
        config: &Value,
        prior: Option<&Instance>,
    ) -> Result<(Value, Vec<Diagnostic>), Vec<Diagnostic>> {
        let value = prior.map(|prior| &prior.value);
        let request = PlanRequest {
            prior: value.cloned(),
            proposed: Some(rules::proposed(schema, value, config)),
            config: Some(config.clone()),
            private: prior.map(|prior| prior.private.clone()).unwrap_or_default(),
        };
        let answer = self.resource(address).plan(request).await;
        let told = answer.diagnostics.clone();
        let planned = self.round_trip(address, &accepted(answer.state, answer.diagnostics)?);
        let wrong = rules::invalid_plan(schema, value.unwrap_or(&Value::Null), config, &planned);
        assert!(wrong.is_empty(), "{address}: provider produced invalid plan: {wrong:#?}");
        Ok((planned, told))
    }

    /// Plans once more, as Terraform does in the process that applies.
    async fn plan_again(&self, address: &str, change: &Change) -> ResourceResponse {
        let schema = self.resource(address).schema();
        let config = change.config.as_ref().unwrap();
        let prior = change.prior.as_ref().filter(|_| change.action == Action::Update);
        let value = prior.map(|prior| prior.value.clone());
        let request = PlanRequest {
            prior: value.clone(),
            proposed: Some(rules::proposed(&schema, value.as_ref(), config)),
            config: Some(config.clone()),
            private: prior.map(|prior| prior.private.clone()).unwrap_or_default(),
        };
        let mut answer = self.resource(address).plan(request).await;
        answer.state = answer.state.map(|value| self.round_trip(address, &value));
        answer
    }

    async fn plan_destroy(&self, address: &str, prior: Instance) -> (Change, Vec<Diagnostic>) {
        let request = PlanRequest {
            prior: Some(prior.value.clone()),
            proposed: None,
            config: None,
            private: prior.private.clone(),
        };
        let answer = self.resource(address).plan(request).await;
        let change = Change {
            action: Action::Delete,
            prior: Some(prior),
            config: None,
            hidden: Vec::new(),
            planned: None,
            seen: Json::Null,
        };
        (change, answer.diagnostics)
    }
}

fn accepted(state: Option<Value>, diagnostics: Vec<Diagnostic>) -> Result<Value, Vec<Diagnostic>> {
    if diagnostics.iter().any(Diagnostic::is_error) {
        return Err(diagnostics);
    }
    Ok(state.expect("an answer without an error has a state"))
}

/// Reads a block written as JSON; an argument that does not exist is a mistake of the test.
fn read_config(schema: &Schema, block: &Json) -> Value {
    let nothing = schema.nulls();
    for name in block.as_object().unwrap().keys() {
        assert!(nothing.as_map().unwrap().contains_key(name), "there is no argument {name}");
    }
    let mut config = state_file::decode(block.to_string().as_bytes(), &schema.value_type()).unwrap();
    schema.complete(&mut config);
    config
}

fn type_of(address: &str) -> &str {
    address.split('.').next().unwrap()
}
