//! Joins Terraform and Azure: the attributes practitioners write, and what they lead to.
//!
//! In reading order:
//!
//! | module | |
//! |---|---|
//! | [`packed`] | What is kept beside a state, small. |
//! | [`observation`] | What was read from Azure, what a refresh shares, what is kept beside the state. |
//! | [`notes`] | What the process that plans leaves for the one that applies. |
//! | [`owners`] | What this process has planned for each cluster. |
//! | [`azure`] | The way to Azure that one configured provider has: its client, what is shared, turns. |
//! | [`arguments`] | What may be written in a resource, and what conflicts. |
//! | [`steps`] | The map `steps`: a line per step, and what becomes of it. |
//! | [`assessment`] | What the arguments make of an observation: plan, promise, what to tell. |
//! | [`words`] | Reasons, errors and steps as sentences; warnings of a plan. |
//! | [`configuration`] | The provider block: which Azure, as whom. |
//! | [`apply`] | The one loop: observe, ask for the next action, do it. |
//! | [`resources`] | The resources: schema, and what the four functions of each do. |
//! | [`outlook`] | What is to come for one cluster: its steps laid over the openings, as values and as texts. |
//! | [`data`] | The data sources: what is only read. |
//! | [`functions`] | The functions: pure answers about windows, versions and images. |
//!
//! Each knows only those above it in this table; a test keeps it so.

pub mod packed;
mod observation;
pub mod notes;
mod owners;
mod azure;
pub mod arguments;
pub mod steps;
mod assessment;
pub mod words;
mod configuration;
mod apply;
mod resources;
pub mod outlook;
mod data;
mod functions;

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::http::HttpClient;
use jiff::SignedDuration;

use crate::arm::client::Client;
use crate::arm::error::Error;
use crate::arm::id::ClusterId;
use crate::arm::response;
use crate::arm::transport::https;
use crate::provider::arguments::ahead::Ahead;
use crate::provider::azure::Azure;
use crate::provider::configuration::{Environment, MakeTransport};
use crate::provider::notes::Notes;
use crate::provider::outlook::Outlook;
use crate::provider::resources::cluster_resource::ClusterResource;
use crate::provider::resources::maintenance_configuration::Configuration;
use crate::provider::resources::node_image::NodeImage;
use crate::provider::resources::upgrade_policy::UpgradePolicy;
use crate::provider::resources::upgrader::Upgrader;
use crate::provider::words::warnings;
use crate::terraform::data_source::DataSource;
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::function::Function;
use crate::terraform::provider::Provider;
use crate::terraform::resource::Resource;
use crate::terraform::schema::Schema;
use crate::terraform::value::Value;
use crate::upgrade::cluster::UpdateRun;

/// The provider `aks`.
pub struct Aks {
    azure: Arc<Azure>,
    environment: Environment,
    transport: MakeTransport,
}

impl Aks {
    /// Creates the provider with the way to read variables.
    #[must_use]
    pub fn new(environment: Environment) -> Self {
        Self::over(https, environment)
    }

    /// Creates the provider with another way to send requests, such as into a simulator of the same process.
    #[must_use]
    pub fn over(
        transport: impl Fn() -> Result<Arc<dyn HttpClient>, Error> + Send + Sync + 'static,
        environment: Environment,
    ) -> Self {
        Aks { azure: Arc::default(), environment, transport: Box::new(transport) }
    }

    /// Keeps notes from the process that plans for the one that applies.
    #[must_use]
    pub fn with_notes(self, notes: Notes) -> Self {
        Aks { azure: Arc::new(Azure::with_notes(notes)), ..self }
    }

    /// Returns the way to Azure that the provider was configured with.
    ///
    /// # Errors
    ///
    /// A diagnostic that says why there is none: it was not configured, or no credential works.
    pub fn client(&self) -> Result<Client, Diagnostic> {
        self.azure.client()
    }

    /// Returns how far this machine's clock is from Azure's, where that is more than five minutes; a simulator lives in a
    /// time of its own.
    #[must_use]
    pub fn clock_skew(&self) -> Option<SignedDuration> {
        self.azure.clock_skew(&self.client().ok()?)
    }

    /// Returns the update runs of Fleets that have work to do on a cluster, as a refresh sees them; none where Fleets cannot be
    /// read.
    pub async fn update_runs(&self, id: &ClusterId) -> Vec<UpdateRun> {
        let Ok(client) = self.client() else { return Vec::new() };
        response::update_runs(&id.to_string(), &self.azure.inventory().update_runs(&client, id).await)
    }

    /// Looks ahead for one resource: asks Azure as a refresh does, and lays the steps over the openings to come.
    ///
    /// # Errors
    ///
    /// What is wrong with the arguments; a type other than `aks_upgrade_policy` and `aks_node_image`; what keeps the
    /// cluster from being read.
    pub async fn outlook(
        &self,
        resource: &str,
        config: &Value,
        ahead: Ahead,
    ) -> Result<Outlook, Vec<Diagnostic>> {
        match resource {
            UpgradePolicy::TYPE => self.outlook_of::<UpgradePolicy>(config, ahead).await,
            NodeImage::TYPE => self.outlook_of::<NodeImage>(config, ahead).await,
            other => {
                let detail = format!("{other} upgrades no cluster, so there is nothing to look ahead to.");
                Err(vec![Diagnostic::error("No such resource", detail)])
            }
        }
    }

    /// Lists the clusters of a subscription or of one of its resource groups, in the order of their ids.
    ///
    /// # Errors
    ///
    /// No client, or no list.
    pub async fn cluster_ids(
        &self,
        subscription: &str,
        group: Option<&str>,
    ) -> Result<Vec<ClusterId>, Diagnostic> {
        data::clusters::ids(&self.azure, subscription, group).await
    }

    async fn outlook_of<U: ClusterResource>(
        &self,
        config: &Value,
        ahead: Ahead,
    ) -> Result<Outlook, Vec<Diagnostic>> {
        let (arguments, found) = Upgrader::<U>::checked(config);
        let wrong: Vec<Diagnostic> = found.into_iter().filter(Diagnostic::is_error).collect();
        let Some(arguments) = arguments.filter(|_| wrong.is_empty()) else { return Err(wrong) };
        let upgrader = Upgrader::<U>::new(Arc::clone(&self.azure));
        Outlook::of(&upgrader, &arguments, ahead).await.map_err(|error| vec![error])
    }
}

#[async_trait]
impl Provider for Aks {
    fn schema(&self) -> Schema {
        configuration::schema()
    }

    fn validate(&self, config: &Value) -> Vec<Diagnostic> {
        configuration::validate(config)
    }

    async fn configure(&self, config: Value, terraform_version: &str) -> Vec<Diagnostic> {
        let user_agent =
            format!("terraform-provider-aks/{} terraform/{terraform_version}", env!("CARGO_PKG_VERSION"));
        configuration::configure(&self.azure, &config, self.environment, &self.transport, &user_agent).await
    }

    fn at_rest(&self) -> Vec<Diagnostic> {
        self.azure.held_back().map(warnings::of_limit).into_iter().collect()
    }

    fn resources(&self) -> Vec<Arc<dyn Resource>> {
        vec![
            Arc::new(Upgrader::<UpgradePolicy>::new(Arc::clone(&self.azure))),
            Arc::new(Upgrader::<NodeImage>::new(Arc::clone(&self.azure))),
            Arc::new(Configuration::new(Arc::clone(&self.azure))),
        ]
    }

    fn data_sources(&self) -> Vec<Arc<dyn DataSource>> {
        data::all(&self.azure)
    }

    fn functions(&self) -> Vec<Arc<dyn Function>> {
        functions::all()
    }
}
