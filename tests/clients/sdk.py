"""The Python management SDK against the simulator; run.sh starts it."""

import sys

from client import SUBSCRIPTION, Static, clock, expect, refused, way

from azure.core import MatchConditions
from azure.core.exceptions import ResourceNotFoundError
from azure.mgmt.containerservice import ContainerServiceClient
from azure.mgmt.containerservicefleet import ContainerServiceFleetMgmtClient

IMAGE = "AKSUbuntu-2204gen2containerd-202611.16.0"
NEXT = "AKSUbuntu-2404gen2containerd-202611.16.0"  # Ubuntu from 1.35 on

client = ContainerServiceClient(Static(), SUBSCRIPTION, **way)
clusters, pools, windows = client.managed_clusters, client.agent_pools, client.maintenance_configurations


def versions(cluster):
    return [cluster.provisioning_state, cluster.current_kubernetes_version]


def pool(name):
    read = pools.get("rg1", "sdk", name)
    return [read.provisioning_state, read.current_orchestrator_version, read.node_image_version]


expect("list", sorted(cluster.name for cluster in clusters.list()), ["abort", "javascript", "python", "sdk", "steps", "whole"])
cluster = clusters.get("rg1", "sdk")
expect("show", versions(cluster), ["Succeeded", "1.34.2"])
try:
    clusters.get("rg1", "none")
    sys.exit("NO  show none: it was found")
except ResourceNotFoundError as error:
    expect("show none", error.error.code, "ResourceNotFound")
profile = clusters.get_upgrade_profile("rg1", "sdk").control_plane_profile
expect("get-upgrades", [upgrade.kubernetes_version for upgrade in profile.upgrades][:1], ["1.35.6"])
expect("nodepool get-upgrades", pools.get_upgrade_profile("rg1", "sdk", "np1").latest_node_image_version, IMAGE)
available = pools.get_available_agent_pool_versions("rg1", "sdk").agent_pool_versions
expect("nodepool get-versions", "1.34.2" in [entry.kubernetes_version for entry in available], True)
region = clusters.list_kubernetes_versions("westeurope").values_property
expect("get-versions", [minor.version for minor in region if minor.is_default], ["1.36"])
expect("nodepool list", [entry.name for entry in pools.list("rg1", "sdk")], ["np0", "np1"])

nodes = [node.name for node in client.machines.list("rg1", "sdk", "np1")]
expect("machines", nodes, [f"aks-np1-31466537-vmss00000{number}" for number in range(2)])
expect("machine", client.machines.get("rg1", "sdk", "np1", nodes[1]).name, nodes[1])
snapshots = client.snapshots
source = {"creationData": {"sourceResourceId": pools.get("rg1", "sdk", "np1").id}}
snapshots.create_or_update("rg1", "sdk", {"location": "westeurope", "properties": source})
snapshots.update_tags("rg1", "sdk", {"tags": {"team": "a"}})
taken = snapshots.get("rg1", "sdk")
expect("snapshot", [taken.kubernetes_version, taken.node_image_version, taken.tags], ["1.34.2", pool("np1")[2], {"team": "a"}])
expect("snapshot list", [entry.name for entry in snapshots.list()], ["sdk"])

fleets = ContainerServiceFleetMgmtClient(Static(), SUBSCRIPTION, **way)
fleet = next(iter(fleets.fleets.list_by_subscription()))
expect("fleet list", [fleet.name, fleet.id.split("/")[4]], ["all", "rg1"])
run = next(iter(fleets.update_runs.list_by_fleet("rg1", "all")))
expect("fleet update run", [run.name, run.status.status.state], ["monthly", "Pending"])
member = run.status.stages[0].groups[0].members[0]
expect("fleet update run member", [member.cluster_resource_id.lower(), member.status.state], [cluster.id.lower(), "NotStarted"])

old = pool("np1")[2]
cluster.kubernetes_version = "1.35.6"
condition = {"etag": cluster.e_tag, "match_condition": MatchConditions.IfNotModified}
upgraded = clusters.begin_create_or_update("rg1", "sdk", cluster, **condition).result()
expect("upgrade control plane", versions(upgraded), ["Succeeded", "1.35.6"])
stale = refused(lambda: clusters.begin_create_or_update("rg1", "sdk", cluster, **condition))
expect("an eTag of yesterday", stale, (412, "PreconditionFailed"))
expect("pools stay", pool("np1"), ["Succeeded", "1.34.2", old])
# A poller that another process resumes.
token = pools.begin_upgrade_node_image_version("rg1", "sdk", "np1").continuation_token()
pools.begin_upgrade_node_image_version("rg1", "sdk", "np1", continuation_token=token).result()
expect("nodepool upgrade node image", pool("np1"), ["Succeeded", "1.34.2", IMAGE])
body = pools.get("rg1", "sdk", "np1")
body.orchestrator_version = "1.35.6"
pools.begin_create_or_update("rg1", "sdk", "np1", body).result()
expect("nodepool upgrade", pool("np1"), ["Succeeded", "1.35.6", NEXT])
cluster = clusters.get("rg1", "sdk")
for profile in cluster.agent_pool_profiles:
    profile.orchestrator_version = "1.35.6"
clusters.begin_create_or_update("rg1", "sdk", cluster).result()
expect("upgrade the rest", pool("np0"), ["Succeeded", "1.35.6", NEXT])
cluster = clusters.get("rg1", "sdk")
cluster.kubernetes_version = "1.34.2"
expect("downgrade", refused(lambda: clusters.begin_create_or_update("rg1", "sdk", cluster)), (400, "OperationNotAllowed"))

used = pools.get_upgrade_profile("rg1", "sdk", "np1").recently_used_versions
newest = max(used, key=lambda entry: entry.timestamp)
expect("rollback versions", [newest.orchestrator_version, newest.node_image_version], ["1.34.2", IMAGE])
body = pools.get("rg1", "sdk", "np1")
body.orchestrator_version, body.node_image_version = newest.orchestrator_version, newest.node_image_version
pools.begin_create_or_update("rg1", "sdk", "np1", body).result()
expect("rollback", pool("np1"), ["Succeeded", "1.34.2", IMAGE])
expect("no way back twice", pools.get_upgrade_profile("rg1", "sdk", "np1").recently_used_versions, None)
body = {"properties": {"count": 1, "creationData": {"sourceResourceId": taken.id}}}
made = pools.begin_create_or_update("rg1", "sdk", "np2", body).result()
expect("nodepool from snapshot", [made.current_orchestrator_version, made.node_image_version], ["1.34.2", old])
snapshots.delete("rg1", "sdk")
expect("snapshot delete", list(snapshots.list()), [])

window = {
    "properties": {
        "maintenanceWindow": {
            "schedule": {"absoluteMonthly": {"intervalMonths": 1, "dayOfMonth": 15}},
            "durationHours": 4,
            "startTime": "02:00",
            "utcOffset": "+01:00",
        }
    }
}
name = "aksManagedNodeOSUpgradeSchedule"
made = windows.create_or_update("rg1", "sdk", name, window)
expect("maintenance add", made.maintenance_window.schedule.absolute_monthly.day_of_month, 15)
window["properties"]["maintenanceWindow"]["durationHours"] = 6
windows.create_or_update("rg1", "sdk", name, window)
expect("maintenance update", windows.get("rg1", "sdk", name).maintenance_window.duration_hours, 6)
expect("maintenance list", [entry.name for entry in windows.list_by_managed_cluster("rg1", "sdk")], [name])
windows.delete("rg1", "sdk", name)
expect("maintenance delete", list(windows.list_by_managed_cluster("rg1", "sdk")), [])

clock(speed=2)
pools.begin_upgrade_node_image_version("rg1", "sdk", "np1", polling=False)
pools.begin_abort_latest_operation("rg1", "sdk", "np1").result()
expect("nodepool operation-abort", pool("np1")[0], "Canceled")
clusters.begin_update_tags("rg1", "sdk", {"tags": {"team": "a"}}, polling=False)
clusters.begin_abort_latest_operation("rg1", "sdk").result()
expect("operation-abort", clusters.get("rg1", "sdk").provisioning_state, "Canceled")
