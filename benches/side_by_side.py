#!/usr/bin/env python3
"""What this provider costs beside others and beside Terraform alone, on one machine, in one run.

    cargo build --locked --release
    benches/side_by_side.py                                   # ours, and the floor: terraform_data
    benches/side_by_side.py --peer azapi=PATH --peer azurerm=PATH   # a peer's binary, too
    benches/side_by_side.py --quick                           # 10 clusters, a minute

Everybody reads the same of the same stand-in Azure: each cluster with three pools, what it is offered, and the latest
image of each pool. "With limits" means that the stand-in refuses what Azure would refuse. The tables are those of
docs/guides/performance.md. Needs python3 and terraform, and a quiet machine.
"""

import argparse
import contextlib
import datetime
import json
import os
import pathlib
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.ContainerService/managedClusters"
COOKIE = {"TF_PLUGIN_MAGIC_COOKIE": "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"}
SOURCES = {"aks": "aks-upgrades/aks", "azapi": "azure/azapi", "azurerm": "hashicorp/azurerm"}
POOLS = """
pool = [
    { name = "system", mode = "System" },
    { name = "user", mode = "User" },
    { name = "win", mode = "User", os_sku = "Windows2022" },
]
"""
# What nobody has to do anything about, and what is to be done on a day that is far away.
NOTHING, LATER = "1.34.9", "1.33.12"


def scenario(clusters, version, throttle):
    """Clusters with three pools each; the clock is the real one, or stands where the windows are closed."""
    text = f'[clock]\nspeed = 1\n\n[service]\nthrottle = {str(throttle).lower()}\n'
    return text + "".join(f'\n[[cluster]]\nname = "c{n}"\nversion = "{version}"\n{POOLS}' for n in range(clusters))


class Simulator:
    """A stand-in Azure over TLS, until it is left."""

    def __init__(self, program, folder, clusters, version="1.35.6", throttle=False):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=folder))
        (self.folder / "scenario.toml").write_text(scenario(clusters, version, throttle))
        self.ca = self.folder / "ca.pem"
        arguments = [program, "simulate", "--scenario", self.folder / "scenario.toml", "--tls", self.ca]
        self.process = subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.process.stdout:
            if line.startswith("SIMULATED Azure at "):
                self.url = line.split()[-1]
                break
        else:
            sys.exit("the simulator did not start")
        # What it prints must not fill the pipe.
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def requests(self):
        """Calls of Azure Resource Manager so far, and how many were refused with 429."""
        import ssl
        context = ssl.create_default_context(cafile=self.ca)
        with urllib.request.urlopen(f"{self.url}/simulator/requests", context=context) as answer:
            asked = json.load(answer)
        asked = asked.get("requests", asked) if isinstance(asked, dict) else asked
        asked = [one for one in asked if "/subscriptions/" in json.dumps(one)]
        return len(asked), sum(1 for one in asked if one.get("status") == 429)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


# What is written for each of them.

def head(name, simulator):
    blocks = {
        "aks": f'provider "aks" {{\n  metadata_host = "{simulator.url if simulator else ""}"\n}}\n',
        "azapi": f"""
provider "azapi" {{
  endpoint = [{{
    active_directory_authority_host = "{simulator.url if simulator else ''}"
    resource_manager_endpoint       = "{simulator.url if simulator else ''}"
    resource_manager_audience       = "https://management.azure.com/"
  }}]
  subscription_id            = "{SUBSCRIPTION}"
  skip_provider_registration = true
  disable_instance_discovery = true
}}
""",
        "azurerm": f"""
provider "azurerm" {{
  features {{}}
  subscription_id                 = "{SUBSCRIPTION}"
  metadata_host                   = "{simulator.url.removeprefix('https://') if simulator else ''}"
  resource_provider_registrations = "none"
}}
""",
    }
    source = SOURCES.get(name)
    if not source:
        return ""
    required = f'terraform {{\n  required_providers {{\n    {name} = {{ source = "{source}" }}\n  }}\n}}\n'
    return required + (blocks[name] if simulator or name != "aks" else "")


WINDOW = """
  maintenance_window {
    days      = ["saturday"]
    start     = "02:00"
    duration  = "6h"
    time_zone = "UTC"
  }
"""


# It opens three hours after the clock of the stand-in starts.
TODAY = WINDOW.replace("saturday", "all").replace("02:00", "12:00")


def policies(clusters, version, images=True, outside="defer", window=WINDOW):
    text = f"""
resource "aks_upgrade_policy" "all" {{
  count              = {clusters}
  cluster_id         = "{GROUP}/c${{count.index}}"
  kubernetes_version = "{version}"
  outside_window     = "{outside}"
{window}}}
"""
    return text + (f"""
resource "aks_node_image" "all" {{
  count      = {clusters}
  cluster_id = "{GROUP}/c${{count.index}}"
{WINDOW}}}
""" if images else "")


def data(name, clusters):
    """The same, as a peer reads it."""
    if name == "azurerm":
        return f"""
data "azurerm_kubernetes_cluster" "all" {{
  count               = {clusters}
  name                = "c${{count.index}}"
  resource_group_name = "rg"
}}
"""
    kind, action = "Microsoft.ContainerService/managedClusters@2026-04-01", "upgradeProfiles/default"
    return f"""
data "azapi_resource" "cluster" {{
  count                  = {clusters}
  type                   = "{kind}"
  resource_id            = "{GROUP}/c${{count.index}}"
  response_export_values = ["*"]
}}
data "azapi_resource_action" "offers" {{
  count                  = {clusters}
  type                   = "{kind}"
  resource_id            = "{GROUP}/c${{count.index}}"
  action                 = "{action}"
  method                 = "GET"
  response_export_values = ["*"]
}}
data "azapi_resource_action" "images" {{
  for_each               = {{ for pair in setproduct(range({clusters}), ["system", "user", "win"]) : "${{pair[0]}}/${{pair[1]}}" => pair }}
  type                   = "Microsoft.ContainerService/managedClusters/agentPools@2026-04-01"
  resource_id            = "{GROUP}/c${{each.value[0]}}/agentPools/${{each.value[1]}}"
  action                 = "{action}"
  method                 = "GET"
  response_export_values = ["*"]
}}
"""


def floor(objects):
    return f'resource "terraform_data" "all" {{\n  count = {objects}\n  input = count.index\n}}\n'


class Folder:
    """A working directory of Terraform with one provider."""

    def __init__(self, setup, name, text, simulator=None):
        self.path = pathlib.Path(tempfile.mkdtemp(dir=setup.folder))
        self.setup, self.name, self.simulator = setup, name, simulator
        (self.path / "main.tf").write_text(head(name, simulator) + text)
        overrides = "".join(f'    "{SOURCES[one]}" = "{setup.home(one)}"\n' for one in setup.binaries)
        rc = f"provider_installation {{\n  dev_overrides {{\n{overrides}  }}\n  direct {{}}\n}}\n"
        (self.path / "dev.tfrc").write_text(rc)

    def point_to(self, simulator):
        text = (self.path / "main.tf").read_text().replace(self.simulator.url, simulator.url)
        (self.path / "main.tf").write_text(text)
        self.simulator = simulator

    def environment(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "ARM_", "AZURE_"))}
        kept |= {"TF_CLI_CONFIG_FILE": str(self.path / "dev.tfrc"), "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}
        kept |= {"ARM_TENANT_ID": SUBSCRIPTION, "ARM_CLIENT_ID": SUBSCRIPTION, "ARM_CLIENT_SECRET": "of the stand-in"}
        kept |= {"NO_PROXY": "localhost,127.0.0.1", "no_proxy": "localhost,127.0.0.1"}
        # What other runs left on this machine is no part of the measurement.
        kept["TMPDIR"] = str(self.setup.folder)
        if self.simulator:
            kept["SSL_CERT_FILE"] = str(self.simulator.ca)
        return kept

    def start(self, *arguments):
        command = [self.setup.terraform, *arguments, "-no-color"]
        log = open(self.path / "log", "w")
        return subprocess.Popen(command, cwd=self.path, env=self.environment(), stdin=subprocess.DEVNULL,
                                stdout=log, stderr=subprocess.STDOUT)

    def run(self, *arguments):
        """Runs to the end; returns the seconds, and the most memory of a provider in MiB."""
        before = self.simulator.requests() if self.simulator else (0, 0)
        began, most = time.monotonic(), 0
        process = self.start(*arguments)
        while process.poll() is None:
            most = max([most, *(peak(child) for child in children(process.pid))])
            time.sleep(0.02)
        took = time.monotonic() - began
        if process.returncode not in (0, 2):
            lines = [line for line in (self.path / "log").read_text().splitlines() if "Error" in line]
            raise RuntimeError(f"{self.name}: {' '.join(arguments)}: {lines[0] if lines else 'failed'}")
        after = self.simulator.requests() if self.simulator else (0, 0)
        return Run(took, most / 1024, after[0] - before[0], after[1] - before[1])


class Run:
    def __init__(self, seconds, memory, calls, refused):
        self.seconds, self.memory, self.calls, self.refused = seconds, memory, calls, refused


def children(parent):
    """Providers that any thread of a process has started; between its birth and its start one is a copy of Terraform."""
    found = []
    with contextlib.suppress(OSError):
        for task in pathlib.Path(f"/proc/{parent}/task").iterdir():
            with contextlib.suppress(OSError):
                found += (task / "children").read_text().split()
    return [child for child in found if command(child).startswith("terraform-provi")]


def command(process):
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{process}/comm").read_text()
    return ""


def status(process, field):
    with contextlib.suppress(OSError, StopIteration):
        lines = pathlib.Path(f"/proc/{process}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith(field)).split()[1])
    return 0


def peak(process):
    return status(process, "VmHWM:")


def cpu(process):
    """Milliseconds of CPU that a process has used, by the scheduler's count."""
    with contextlib.suppress(OSError):
        tasks = pathlib.Path(f"/proc/{process}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e6
    return 0.0


class Setup:
    def __init__(self, arguments, folder):
        self.folder, self.terraform, self.rounds = folder, arguments.terraform, arguments.rounds
        self.ours = str(pathlib.Path(arguments.provider).resolve())
        self.binaries = {"aks": self.ours, **dict(peer.split("=", 1) for peer in arguments.peer)}
        for name, binary in self.binaries.items():
            if name not in SOURCES:
                sys.exit(f"--peer {name}=…: only {', '.join(SOURCES)} are known")
            if not os.access(binary, os.X_OK):
                sys.exit(f"{binary} is no program; build it first: cargo build --locked --release")
            home = pathlib.Path(self.home(name))
            home.mkdir()
            # A link, so that a folder holds one provider under the name that Terraform looks for.
            (home / f"terraform-provider-{name}").symlink_to(pathlib.Path(binary).resolve())

    def home(self, name):
        return f"{self.folder}/{name}"

    def simulator(self, *arguments, **more):
        return Simulator(self.ours, self.folder, *arguments, **more)

    def median(self, measure):
        return statistics.median(measure() for _ in range(self.rounds))


# The measurements.

def handshake(setup, name, certificate):
    """Milliseconds to the line, and MiB afterwards."""
    environment = {**os.environ, **COOKIE, "PLUGIN_PROTOCOL_VERSIONS": "5,6", "PLUGIN_CLIENT_CERT": certificate}
    times, sizes = [], []
    for _ in range(4 * setup.rounds):
        began = time.monotonic()
        process = subprocess.Popen([setup.binaries[name]], env=environment, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        line = process.stdout.readline()
        times.append(1000 * (time.monotonic() - began))
        # The line is out before the server is up; memory is what it needs to serve.
        time.sleep(0.05)
        sizes.append(status(process.pid, "VmRSS:") / 1024)
        process.kill()
        process.wait()
        if not line.startswith(b"1|"):
            raise RuntimeError(f"{name}: no handshake line")
    return statistics.median(times), statistics.median(sizes)


def certificate(folder):
    """The certificate that Terraform makes: ECDSA P-521, for localhost."""
    path = pathlib.Path(folder) / "host.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521", "-nodes", "-days",
                    "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "/dev/null",
                    "-out", path], check=True, capture_output=True)
    return path.read_text()


def starts(setup):
    pem = certificate(setup.folder)
    plain = Folder(setup, "", floor(1))
    print("| provider | start to handshake | memory | size | `terraform validate` | of `terraform_data` only |")
    print("|---|---|---|---|---|---|")
    for name, binary in setup.binaries.items():
        text = policies(1, "1.35", images=False) if name == "aks" else data(name, 1)
        folder = Folder(setup, name, text)
        ratios, times = [], []
        for folder_ in (plain, folder):
            folder_.run("validate")
        for _ in range(2 * setup.rounds):
            without, with_it = plain.run("validate").seconds, folder.run("validate").seconds
            ratios.append(with_it / without)
            times.append(with_it)
        line, memory = handshake(setup, name, pem)
        size = os.path.getsize(binary) / 1e6
        print(f"| {name} | {line:.1f} ms | {memory:.1f} MiB | {size:.1f} MB | {1000 * statistics.median(times):.0f} ms |"
              f" {statistics.median(ratios):.2f} times |", flush=True)


def plan_of_ours(setup, clusters, throttle, images=True):
    """A plan that finds nothing to do, after an apply on a stand-in without limits."""
    with setup.simulator(clusters) as calm:
        folder = Folder(setup, "aks", policies(clusters, "1.35", images), calm)
        folder.run("apply", "-auto-approve")
        with setup.simulator(clusters, throttle=throttle) as azure:
            folder.point_to(azure)
            first = folder.run("plan", "-detailed-exitcode")
            again = folder.run("plan", "-detailed-exitcode")
    return first, again


def plan_of_peer(setup, name, clusters, throttle):
    with setup.simulator(clusters, throttle=throttle) as azure:
        return Folder(setup, name, data(name, clusters), azure).run("plan")


def plan_of_floor(setup, objects):
    folder = Folder(setup, "", floor(objects))
    folder.run("apply", "-auto-approve")
    return setup.median(lambda: folder.run("plan").seconds)


def row(name, clusters, limits, run):
    print(f"| {name} | {clusters} | {limits} | {run.seconds:.1f} s | {run.calls} | {run.refused} | {run.memory:.0f} MiB |",
          flush=True)


def plans(setup, numbers):
    print("\n| plan, nothing to do | clusters | Azure's limits | takes | calls | of them refused (429) | memory |")
    print("|---|---|---|---|---|---|---|")
    for clusters in numbers:
        row("terraform_data only", clusters, "", Run(plan_of_floor(setup, 2 * clusters), 0, 0, 0))
        for throttle, limits in ((False, "off"), (True, "on")):
            first, again = plan_of_ours(setup, clusters, throttle)
            row("aks", clusters, limits, first)
            row("aks, right after it", clusters, limits, again)
            for name in list(setup.binaries)[1:]:
                try:
                    row(name, clusters, limits, plan_of_peer(setup, name, clusters, throttle))
                except RuntimeError as error:
                    print(f"| {name} | {clusters} | {limits} | {error} | | | |", flush=True)


def fleet(setup, clusters):
    least = plan_of_floor(setup, clusters)
    row("terraform_data only", clusters, "", Run(least, 0, 0, 0))
    first, again = plan_of_ours(setup, clusters, True, images=False)
    row("aks, policies only", clusters, "on", first)
    row("aks, right after it", clusters, "on", again)
    print(f"\nTerraform's own time aside, {clusters} policies take {first.seconds - least:.1f} s.", flush=True)


def applies(setup, clusters):
    print("\n| first apply, all of it deferred | clusters | Azure's limits | takes | calls | of them refused (429) | memory |")
    print("|---|---|---|---|---|---|---|")
    began = time.monotonic()
    folder = Folder(setup, "", floor(2 * clusters))
    folder.run("apply", "-auto-approve")
    row("terraform_data only", clusters, "", Run(time.monotonic() - began, 0, 0, 0))
    with setup.simulator(clusters, LATER, throttle=True) as azure:
        folder = Folder(setup, "aks", policies(clusters, "1.34"), azure)
        row("aks", clusters, "on", folder.run("apply", "-auto-approve"))
        row("aks, a plan right after it", clusters, "on", folder.run("plan"))
        file = (folder.path / "terraform.tfstate").read_text()
        state = json.loads(file)
        instances = {one["type"]: one["instances"][0] for one in state["resources"]}
        sizes = {kind: (len(json.dumps(one)), len(one.get("private", ""))) for kind, one in instances.items()}
        pair = sum(whole for whole, _ in sizes.values())
        private = sum(private for _, private in sizes.values())
        print(f"\nState of a cluster's pair: {len(file) / clusters / 1000:.1f} kB of the file, {pair / 1000:.1f} kB without "
              f"its spaces, of them {private / 1000:.1f} kB private.")


def waiting(setup):
    """CPU of a provider that waits for a window, in a minute."""
    with setup.simulator(1, LATER) as azure:
        folder = Folder(setup, "aks", policies(1, "1.34", images=False, outside="wait", window=TODAY), azure)
        folder.run("apply", "-auto-approve")
        process = folder.start("apply", "-auto-approve")
        time.sleep(10)
        waits = children(process.pid)
        if not waits:
            raise RuntimeError("nobody waits: " + (folder.path / "log").read_text())
        before = sum(map(cpu, waits))
        time.sleep(60)
        used = sum(map(cpu, waits)) - before
        process.send_signal(signal.SIGINT)
        process.wait()
    print(f"\nCPU while waiting for a window: {used:.1f} ms a minute.", flush=True)


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), "")
    date = datetime.date.today().isoformat()
    return f"{date}, {platform.system()}, {os.cpu_count()} cores ({model}), load {os.getloadavg()[0]:.1f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--provider", default=ROOT / "target/release/terraform-provider-aks")
    parser.add_argument("--terraform", default=shutil.which("terraform"))
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=PATH", help="azapi=… or azurerm=…")
    parser.add_argument("--rounds", type=int, default=5, help="medians of so many; a start is measured four times as often")
    parser.add_argument("--quick", action="store_true", help="10 clusters only")
    parser.add_argument("--only", choices=["starts", "plans", "fleet", "applies", "waiting"], action="append")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        setup = Setup(arguments, folder)
        wanted = arguments.only or ["starts", "plans", "fleet", "applies", "waiting"]
        version = subprocess.run([setup.terraform, "version"], capture_output=True, text=True).stdout.split()[1]
        print(f"{machine()}, Terraform {version}\n", flush=True)
        numbers = [10] if arguments.quick else [10, 100]
        if "starts" in wanted:
            starts(setup)
        if "plans" in wanted:
            plans(setup, numbers)
        if "fleet" in wanted and not arguments.quick:
            fleet(setup, 1000)
        if "applies" in wanted:
            applies(setup, numbers[-1])
        if "waiting" in wanted:
            waiting(setup)


if __name__ == "__main__":
    main()
