#!/usr/bin/env bash
# Plans the upgrades, tells their steps, and applies that very plan: what a pipeline runs every hour.
#
#   upgrades.sh plan [OPTION…]   writes upgrades.tfplan, and upgrades.md with a row per step; says whether there is
#                                something to do as `changes=true` or `changes=false`, in $GITHUB_OUTPUT where there is one.
#                                OPTIONs are those of terraform plan: a pull request takes -lock=false
#   upgrades.sh comment          prints upgrades.md, as many rows of it as a comment of a pull request holds
#   upgrades.sh apply            applies upgrades.tfplan
#
# It needs Terraform 1.8 or newer and jq, and the ARM_* variables of azurerm.
set -euo pipefail

# What Terraform tells while it plans, for the log.
told='(fromjson? // {"@message": .}) | .["@message"], (.diagnostic.detail // empty)'

# A row per step that is not done: what this plan's apply does, and what waits for another window. Of what is not adopted
# yet, the steps that the warning "Upgrade preview" names.
rows='
  def cell: gsub("\\|"; "\\|");
  def row($step; $what; $when): "| `\(.address | cell)` | \($step | cell) | \($what | cell) | \($when) |";
  .resource_changes[]? | select(.type | startswith("aks_")) | . as $change
  | if .change.actions == ["create"] and .change.after_unknown.steps == true then
      row("adopt"; ""; "now"),
      ( $told[].diagnostic? | select(.summary? == "Upgrade preview" and .address == $change.address)
      | .detail | split("\n")[] | select(startswith("  ")) | ltrimstr("  ") | split(": ") as $words
      | $change | row($words[0]; $words[1:] | join(": "); "once adopted") )
    else
      (.change.before.steps // {}) as $before
      | (if .change.after.outside_window == "fail" then "in its window" else "now" end) as $now
      | (.change.after.steps // {}) | to_entries[]
      | select($before[.key] != .value or (.value | endswith(", done") | not)) | . as $step
      | (if .value | endswith(", done") then $now else "later" end) as $when
      | $change | row($step.key; $step.value | rtrimstr(", done"); $when)
    end
'

prepare() {
    # Until there is a release: the mirror that .ci/release makes, copied beside this script.
    if [ -d mirror ] && [ -z "${TF_CLI_CONFIG_FILE:-}" ]; then
        export TF_CLI_CONFIG_FILE="$PWD/mirror/terraformrc"
        cat >"$TF_CLI_CONFIG_FILE" <<RC
provider_installation {
  filesystem_mirror {
    path    = "$PWD/mirror"
    include = ["aks-upgrades/aks"]
  }
  direct {
    exclude = ["aks-upgrades/aks"]
  }
}
RC
    fi
    terraform init -input=false
    local backend
    backend="$(jq --raw-output '.backend.type // "local"' .terraform/terraform.tfstate 2>/dev/null || echo local)"
    case "$backend ${CI:-}${TF_BUILD:-}${GITLAB_CI:-}" in
        "local " | "local false") ;;
        local*)
            echo "The state lies on this runner's disk, and goes with it: every run would adopt the clusters anew, which starts" \
                "nothing, and no run would ever upgrade. Copy backend.tf beside the configuration, or write another remote" \
                "backend. Nothing was planned or applied." >&2
            exit 1
            ;;
    esac
}

plan() {
    local code=0 changes=false
    prepare
    # 0: nothing to do now. 2: there is. Everything else is an error. Another run may hold the state for hours: it applies.
    terraform plan -json -input=false -lock-timeout=5m -detailed-exitcode -out=upgrades.tfplan "$@" |
        tee upgrades.log | jq --raw-input --raw-output "$told" || code=$?
    case "$code" in
        0) ;;
        2) changes=true ;;
        *) exit "$code" ;;
    esac
    terraform show upgrades.tfplan
    {
        printf '| resource | step | from, to | when |\n|---|---|---|---|\n'
        terraform show -json upgrades.tfplan | jq --raw-output --slurpfile told upgrades.log "$rows"
    } >upgrades.md
    echo "changes=$changes" | tee -a "${GITHUB_OUTPUT:-/dev/null}"
}

comment() {
    # The first line is how the comment is found again. One of GitHub holds 65,536 characters.
    printf '<!-- upgrades.sh -->\n\n'
    awk '(size += length($0) + 1) <= 60000 { print; next } { left++ }
        END { if (left) printf "\n%d more rows are in upgrades.md and in the summary of the run.\n", left }' upgrades.md
}

apply() {
    prepare
    # Tells step, pool, nodes done and the time left in the window, where Terraform alone says "Still modifying…".
    export TF_LOG_PROVIDER="${TF_LOG_PROVIDER:-INFO}"
    terraform apply -input=false -lock-timeout=5m upgrades.tfplan
}

case "${1:-}" in
    plan | comment | apply) "$@" ;;
    *) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2 && exit 2 ;;
esac
