#!/usr/bin/env bash
# Plans the upgrades, tells their steps, and applies that very plan: what a pipeline runs every hour.
#
#   upgrades.sh plan     writes upgrades.tfplan, and upgrades.md with a row per step; says whether there is something
#                        to do now as `changes=true` or `changes=false`, in $GITHUB_OUTPUT where there is one
#   upgrades.sh apply    applies upgrades.tfplan
#
# It needs Terraform 1.8 or newer and jq, and the ARM_* variables of azurerm.
set -euo pipefail

# A row per step that is not done: what this plan's apply does now, and what waits for another window.
rows='
  .resource_changes[]? | select(.type | startswith("aks_"))
  | .address as $address | (.change.before.steps // {}) as $before
  | (.change.after.steps // {}) | to_entries[] | select($before[.key] != .value or (.value | endswith(", done") | not))
  | "| `\($address)` | \(.key) | \(.value | rtrimstr(", done")) | \(if .value | endswith(", done") then "now" else "later" end) |"
'

plan() {
    local code=0 changes=false
    terraform init -input=false
    # 0: nothing to do now. 2: there is. Everything else is an error. Another run may hold the state for hours: it applies.
    terraform plan -input=false -lock-timeout=5m -detailed-exitcode -out=upgrades.tfplan || code=$?
    case "$code" in
        0) ;;
        2) changes=true ;;
        *) exit "$code" ;;
    esac
    {
        printf '| resource | step | from, to | when |\n|---|---|---|---|\n'
        terraform show -json upgrades.tfplan | jq --raw-output "$rows"
    } >upgrades.md
    echo "changes=$changes" | tee -a "${GITHUB_OUTPUT:-/dev/null}"
}

apply() {
    # Tells step, pool, nodes done and the time left in the window, where Terraform alone says "Still modifying…".
    export TF_LOG_PROVIDER="${TF_LOG_PROVIDER:-INFO}"
    terraform apply -input=false -lock-timeout=5m upgrades.tfplan
}

case "${1:-}" in
    plan | apply) "$1" ;;
    *) sed -n '2,9s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac
