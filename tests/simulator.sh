# Starts the simulator for a test in Bash, which sources this from the repository's root: $program is built, $work is a
# folder that goes with the test, $base is the simulator's address.

cargo build --locked
target="$(cargo metadata --locked --no-deps --format-version 1 | python3 -c 'import json, sys; print(json.load(sys.stdin)["target_directory"])')"
program="$target/debug/terraform-provider-aks"
work="$(mktemp -d)"
simulator=
trap '[ -z "$simulator" ] || kill "$simulator" 2>/dev/null; rm -rf "$work"' EXIT

# start_simulator SCENARIO ARGUMENT…: serves a scenario until the test ends.
start_simulator() {
    : >"$work/told" # what an earlier one told is not of this one
    "$program" simulate --scenario "$@" >"$work/told" 2>&1 &
    simulator=$!
    for _ in $(seq 100); do
        base="$(sed -n 's/^SIMULATED Azure at //p' "$work/told")"
        [ -z "$base" ] || return 0
        sleep 0.1
    done
    cat "$work/told" >&2
    exit 1
}

# clock JSON: what no client of Azure can say: how fast the clock runs, and that it moves on.
clock() { curl --silent --show-error --fail --data "$1" --output /dev/null "$base/simulator/clock"; }
