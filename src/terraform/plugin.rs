//! go-plugin's companions: controller, stdio, broker, health.
//!
//! Terraform calls Shutdown at the end of every walk; without an answer it waits two seconds and
//! kills. Stdio and broker it opens right after connecting and then leaves alone.

use futures::stream::{self, Stream, StreamExt};
use tokio_util::sync::CancellationToken;
use tonic::codegen::BoxStream;
use tonic::{Request, Response, Status, Streaming};

use crate::terraform::proto::goplugin::grpc_broker_server::GrpcBroker;
use crate::terraform::proto::goplugin::grpc_controller_server::GrpcController;
use crate::terraform::proto::goplugin::grpc_stdio_server::GrpcStdio;
use crate::terraform::proto::goplugin::{ConnInfo, Empty, StdioData};

/// The three services of one process; they end together.
#[derive(Clone, Debug)]
pub struct Companions {
    shutdown: CancellationToken,
}

impl Companions {
    /// Creates them around the token that ends the process.
    #[must_use]
    pub fn new(shutdown: CancellationToken) -> Self {
        Companions { shutdown }
    }

    fn until_shutdown<T>(&self, items: impl Stream<Item = T> + Send + 'static) -> BoxStream<T>
    where
        T: Send + 'static,
    {
        let live = items.take_until(self.shutdown.clone().cancelled_owned());
        Box::pin(live.map(Ok))
    }
}

#[tonic::async_trait]
impl GrpcController for Companions {
    async fn shutdown(&self, _: Request<Empty>) -> Result<Response<Empty>, Status> {
        self.shutdown.cancel();
        Ok(Response::new(Empty {}))
    }
}

#[tonic::async_trait]
impl GrpcStdio for Companions {
    /// Holds the stream open and sends nothing: what came here would be logged as unexpected.
    async fn stream_stdio(&self, _: Request<()>) -> Result<Response<BoxStream<StdioData>>, Status> {
        Ok(Response::new(self.until_shutdown(stream::pending())))
    }
}

#[tonic::async_trait]
impl GrpcBroker for Companions {
    /// Reads what comes, answers nothing, ends when the other side does.
    async fn start_stream(
        &self,
        request: Request<Streaming<ConnInfo>>,
    ) -> Result<Response<BoxStream<ConnInfo>>, Status> {
        let silent = stream::unfold(request.into_inner(), |mut inbound| async move {
            while let Ok(Some(_)) = inbound.message().await {}
            None
        });
        Ok(Response::new(self.until_shutdown(silent)))
    }
}
