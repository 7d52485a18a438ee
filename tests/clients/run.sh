#!/usr/bin/env bash
# Real Azure clients against the simulator: the Azure CLI and the management SDKs for Python and
# JavaScript, which nobody here wrote. A line per command; stops at the first answer that differs from
# the one written beside it. CLIENTS_VENV names the folder of the virtual environment, CLIENTS_NODE that
# of the packages for JavaScript, CLIENTS_EXTENSIONS a folder with wheels of the Azure CLI's extensions `fleet`
# and `aks-preview`, where their index cannot be reached.
set -euo pipefail
cd "$(dirname "$0")/../.."

venv="${CLIENTS_VENV:-target/clients}"
if ! "$venv/bin/python" -c 'import azure.cli.core, azure.mgmt.containerservice, azure.mgmt.containerservicefleet' 2>/dev/null; then
    echo "Installing the clients in $venv: some minutes, once."
    python3 -m venv "$venv"
    "$venv/bin/pip" install --quiet azure-cli==2.91.0 azure-mgmt-containerservice==41.6.0 \
        azure-mgmt-containerservicefleet==4.0.0
fi
node="${CLIENTS_NODE:-$PWD/target/clients-node}"
if [ ! -d "$node/node_modules/@azure/arm-containerservicefleet" ]; then
    echo "Installing the JavaScript SDKs in $node, once."
    mkdir -p "$node"
    cp tests/clients/package.json "$node/"
    npm install --prefix "$node" --no-audit --no-fund --silent
fi
# shellcheck source=tests/simulator.sh
. tests/simulator.sh
start_simulator tests/clients/scenario.toml --tls "$work/ca.pem"

export PATH="$PWD/$venv/bin:$PATH"
[ "${venv#/}" = "$venv" ] || export PATH="$venv/bin:$PATH"
export AZURE_CONFIG_DIR="$work/azure" REQUESTS_CA_BUNDLE="$work/ca.pem" SSL_CERT_FILE="$work/ca.pem" \
    NO_PROXY=localhost,127.0.0.1 no_proxy=localhost,127.0.0.1 AZURE_CORE_INSTANCE_DISCOVERY=false \
    AZURE_CORE_COLLECT_TELEMETRY=false AZURE_CORE_NO_COLOR=true AZURE_CORE_ONLY_SHOW_ERRORS=true
# Which shell says SSL_CERT_FILE in vain: curl of some systems reads CURL_CA_BUNDLE only.
export CURL_CA_BUNDLE="$work/ca.pem"

# expect CODE TEXT COMMAND…: its exit code, and what it prints with tabs and newlines as spaces.
# TEXT may end in *; the standard error counts when the code is not 0.
expect() {
    local code="$1" text="$2" got said
    shift 2
    got=0
    "$@" >"$work/out" 2>"$work/err" || got=$?
    said="$(tr '\t\n' '  ' <"$work/out" | sed 's/ *$//')"
    [ "$got" = 0 ] || said="$(head -1 "$work/err")"
    # shellcheck disable=SC2053 # TEXT is a pattern
    if [ "$got" = "$code" ] && [[ "$said" == $text ]]; then
        printf 'ok  %s\n' "$*"
        return
    fi
    printf 'NO  %s\n    expected %s: %s\n    got      %s: %s\n' "$*" "$code" "$text" "$got" "$said" >&2
    cat "$work/err" >&2
    exit 1
}

image=AKSUbuntu-2204gen2containerd-202611.16.0
# OS SKU Ubuntu is 24.04 from Kubernetes 1.35 on.
next=AKSUbuntu-2404gen2containerd-202611.16.0
old=AKSUbuntu-2204gen2containerd-202610.19.0
sub=00000000-0000-0000-0000-000000000000
aks="/subscriptions/$sub/resourceGroups/rg1/providers/Microsoft.ContainerService"
np1="$aks/managedClusters/steps/agentPools/np1"
snapshot="$aks/snapshots/before"
client=33333333-3333-3333-3333-333333333333
tenant=11111111-1111-1111-1111-111111111111
whole="--resource-group rg1 --name whole"
steps="--resource-group rg1 --name steps"
abort="--resource-group rg2 --name abort"
on_steps="--resource-group rg1 --cluster-name steps"
on_abort="--resource-group rg2 --cluster-name abort"
state='[provisioningState, currentKubernetesVersion]'
pools='agentPoolProfiles[].[name, currentOrchestratorVersion, nodeImageVersion][]'
pool='[provisioningState, currentOrchestratorVersion, nodeImageVersion]'

# shellcheck disable=SC2086 # the arguments above are meant to be split
{
    # Login: by the metadata of the cloud, with a wrong and a right secret.
    expect 0 "" az cloud register --name Sim --endpoint-resource-manager "$base"
    expect 0 "" az cloud set --name Sim
    login="az login --service-principal --username $client --tenant $tenant"
    expect 1 "ERROR: AADSTS7000215: Invalid client secret provided.*" $login --password wrong
    expect 0 "$sub" $login --password right --query [].id --output tsv
    expect 0 "rg1 rg2" az group list --query [].name --output tsv
    expect 0 "$tenant" az rest --url "$base/tenants?api-version=2022-12-01" --query 'value[].tenantId' --output tsv
    expect 0 "westeurope" az account list-locations --query "[?name=='westeurope'].name" --output tsv

    # Reading.
    expect 0 "abort javascript python sdk steps whole" az aks list --query 'sort([].name)' --output tsv
    expect 0 "Succeeded 1.34.2" az aks show $whole --query "$state" --output tsv
    expect 3 "ERROR: (ResourceNotFound) The Resource 'Microsoft.ContainerService/managedClusters/none' under resource group 'rg1' was not found.*" \
        az aks show --resource-group rg1 --name none
    expect 3 "ERROR: (ResourceGroupNotFound) Resource group 'none' could not be found." \
        az aks show --resource-group none --name none
    expect 0 "1.34.2 1.34.3 1.35.6" az aks get-upgrades $whole --output tsv \
        --query '[controlPlaneProfile.kubernetesVersion, controlPlaneProfile.upgrades[-1].kubernetesVersion, controlPlaneProfile.upgrades[0].kubernetesVersion]'
    expect 0 "1.34.2 $image" az aks nodepool get-upgrades --resource-group rg1 --cluster-name whole --nodepool-name np1 \
        --query '[kubernetesVersion, latestNodeImageVersion]' --output tsv
    expect 0 "1.36 1.36.2" az aks get-versions --location westeurope --output tsv \
        --query 'values[?isDefault].[version, max(keys(patchVersions))][]'
    expect 0 "np0 np1" az aks nodepool list --resource-group rg1 --cluster-name whole --query [].name --output tsv
    expect 0 "np1 User 2" az aks nodepool show --resource-group rg1 --cluster-name whole --name np1 --query '[name, mode, count]' --output tsv
    expect 0 "aks-np1-31466537-vmss000000 aks-np1-31466537-vmss000001" \
        az aks machine list --resource-group rg1 --cluster-name whole --nodepool-name np1 --query [].name --output tsv

    expect 0 "10.224.0.4" az aks machine show --resource-group rg1 --cluster-name whole --nodepool-name np1 \
        --machine-name aks-np1-31466537-vmss000000 --query 'properties.network.ipAddresses[0].ip' --output tsv

    # A snapshot of a pool before its upgrade.
    named="--resource-group rg1 --name before"
    expect 0 "1.34.2 $old" az aks nodepool snapshot create $named --location westeurope --nodepool-id "$np1" \
        --query '[kubernetesVersion, nodeImageVersion]' --output tsv
    expect 0 "a" az aks nodepool snapshot update $named --tags team=a --query tags.team --output tsv
    expect 0 "before NodePool" az aks nodepool snapshot list --resource-group rg1 --query '[].[name, snapshotType][]' --output tsv
    expect 0 "Ubuntu a" az aks nodepool snapshot show $named --query '[osSku, tags.team]' --output tsv
    expect 0 "" az aks nodepool get-rollback-versions $on_steps --nodepool-name np1 --output tsv

    # Upgrades: whole; then control plane, a pool, the images of what is left.
    expect 1 "ERROR: (OperationNotAllowed) Upgrading Kubernetes version 1.34.2 to 1.36.2 is not allowed. Available upgrades: *" \
        az aks upgrade $whole --kubernetes-version 1.36.2 --yes
    expect 0 "Succeeded 1.35.6" az aks upgrade $whole --kubernetes-version 1.35.6 --yes --query "$state" --output tsv
    expect 0 "np0 1.35.6 $next np1 1.35.6 $next" az aks show $whole --query "$pools" --output tsv
    expect 0 "Succeeded 1.35.6" az aks upgrade $steps --kubernetes-version 1.35.6 --control-plane-only --yes --query "$state" --output tsv
    expect 0 "np0 1.34.2 AKSUbuntu-2204gen2containerd-202610.19.0 np1 1.34.2 AKSUbuntu-2204gen2containerd-202610.19.0" \
        az aks show $steps --query "$pools" --output tsv
    expect 0 "Succeeded 1.35.6 $next" az aks nodepool upgrade $on_steps --name np1 --kubernetes-version 1.35.6 --yes --query "$pool" --output tsv
    expect 0 "" az aks nodepool upgrade $on_steps --name np0 --node-image-only
    expect 0 "Succeeded 1.34.2 $image" az aks nodepool show $on_steps --name np0 --query "$pool" --output tsv
    expect 0 "Succeeded 1.35.6" az aks upgrade $steps --node-image-only --yes --query "$state" --output tsv
    clock '{"advance": "1h"}'
    expect 0 "np0 1.34.2 $image np1 1.35.6 $next" az aks show $steps --query "$pools" --output tsv

    # The way back of a pool, and a pool made and moved by the snapshot.
    expect 0 "1.34.2 $old" az aks nodepool get-rollback-versions $on_steps --nodepool-name np1 \
        --query '[].[orchestratorVersion, nodeImageVersion][]' --output tsv
    expect 0 "Succeeded 1.34.2 $old" az aks nodepool rollback $on_steps --nodepool-name np1 --query "$pool" --output tsv
    expect 1 "ERROR: No rollback versions available.*" az aks nodepool rollback $on_steps --nodepool-name np1
    expect 0 "Succeeded 1.34.2 $old" az aks nodepool add $on_steps --name np2 --node-count 1 --snapshot-id "$snapshot" --query "$pool" --output tsv
    expect 0 "" az aks nodepool upgrade $on_steps --name np2 --node-image-only
    expect 0 "Succeeded 1.34.2 $old" az aks nodepool upgrade $on_steps --name np2 --snapshot-id "$snapshot" --yes --query "$pool" --output tsv
    expect 0 "" az aks nodepool snapshot delete $named --yes
    expect 3 "ERROR: (ResourceNotFound) The Resource 'Microsoft.ContainerService/snapshots/before' under resource group 'rg1' was not found.*" \
        az aks nodepool snapshot show $named

    # Maintenance.
    window="--name aksManagedAutoUpgradeSchedule --schedule-type Weekly"
    expect 0 "Friday 2 4 +00:00" az aks maintenanceconfiguration add $on_steps $window --day-of-week Friday --interval-weeks 2 \
        --duration 4 --start-time 02:00 --output tsv \
        --query 'maintenanceWindow.[schedule.weekly.dayOfWeek, schedule.weekly.intervalWeeks, durationHours, utcOffset]'
    expect 0 "Monday 1" az aks maintenanceconfiguration add $on_steps --name default --weekday Monday --start-hour 1 \
        --query 'timeInWeek[0].[day, hourSlots[0]]' --output tsv
    expect 0 "Saturday 8" az aks maintenanceconfiguration update $on_steps $window --day-of-week Saturday --interval-weeks 1 \
        --duration 8 --start-time 03:00 --query 'maintenanceWindow.[schedule.weekly.dayOfWeek, durationHours]' --output tsv
    expect 0 "Saturday 03:00" az aks maintenanceconfiguration show $on_steps --name aksManagedAutoUpgradeSchedule \
        --query 'maintenanceWindow.[schedule.weekly.dayOfWeek, startTime]' --output tsv
    expect 0 "aksManagedAutoUpgradeSchedule default" az aks maintenanceconfiguration list $on_steps --query 'sort([].name)' --output tsv
    expect 0 "" az aks maintenanceconfiguration delete $on_steps --name default
    expect 0 "aksManagedAutoUpgradeSchedule" az aks maintenanceconfiguration list $on_steps --query [].name --output tsv

    # Abort: at a clock slow enough to come in time.
    clock '{"speed": 0.5}'
    expect 0 "" az aks nodepool upgrade $on_abort --name user --node-image-only --no-wait
    expect 1 "ERROR: (OperationNotAllowed) Managed Cluster operation is not allowed: Another operation (UpgradingNodeImageVersion) is in progress on agent pool (user), *" \
        az aks upgrade $abort --kubernetes-version 1.35.6 --yes
    expect 0 "" az aks nodepool operation-abort $on_abort --nodepool-name user
    expect 0 "Canceled" az aks nodepool show $on_abort --name user --query provisioningState --output tsv
    expect 0 "" az aks upgrade $abort --kubernetes-version 1.35.6 --yes --no-wait
    expect 0 "" az aks operation-abort $abort
    expect 0 "Canceled 1.35.6" az aks show $abort --query "$state" --output tsv
    clock '{"speed": 600}'
    expect 0 "Succeeded 1.35.6" az aks upgrade $abort --kubernetes-version 1.35.6 --yes --query "$state" --output tsv

    # Power.
    expect 0 "" az aks stop $abort
    expect 0 "Stopped" az aks show $abort --query powerState.code --output tsv
    expect 0 "" az aks start $abort
    expect 0 "Running" az aks show $abort --query powerState.code --output tsv
}

# extension NAME: installs an extension of the CLI from a wheel or by the CLI's index. What was asked of a folder, or of an
# index that answers, must be there; where there is neither, the extension is left out, and that is said.
extension() {
    # The simulator's authority says nothing of the index.
    local public=(env -u REQUESTS_CA_BUNDLE -u SSL_CERT_FILE -u CURL_CA_BUNDLE)
    local index=https://aka.ms/azure-cli-extension-index-v1
    if [ -n "${CLIENTS_EXTENSIONS:-}" ]; then
        az extension add --source "$CLIENTS_EXTENSIONS/${1/-/_}"-*.whl --yes
    elif "${public[@]}" curl --silent --fail --location --max-time 20 --output /dev/null "$index"; then
        "${public[@]}" az extension add --name "$1" --yes
    else
        echo "--  az's extension $1 was left out: its index cannot be reached; CLIENTS_EXTENSIONS names a folder of wheels"
        return 1
    fi || exit
}

# Fleet Manager: by the CLI's extension, where it can be had, and by both SDKs.
if extension fleet; then
    fleet="--resource-group rg1 --fleet-name cli"
    clock '{"speed": 600}'
    # shellcheck disable=SC2086 # the arguments above are meant to be split
    {
        expect 0 "cli Succeeded" az fleet create --resource-group rg1 --name cli --location westeurope --query '[name, provisioningState]' --output tsv
        expect 0 "all cli" az fleet list --resource-group rg1 --query 'sort([].name)' --output tsv
        expect 0 "Succeeded canary" az fleet member create $fleet --name one --update-group canary \
            --member-cluster-id "$aks/managedClusters/whole" --query '[provisioningState, group]' --output tsv
        clock '{"advance": "5m"}'
        # A hint on how to start it stands before the answer.
        expect 0 "*NotStarted" az fleet updaterun create $fleet --name images --upgrade-type NodeImageOnly --query status.status.state --output tsv
        az fleet updaterun start $fleet --name images --output none
        clock '{"advance": "6h"}'
        expect 0 "Skipped" az fleet updaterun show $fleet --name images --query status.status.state --output tsv
        expect 0 "images" az fleet updaterun list $fleet --query '[].name' --output tsv
        expect 0 "" az fleet updaterun delete $fleet --name images --yes
        expect 0 "" az fleet member delete $fleet --name one --yes
        expect 0 "" az fleet delete --resource-group rg1 --name cli --yes
    }
fi

# The extension of previews asks the same in an API of its own.
if extension aks-preview; then
    # shellcheck disable=SC2086 # the arguments above are meant to be split
    {
        expect 0 "abort javascript python sdk steps whole" az aks list --query 'sort([].name)' --output tsv
        expect 0 "Succeeded 1.35.6 $next" az aks nodepool show --resource-group rg1 --cluster-name whole --name np1 --query "$pool" --output tsv
        expect 0 "1.36.2" az aks get-upgrades $abort --query 'controlPlaneProfile.upgrades[0].kubernetesVersion' --output tsv
        expect 0 "Succeeded 1.36.2" az aks upgrade $abort --kubernetes-version 1.36.2 --yes --query "$state" --output tsv
        expect 0 "" az aks nodepool upgrade $on_abort --name user --node-image-only --output none
        expect 0 "aks-np1-31466537-vmss000000" az aks machine list --resource-group rg1 --cluster-name whole --nodepool-name np1 \
            --query '[0].name' --output tsv
    }
fi

python tests/clients/sdk.py "$base" "$work/ca.pem" "$sub"
python tests/clients/fleet.py "$base" "$work/ca.pem" "$sub"
NODE_EXTRA_CA_CERTS="$work/ca.pem" node tests/clients/fleet.mjs "$base" "$node" "$sub"
