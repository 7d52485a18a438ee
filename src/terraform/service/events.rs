//! Answers that come bit by bit.

use futures::stream::{self, Stream, StreamExt};
use tonic::codegen::BoxStream;

/// What happens, as it goes to Terraform. Never a status: what goes wrong is an event, too.
pub type Events<E> = BoxStream<E>;

/// Ends with the first event that is the last one, and lets go of where they come from.
pub fn until<E, S, L>(events: S, is_last: L) -> Events<E>
where
    E: Send + 'static,
    S: Stream<Item = E> + Send + Unpin + 'static,
    L: FnMut(&E) -> bool + Send + 'static,
{
    let next = |open: Option<(S, L)>| async move {
        let (mut events, mut is_last) = open?;
        let event = events.next().await?;
        let goes_on = !is_last(&event);
        Some((Ok(event), goes_on.then_some((events, is_last))))
    };
    stream::unfold(Some((events, is_last)), next).boxed()
}
