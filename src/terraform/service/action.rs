//! Actions: ValidateActionConfig, PlanAction and InvokeAction.
//!
//! What Terraform does not forgive: an event that is neither progress nor the end crashes it, and a
//! stream that stops without saying so counts as nothing at all. So every stream ends with exactly
//! one `completed`, whatever happens, and nothing comes after it.

use std::sync::Arc;

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_stream::wrappers::UnboundedReceiverStream;

use crate::terraform::action::Action;
use crate::terraform::diagnostic::Diagnostic;
use crate::terraform::handler;
use crate::terraform::progress::ProgressSink;
use crate::terraform::proto::tfplugin6 as wire;
use crate::terraform::proto::tfplugin6::invoke_action::Event;
use crate::terraform::proto::tfplugin6::invoke_action::event::{self, Type};
use crate::terraform::service::catalogue::{Entry, find};
use crate::terraform::service::events::{Events, until};
use crate::terraform::service::{Service, convert};

impl Service {
    async fn action(&self, type_name: &str) -> Result<Arc<Entry<dyn Action>>, Diagnostic> {
        find(self.actions().await?, "action", type_name)
    }
}

/// Answers ValidateActionConfig.
pub async fn validate(
    service: &Service,
    request: wire::validate_action_config::Request,
) -> Result<Vec<wire::Diagnostic>, Diagnostic> {
    let action = service.action(&request.type_name).await?;
    let config = action.typed.object(request.config.as_ref(), "configuration")?;
    let item = Arc::clone(&action.item);
    action.typed.validate("ValidateActionConfig", config, move |config| item.validate(config)).await
}

/// Answers PlanAction. Values may be unknown.
pub async fn plan(
    service: &Service,
    request: wire::plan_action::Request,
) -> Result<Vec<wire::Diagnostic>, Diagnostic> {
    let action = service.action(&request.action_type).await?;
    let config = action.typed.object(request.config.as_ref(), "configuration")?;
    let item = Arc::clone(&action.item);
    let work = async move { item.plan(config).await };
    Ok(action.typed.diagnostics(service.look("PlanAction", &request.action_type, work).await?))
}

/// Answers InvokeAction: begins the work and returns what happens.
///
/// The work is not cut when Terraform stops listening: it may be between a request and its end.
pub async fn invoke(service: &Service, request: wire::invoke_action::Request) -> Events<Event> {
    let (sender, receiver) = unbounded_channel();
    if let Err(error) = begin(service, request, sender.clone()).await {
        tell(&sender, completed(convert::diagnostics(vec![error])));
    }
    // Also when somebody still holds the progress after the end.
    until(UnboundedReceiverStream::new(receiver), is_completed)
}

async fn begin(
    service: &Service,
    request: wire::invoke_action::Request,
    sender: UnboundedSender<Event>,
) -> Result<(), Diagnostic> {
    let action = service.action(&request.action_type).await?;
    let config = action.typed.object(request.config.as_ref(), "configuration")?;
    let stop = service.stop_token();
    tokio::spawn(async move {
        let (item, progress) = (Arc::clone(&action.item), Arc::new(Stream(sender.clone())));
        let work = async move { item.invoke(config, progress, stop).await };
        let outcome = handler::run("InvokeAction", action.typed.name, work).await;
        let diagnostics = outcome.unwrap_or_else(|bug| vec![bug]);
        tell(&sender, completed(action.typed.diagnostics(diagnostics)));
    });
    Ok(())
}

/// The terminal of whoever invoked the action.
struct Stream(UnboundedSender<Event>);

impl ProgressSink for Stream {
    fn tell(&self, message: &str) {
        let progress = event::Progress { message: message.to_owned() };
        tell(&self.0, Event { r#type: Some(Type::Progress(progress)) });
    }
}

fn tell(sender: &UnboundedSender<Event>, event: Event) {
    // Nobody listens any more; the work goes on.
    let _ = sender.send(event);
}

fn is_completed(event: &Event) -> bool {
    matches!(event.r#type, Some(Type::Completed(_)))
}

fn completed(diagnostics: Vec<wire::Diagnostic>) -> Event {
    Event { r#type: Some(Type::Completed(event::Completed { diagnostics })) }
}
