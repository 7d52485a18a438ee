"""Lays out what .ci/release has built: python3 .ci/release.py TARGET FOLDER."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
# What aks-upgrades/aks means to Terraform, and what to OpenTofu.
SOURCES = ["registry.terraform.io/aks-upgrades/aks", "registry.opentofu.org/aks-upgrades/aks"]


def metadata(target):
    """Returns what cargo knows of the crates that are built for a target."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def shipped(crates):
    """Returns the id of the program's crate, and what it and each crate that is linked into it depend on, by id."""
    root = crates["resolve"]["root"]
    nodes = {node["id"]: node for node in crates["resolve"]["nodes"]}
    found, open_ = {}, [root]
    while open_:
        crate = open_.pop()
        if crate not in found:
            # Build scripts and tests are not in the program.
            used = [d["pkg"] for d in nodes[crate]["deps"] if any(k["kind"] is None for k in d["dep_kinds"])]
            found[crate] = used
            open_ += used
    return root, found


def sbom(crates):
    """Returns the bill of materials: CycloneDX 1.5, without an instant or a random number in it."""
    root, found = shipped(crates)
    packages = {package["id"]: package for package in crates["packages"]}
    purl = lambda crate: f"pkg:cargo/{packages[crate]['name']}@{packages[crate]['version']}"

    def component(crate):
        package = packages[crate]
        kind = "application" if crate == root else "library"
        told = {"type": kind, "bom-ref": purl(crate), "name": package["name"], "version": package["version"]}
        licence = package["license"]
        return told | {"purl": purl(crate)} | ({"licenses": [{"expression": licence.replace("/", " OR ")}]} if licence else {})

    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": component(root)},
        "components": [component(crate) for crate in sorted(found, key=purl) if crate != root],
        "dependencies": [
            {"ref": purl(crate), "dependsOn": sorted({purl(used) for used in found[crate]})}
            for crate in sorted(found, key=purl)
        ],
    }


def archive(path, files):
    """Writes a zip whose bytes follow from its files alone, and from the commit's date."""
    date = time.gmtime(max(int(os.environ["SOURCE_DATE_EPOCH"]), 315532800))[:6]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content, mode in files:
            entry = zipfile.ZipInfo(name, date)
            entry.external_attr = (0o100000 | mode) << 16
            entry.create_system = 3
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=9)


def main(target, out):
    crates = metadata(target)
    root = next(package for package in crates["packages"] if package["id"] == crates["resolve"]["root"])
    name, version = root["name"], root["version"]
    system = next(system for system in ["linux", "darwin", "windows"] if system in target)
    machine = f"{system}_{MACHINES[target.split('-')[0]]}"
    suffix = ".exe" if system == "windows" else ""
    program = (Path(crates["target_directory"]) / "released" / target / "release" / (name + suffix)).read_bytes()
    binary = f"{name}_v{version}{suffix}"

    shutil.rmtree(out, ignore_errors=True)
    registry = out / "registry"
    registry.mkdir(parents=True)
    zipped = f"{name}_{version}_{machine}.zip"
    texts = [(file, Path(file).read_bytes(), 0o644) for file in ["LICENSE", "README.md"]]
    archive(registry / zipped, [*texts, (binary, program, 0o755)])
    # A mirror takes the very archives: Terraform unpacks them, and its lock file holds their hash.
    for source in SOURCES:
        mirror = out / "mirror" / source
        mirror.mkdir(parents=True)
        shutil.copyfile(registry / zipped, mirror / zipped)
    shutil.copyfile("terraform-registry-manifest.json", registry / f"{name}_{version}_manifest.json")
    (registry / f"{name}_{version}_{machine}.cdx.json").write_text(json.dumps(sbom(crates), indent=1) + "\n")
    sums = "".join(
        f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in sorted(registry.iterdir())
    )
    (registry / f"{name}_{version}_SHA256SUMS").write_text(sums)
    print(f"{sums}\nTo publish, sign: gpg --detach-sign {registry / f'{name}_{version}_SHA256SUMS'}")


main(sys.argv[1], Path(sys.argv[2]))
