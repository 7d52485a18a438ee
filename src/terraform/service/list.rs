//! Lists: ValidateListResourceConfig and ListResource.
//!
//! Terraform stops reading at the limit, and hangs up. It wants an identity with every object, and
//! takes an error anywhere for the end of the list.

use std::sync::Arc;

use async_trait::async_trait;
use futures::stream::{self, StreamExt};
use tokio::sync::mpsc::{Sender, channel};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;

use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::handler;
use crate::terraform::list::{ListRequest, ListResource, Listed, Listing};
use crate::terraform::proto::tfplugin6 as wire;
use crate::terraform::proto::tfplugin6::list_resource::Event;
use crate::terraform::service::catalogue::{Entry, Managed, find};
use crate::terraform::service::events::{Events, until};
use crate::terraform::service::{Service, convert, interrupted};
use crate::terraform::value::Value;

/// How many objects wait for Terraform before the list does.
const AHEAD: usize = 16;

impl Service {
    async fn list(&self, type_name: &str) -> Result<Arc<Entry<dyn ListResource>>, Diagnostic> {
        find(self.lists().await?, "list resource", type_name)
    }
}

/// Reads the `config` block. A Terraform before 1.15 sends null where it was left out.
fn config(list: &Entry<dyn ListResource>, config: Option<&wire::DynamicValue>) -> Result<Value, Diagnostic> {
    Ok(list.typed.optional(config)?.unwrap_or_else(|| list.typed.schema.nulls()))
}

/// Answers ValidateListResourceConfig.
pub async fn validate(
    service: &Service,
    request: wire::validate_list_resource_config::Request,
) -> Result<Vec<wire::Diagnostic>, Diagnostic> {
    let list = service.list(&request.type_name).await?;
    let config = config(&list, request.config.as_ref())?;
    let item = Arc::clone(&list.item);
    list.typed.validate("ValidateListResourceConfig", config, move |config| item.validate(config)).await
}

/// Answers ListResource: begins to look and returns what is found, until that is enough.
pub async fn list(service: &Service, request: wire::list_resource::Request) -> Events<Event> {
    let (sender, receiver) = channel(AHEAD);
    let mut left = usize::try_from(request.limit).unwrap_or_default();
    match begin(service, request, sender.clone()).await {
        Ok(()) if left == 0 => return stream::empty().boxed(),
        Ok(()) => {}
        Err(error) => tell(&sender, convert::diagnostics(vec![error])).await,
    }
    until(ReceiverStream::new(receiver), move |event: &Event| {
        left -= usize::from(event.identity.is_some());
        left == 0 || event.diagnostic.iter().any(convert::is_error)
    })
}

async fn begin(
    service: &Service,
    request: wire::list_resource::Request,
    sender: Sender<Event>,
) -> Result<(), Diagnostic> {
    let list = service.list(&request.type_name).await?;
    let managed = service.managed(&request.type_name).await?;
    let config = config(&list, request.config.as_ref())?;
    let limit = usize::try_from(request.limit).unwrap_or_default();
    let include_resource = request.include_resource_object;
    let found = Found { sender, managed, include_resource };
    tokio::spawn(look(list, ListRequest { config, limit, include_resource }, found, service.stop_token()));
    Ok(())
}

/// Looks until it is done, or nobody wants more.
async fn look(
    list: Arc<Entry<dyn ListResource>>,
    request: ListRequest,
    found: Found,
    stop: CancellationToken,
) {
    let (item, sender, name) = (Arc::clone(&list.item), found.sender.clone(), list.typed.name);
    let work = async move {
        tokio::select! {
            biased;
            () = stop.cancelled() => vec![interrupted("ListResource", name)],
            () = found.sender.closed() => Vec::new(),
            diagnostics = item.list(request, &found) => diagnostics,
        }
    };
    let outcome = handler::run("ListResource", name, work).await;
    tell(&sender, list.typed.diagnostics(outcome.unwrap_or_else(|bug| vec![bug]))).await;
}

/// Tells what is to be told about the list, in an event without an object.
async fn tell(sender: &Sender<Event>, diagnostic: Vec<wire::Diagnostic>) {
    if !diagnostic.is_empty() {
        // Nobody listens any more.
        let _ = sender.send(Event { diagnostic, ..Event::default() }).await;
    }
}

/// What was found, on its way to Terraform.
struct Found {
    sender: Sender<Event>,
    managed: Arc<Managed>,
    include_resource: bool,
}

#[async_trait]
impl Listing for Found {
    async fn tell(&self, object: Listed) {
        match self.event(object) {
            // Nobody listens any more, and the work is about to be cut.
            Ok(event) => drop(self.sender.send(event).await),
            Err(bug) => tell(&self.sender, convert::diagnostics(vec![bug])).await,
        }
    }
}

impl Found {
    fn event(&self, object: Listed) -> Result<Event, Diagnostic> {
        let Listed { display_name, state } = object;
        let identified = self.managed.identity.iter().all(|attribute| !state.get(&attribute.name).is_null());
        let identity = self.managed.identify(Some(&state))?.filter(|_| identified);
        let identity = identity.ok_or_else(|| nameless(self.managed.typed.name, &display_name))?;
        let resource_object =
            if self.include_resource { Some(self.managed.typed.encode(Some(&state))?) } else { None };
        Ok(Event { identity: Some(identity), display_name, resource_object, diagnostic: Vec::new() })
    }
}

fn nameless(type_name: &str, display_name: &str) -> Diagnostic {
    let detail = format!(
        "The list of {type_name} found {display_name:?} without saying its whole identity, so the list \
         ends here. Please report this."
    );
    Diagnostic::error("The provider has a bug", detail)
}
