"""The Python SDK of Fleet Manager against the simulator; run.sh starts it."""

from client import SUBSCRIPTION, Static, clock, expect, refused, way

from azure.mgmt.containerservice import ContainerServiceClient
from azure.mgmt.containerservicefleet import ContainerServiceFleetMgmtClient

client = ContainerServiceFleetMgmtClient(Static(), SUBSCRIPTION, **way)
clusters = ContainerServiceClient(Static(), SUBSCRIPTION, **way).managed_clusters
group, name = "rg1", "python"

fleet = client.fleets.begin_create_or_update(group, name, {"location": "westeurope"}).result()
expect("fleet", [fleet.name, fleet.provisioning_state], [name, "Succeeded"])
run = {"managedClusterUpdate": {"upgrade": {"type": "NodeImageOnly"}}}
empty = refused(lambda: client.update_runs.begin_create_or_update(group, name, "none", {"properties": run}).result())
expect("a run of an empty fleet", empty, (409, "UpdateRunTargetingEmptyFleet"))

member = {"properties": {"clusterResourceId": clusters.get(group, "python").id, "group": "canary"}}
joined = client.fleet_members.begin_create(group, name, "one", member).result()
expect("fleet member", [joined.provisioning_state, joined.group], ["Succeeded", "canary"])
clock(advance="5m")
gate = [{"type": "Approval", "displayName": "go"}]
stages = {"stages": [{"name": "first", "groups": [{"name": "canary"}], "beforeGates": gate}]}
strategies = client.fleet_update_strategies
strategy = strategies.begin_create_or_update(group, name, "rings", {"properties": {"strategy": stages}}).result()
expect("fleet strategy", strategy.strategy.stages[0].after_stage_wait_in_seconds, 0)

full = {"type": "Full", "kubernetesVersion": "1.35.6"}
properties = {"updateStrategyId": strategy.id, "managedClusterUpdate": {"upgrade": full}}
made = client.update_runs.begin_create_or_update(group, name, "run", {"properties": properties}).result()
expect("fleet run", made.status.status.state, "NotStarted")
client.update_runs.begin_start(group, name, "run").result()
waiting = client.update_runs.get(group, name, "run")
expect("fleet run that is started", waiting.status.status.state, "Pending")
pending = [gate for gate in client.gates.list_by_fleet(group, name) if gate.state == "Pending"]
expect("fleet gate", [gate.display_name for gate in pending], ["go"])
client.gates.begin_update(group, name, pending[0].name, {"properties": {"state": "Completed"}}).result()
clock(advance="2h")
done = client.update_runs.get(group, name, "run")
members = done.status.stages[0].groups[0].members
expect("fleet run at its end", [done.status.status.state, members[0].status.state], ["Completed", "Completed"])
expect("fleet cluster", clusters.get(group, "python").current_kubernetes_version, "1.35.6")

again = {"managedClusterUpdate": {"upgrade": full}}
client.update_runs.begin_create_or_update(group, name, "again", {"properties": again}).result()
client.update_runs.begin_skip(group, name, "again", {"targets": [{"type": "Member", "name": "one"}]}).result()
skipped = client.update_runs.get(group, name, "again").status.stages[0].groups[0].members[0]
expect("fleet member that is skipped", [skipped.status.state, skipped.message], ["Skipped", "skipped by request."])
profile = {"properties": {"channel": "Rapid", "disabled": True}}
client.auto_upgrade_profiles.begin_create_or_update(group, name, "rapid", profile).result()
generated = client.auto_upgrade_profile_operations.begin_generate_update_run(group, name, "rapid").result()
expect("fleet run of a profile", "/updateRuns/auto-rapid-rapid-1-" in generated.id, True)
names = sorted(run.name for run in client.update_runs.list_by_fleet(group, name))
expect("fleet runs", [names[0], names[1][:16], names[2]], ["again", "auto-rapid-rapid", "run"])

client.fleet_members.begin_delete(group, name, "one").result()
expect("fleet members", list(client.fleet_members.list_by_fleet(group, name)), [])
client.fleets.begin_delete(group, name).result()
expect("a fleet that is gone", refused(lambda: client.fleets.get(group, name)), (404, "ResourceNotFound"))
