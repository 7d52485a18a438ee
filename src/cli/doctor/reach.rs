//! Whether Azure can be asked at all: sign-in, subscription, clock, and the versions of its API.

use jiff::SignedDuration;

use crate::arm::client::Client;
use crate::arm::error::Error;
use crate::arm::id::ClusterId;
use crate::arm::response;
use crate::cli::doctor::finding::Finding;
use crate::provider::words::errors::sentence;
use crate::upgrade::cluster::Cluster;

/// Signs in, and tells whether that went well.
pub async fn signs_in(client: &Client, findings: &mut Vec<Finding>) -> bool {
    let found = match client.identity().await {
        Ok(Some(who)) => {
            let message = format!("as {}, object {} of tenant {}", who.name, who.object, who.tenant);
            Finding::good("sign-in", "", message)
        }
        Ok(None) => Finding::good(
            "sign-in",
            "",
            "a simulator lets everybody in, or the token does not say whose it is",
        ),
        Err(error) => {
            let fix = "Set the ARM_… variables of one way to sign in, or run az login; docs/index.md lists the ways in their order.";
            Finding::bad("sign-in", "", sentence(&error), fix)
        }
    };
    let is_in = found.fix.is_none();
    findings.push(found);
    is_in
}

/// Lists the clusters of a subscription.
pub async fn clusters_of(client: &Client, subscription: &str, findings: &mut Vec<Finding>) -> Vec<ClusterId> {
    match client.clusters(subscription).await {
        Ok(list) => {
            let ids = response::cluster_ids(&list.body);
            let message = format!("{} clusters are seen", ids.len());
            findings.push(Finding::good("subscription", subscription, message));
            ids
        }
        Err(error) => {
            let fix = fix(
                &error,
                "Check the id, the tenant of the sign-in, and that the identity has a role in the subscription.",
            );
            findings.push(Finding::bad("subscription", subscription, sentence(&error), fix));
            Vec::new()
        }
    }
}

/// Returns what to do about an error of a first look, where `refused` is what to do about a refusal.
pub fn fix(error: &Error, refused: &'static str) -> &'static str {
    match error {
        Error::Unreachable { .. } => {
            "Check the endpoint, the network, the proxy and the certificate authorities."
        }
        _ => refused,
    }
}

/// Says whether this machine's clock agrees with Azure's.
#[must_use]
pub fn clock(skew: Option<SignedDuration>) -> Finding {
    match skew {
        None => Finding::good("clock", "", "this machine's clock agrees with Azure's"),
        Some(skew) => {
            let message = format!("Azure's clock is {skew:#} away from this machine's");
            let fix = "Set this machine's clock: tokens and certificates are judged by it. Windows are not; for them Azure's counts.";
            Finding::note("clock", "", message, fix)
        }
    }
}

/// Says whether Azure still answers the preview of the API; that it answers the stable version, whoever reads a cluster sees.
pub async fn api_versions(
    client: &Client,
    cluster: &Cluster,
    subscription: &str,
    findings: &mut Vec<Finding>,
) {
    let images = client.node_images(subscription, &cluster.location).await;
    findings.push(match images {
        Err(Error::Azure(refusal)) if refusal.code.contains("ApiVersion") || refusal.code == "NoRegisteredProviderFound" => {
            let fix = "Install a newer release of this provider. Until then images are read pool by pool, and nodes are not counted.";
            Finding::note("api-version", "", format!("Azure no longer answers a version of its API: {refusal}"), fix)
        }
        Err(error) => {
            let message = format!("not looked at, since the one request for it was refused: {}", sentence(&error));
            let fix = fix(&error, "Mend what the refusal names, such as Microsoft.ContainerService/locations/nodeImageVersions/read at the subscription, and run doctor again.");
            Finding::note("api-version", "", message, fix)
        }
        Ok(_) => Finding::good("api-version", "", "Azure answers the versions of its API that this release asks for"),
    });
}
