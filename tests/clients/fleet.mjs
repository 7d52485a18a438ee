// The JavaScript SDKs of AKS and Fleet Manager against the simulator; run.sh starts it.

import { isDeepStrictEqual } from "node:util";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const [base, modules, subscription] = process.argv.slice(2);
const require = createRequire(pathToFileURL(`${modules}/`));
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { ContainerServiceClient } = await load("@azure/arm-containerservice");
const { ContainerServiceFleetClient } = await load("@azure/arm-containerservicefleet");

const token = { getToken: async () => ({ token: "simulated", expiresOnTimestamp: Date.now() + 3_600_000 }) };
const aks = new ContainerServiceClient(token, subscription, { endpoint: base });
const fleet = new ContainerServiceFleetClient(token, subscription, { endpoint: base });
const fast = { updateIntervalInMs: 100 };
const [group, name] = ["rg1", "javascript"];

function expect(what, got, expected) {
  if (!isDeepStrictEqual(got, expected)) {
    console.error(`NO  js ${what}\n    expected ${JSON.stringify(expected)}\n    got      ${JSON.stringify(got)}`);
    process.exit(1);
  }
  console.log(`ok  js ${what}`);
}

async function all(pages) {
  const found = [];
  for await (const one of pages) found.push(one);
  return found;
}

const clock = (move) => fetch(`${base}/simulator/clock`, { method: "POST", body: JSON.stringify(move) });
const refused = (work) => work.then(() => "not refused", (error) => [error.statusCode, error.code]);

// AKS: lists, one cluster, a pool's image.
const names = (await all(aks.managedClusters.list())).map((cluster) => cluster.name);
expect("clusters", names.includes("javascript"), true);
const cluster = await aks.managedClusters.get(group, "javascript");
expect("cluster", [cluster.provisioningState, cluster.currentKubernetesVersion], ["Succeeded", "1.34.2"]);
const offered = await aks.agentPools.getUpgradeProfile(group, "javascript", "np0");
await aks.agentPools.upgradeNodeImageVersion(group, "javascript", "np0", fast);
const pool = await aks.agentPools.get(group, "javascript", "np0");
expect("node image", [pool.provisioningState, pool.nodeImageVersion], ["Succeeded", offered.latestNodeImageVersion]);

// AKS: a window, a control plane, what it refuses.
const window = "aksManagedAutoUpgradeSchedule";
const weekly = { schedule: { weekly: { intervalWeeks: 1, dayOfWeek: "Saturday" } }, durationHours: 4, startTime: "02:00" };
const dated = { maintenanceWindow: { ...weekly, startDate: new Date("2027-01-02T00:00:00Z") } };
const kept = await aks.maintenanceConfigurations.createOrUpdate(group, "javascript", window, dated);
expect("maintenance window", [kept.maintenanceWindow.startTime, kept.maintenanceWindow.startDate.getUTCFullYear()], ["02:00", 2027]);
await aks.maintenanceConfigurations.delete(group, "javascript", window);
const skipping = aks.managedClusters.createOrUpdate(group, "javascript", { ...cluster, kubernetesVersion: "1.36.2" }, fast);
expect("an upgrade over a minor", await refused(skipping), [400, "OperationNotAllowed"]);

// Fleet Manager: from the first member to the end of a run.
const made = await fleet.fleets.create(group, name, { location: "westeurope" }, fast);
expect("fleet", [made.name, made.properties.provisioningState], [name, "Succeeded"]);
const none = fleet.updateRuns.createOrUpdate(group, name, "none", {
  properties: { managedClusterUpdate: { upgrade: { type: "NodeImageOnly" } } },
});
expect("a run of an empty fleet", await refused(none), [409, "UpdateRunTargetingEmptyFleet"]);
const member = { properties: { clusterResourceId: cluster.id, group: "canary" } };
const joined = await fleet.fleetMembers.create(group, name, "one", member, fast);
expect("fleet member", [joined.properties.provisioningState, joined.properties.group], ["Succeeded", "canary"]);
await clock({ advance: "5m" });
const stages = [{ name: "first", groups: [{ name: "canary" }], afterStageWaitInSeconds: 600 }];
const strategy = await fleet.fleetUpdateStrategies.createOrUpdate(group, name, "rings", {
  properties: { strategy: { stages } },
});
const upgrade = { type: "Full", kubernetesVersion: "1.35.6" };
await fleet.updateRuns.createOrUpdate(group, name, "run", {
  properties: { updateStrategyId: strategy.id, managedClusterUpdate: { upgrade } },
});
await fleet.updateRuns.start(group, name, "run", fast);
await clock({ advance: "3h" });
const run = await fleet.updateRuns.get(group, name, "run");
const states = [run.properties.status.status.state, run.properties.status.stages[0].groups[0].members[0].status.state];
expect("fleet run", states, ["Completed", "Completed"]);
expect("fleet runs", (await all(fleet.updateRuns.listByFleet(group, name))).map((one) => one.name), ["run"]);
expect("fleets", (await all(fleet.fleets.listBySubscription())).some((one) => one.name === name), true);
const upgraded = await aks.managedClusters.get(group, "javascript");
expect("fleet cluster", upgraded.currentKubernetesVersion, "1.35.6");
await fleet.updateRuns.delete(group, name, "run", fast);
await fleet.fleetMembers.delete(group, name, "one", fast);
await fleet.fleets.delete(group, name, fast);
expect("a fleet that is gone", await refused(fleet.fleets.get(group, name)), [404, "ResourceNotFound"]);
