#!/usr/bin/env bash
# What a start of the provider costs Terraform, measured on a release build: medians of 20.
# Fails when memory, size or `terraform validate` go beyond their limits (benches/startup.rs).
set -euo pipefail
cd "$(dirname "$0")/.."
exec cargo bench --bench startup
