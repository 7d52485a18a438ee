#!/usr/bin/env bash
# What .ci/release has built: the files that the Registry wants, Terraform that takes the provider from the mirror beside
# another one, and the binary in an empty root. RELEASE_TWICE=1 builds it a second time and compares the bytes.
set -euo pipefail
cd "$(dirname "$0")/../.."

out="$PWD/target/release-files"
# shellcheck source=tests/simulator.sh
. tests/simulator.sh
name=terraform-provider-aks
version="$(cargo metadata --locked --no-deps --format-version 1 | jq --raw-output '.packages[0].version')"
machine="$(terraform version -json | jq --raw-output .platform)"
ok() { printf 'ok  %s\n' "$*"; }

# The Registry's files, and that nobody changed them since.
(cd "$out/registry" && sha256sum --quiet --check "${name}_${version}_SHA256SUMS")
[ "$(jq --compact-output . "$out/registry/${name}_${version}_manifest.json")" = '{"version":1,"metadata":{"protocol_versions":["6.0"]}}' ]
files="$(python3 -m zipfile --list "$out/registry/${name}_${version}_$machine.zip" | awk 'NR > 1 { print $1 }' | tr '\n' ' ')"
[ "$files" = "LICENSE README.md ${name}_v$version " ] || { echo "NO  the archive holds $files" >&2 && exit 1; }
ok "the archive holds $files"

# The bill of materials names each crate that Cargo.lock knows the bytes of, with a licence, and what it depends on.
python3 - "$out/registry/${name}_${version}_$machine.cdx.json" <<'PYTHON'
import json, sys, tomllib
bill = json.load(open(sys.argv[1]))
locked = {(one["name"], one["version"]) for one in tomllib.load(open("Cargo.lock", "rb"))["package"]}
listed = {(one["name"], one["version"]) for one in bill["components"]}
assert bill["bomFormat"] == "CycloneDX" and listed <= locked, listed - locked
for crate in ["tokio", "rustls", "aws-lc-rs", "jiff"]:
    assert any(name == crate for name, _ in listed), f"{crate} is missing"
assert not any(name in {"proptest", "insta", "protox"} for name, _ in listed), "a crate of the tests or of the build is listed"
assert all(one.get("licenses") for one in bill["components"]), "a licence is missing"
references = {one["bom-ref"] for one in bill["components"]} | {bill["metadata"]["component"]["bom-ref"]}
assert all(used in references for one in bill["dependencies"] for used in one["dependsOn"])
print(f"ok  the bill of materials lists {len(listed)} crates")
PYTHON

# The same files give the same archives; with a second build in another folder, the same binary, too.
rebuilt="$work/again"
if [ "${RELEASE_TWICE:-}" = 1 ]; then
    git worktree add --quiet --detach "$work/tree" HEAD
    trap 'git worktree remove --force "$work/tree"; [ -z "$simulator" ] || kill "$simulator" 2>/dev/null; rm -rf "$work"' EXIT
    CARGO_TARGET_DIR="$work/tree/target" "$work/tree/.ci/release" "$rebuilt" >/dev/null
else
    SOURCE_DATE_EPOCH="$(git log -1 --format=%ct 2>/dev/null || echo 315532800)" \
        python3 .ci/release.py "$(rustc -vV | sed -n 's/^host: //p')" "$rebuilt" >/dev/null
fi
diff -r "$out" "$rebuilt"
ok "made again, every byte is the same"

# The file that README shows, with this mirror; the other provider comes from a mirror, too: no network is asked.
other="$work/other/registry.terraform.io/example/other/1.0.0/$machine"
mkdir -p "$other" "$work/root"
cp "$program" "$other/terraform-provider-other_v1.0.0"
sed -n '/^# ~\/.terraformrc$/,/^```$/p' README.md | sed '/^```$/d' |
    sed "s|/path/to/$name/target/release-files/mirror|$out/mirror|; s|direct {|filesystem_mirror {\n    path = \"$work/other\"|" >"$work/terraformrc"
grep --quiet filesystem_mirror "$work/terraformrc"
export TF_CLI_CONFIG_FILE="$work/terraformrc" CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
start_simulator examples/quickstart/scenario.toml --listen 127.0.0.1:0
cp examples/quickstart/main.tf examples/quickstart/simulated.tfvars "$work/root/"
cat >"$work/root/other_override.tf" <<HCL
terraform {
  required_providers {
    aks   = { source = "aks-upgrades/aks", version = "~> $version" }
    other = { source = "example/other" }
  }
}

provider "aks" {
  endpoint      = "$base"
  poll_interval = "5ms"
}
HCL
root=(terraform "-chdir=$work/root")
"${root[@]}" init -no-color -input=false >"$work/init" || { cat "$work/init" >&2 && exit 1; }
grep --quiet 'provider "registry.terraform.io/aks-upgrades/aks"' "$work/root/.terraform.lock.hcl"
grep --quiet 'provider "registry.terraform.io/example/other"' "$work/root/.terraform.lock.hcl"
rm -r "$work/root/.terraform"
"${root[@]}" init -no-color -input=false -lockfile=readonly >"$work/init" || { cat "$work/init" >&2 && exit 1; }
ok "terraform init takes it from the mirror beside another provider, and again by the lock file"
# OpenTofu takes the same source to be of its own registry, in this file, too: here it is spelled so. The workflow test.yml asks
# OpenTofu itself.
mkdir "$work/tofu"
sed 's|"aks-upgrades/aks"|"registry.opentofu.org/aks-upgrades/aks"|' "$work/root/main.tf" >"$work/tofu/main.tf"
sed 's|"aks-upgrades/aks"|"registry.opentofu.org/aks-upgrades/aks"|' "$work/terraformrc" >"$work/tofurc"
TF_CLI_CONFIG_FILE="$work/tofurc" terraform "-chdir=$work/tofu" init -no-color -input=false >"$work/init" || { cat "$work/init" >&2 && exit 1; }
ok "the mirror has it as OpenTofu names it"
"${root[@]}" apply -no-color -input=false -auto-approve -var-file=simulated.tfvars >"$work/applied" || { cat "$work/applied" >&2 && exit 1; }
ok "what init installed applies"
kill "$simulator" && simulator=

[ "${machine%_*}" = linux ] || exit 0
# An empty root: the binary, and what each line adds. Whoever is not root is one in a name space of his own.
empty="$work/empty"
mkdir -p "$empty/tmp" "$empty/etc"
unzip -q -o "$out/registry/${name}_${version}_$machine.zip" "${name}_v$version" -d "$empty" 2>/dev/null ||
    python3 -m zipfile --extract "$out/registry/${name}_${version}_$machine.zip" "$empty"
mv "$empty/${name}_v$version" "$empty/$name" && chmod +x "$empty/$name" && rm -f "$empty/LICENSE" "$empty/README.md"
inside() {
    if [ "$(id -u)" = 0 ]; then env --ignore-environment "${variables[@]}" "$(command -v chroot)" "$empty" "/$name" "$@"; else
        env --ignore-environment "${variables[@]}" "$(command -v unshare)" --map-root-user "--root=$empty" "/$name" "$@"
    fi
}
variables=(HOME=/tmp)
id=/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters/prod
reads() {
    inside status "$id" --endpoint "$1" >"$work/status" 2>&1 || { cat "$work/status" >&2 && echo "NO  $2" >&2 && exit 1; }
    grep --quiet 'prod in westeurope: Kubernetes 1.34.4' "$work/status" && ok "$2"
}
start_simulator examples/quickstart/scenario.toml --listen 127.0.0.1:0
reads "$base" "in an empty root it reads a simulator over plain HTTP: no certificates, no /dev, no name service"
# A name server of its own, which only root may start: it knows localhost, and no address of the sixth version of it.
if [ "$(id -u)" = 0 ]; then
    cat >"$work/names.py" <<'PYTHON'
import socket
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.53", 53))
print("ready", flush=True)
while True:
    asked, whom = server.recvfrom(512)
    end = asked.index(0, 12) + 5
    known = asked[12:end - 4] == b"\x09localhost\x00" and asked[end - 4:end - 2] == b"\x00\x01"
    answer = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x7f\x00\x00\x01" if known else b""
    server.sendto(asked[:2] + b"\x81\x80\x00\x01" + bytes([0, bool(answer)]) + bytes(4) + asked[12:end] + answer, whom)
PYTHON
    timeout 60 python3 "$work/names.py" >"$work/names" 2>&1 &
    names=$!
    for _ in $(seq 50); do [ -s "$work/names" ] && break || sleep 0.1; done
    if grep --quiet ready "$work/names"; then
        printf 'nameserver 127.0.0.53\n' >"$empty/etc/resolv.conf"
        reads "http://localhost:${base##*:}" "it asks a name server"
        kill "$names" && rm "$empty/etc/resolv.conf"
    else
        echo "Port 53 is taken: the name server is left out."
    fi
fi
printf '127.0.0.1 localhost\n' >"$empty/etc/hosts"
reads "http://localhost:${base##*:}" "it finds a name in /etc/hosts"
kill "$simulator"
start_simulator examples/quickstart/scenario.toml --listen 127.0.0.1:0 --tls "$empty/etc/ca.pem"
variables+=(SSL_CERT_FILE=/etc/ca.pem ARM_TENANT_ID=t ARM_CLIENT_ID=c ARM_CLIENT_SECRET=s "ARM_ACTIVE_DIRECTORY_AUTHORITY_HOST=https://localhost:${base##*:}" ARM_RESOURCE_MANAGER_AUDIENCE=https://management.azure.com/)
reads "https://localhost:${base##*:}" "it signs in and reads over HTTPS with nothing but a CA certificate"
