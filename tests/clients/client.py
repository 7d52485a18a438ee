"""What the scripts for the Python SDKs share: a token, the clock, and a line per answer."""

import json
import sys
import time
import urllib.request

from azure.core.credentials import AccessToken, AccessTokenInfo
from azure.core.exceptions import HttpResponseError

BASE, CA, SUBSCRIPTION = sys.argv[1:4]


class Static:
    """A token that never ends."""

    def get_token(self, *_scopes, **_options):
        return AccessToken("simulated", int(time.time()) + 3600)

    def get_token_info(self, *_scopes, **_options):
        return AccessTokenInfo("simulated", int(time.time()) + 3600)


def clock(**move):
    """Moves the simulator's clock."""
    urllib.request.urlopen(f"{BASE}/simulator/clock", json.dumps(move).encode()).read()


def expect(what, got, expected):
    """Prints one line, or stops at a difference."""
    if got != expected:
        sys.exit(f"NO  {what}\n    expected {expected!r}\n    got      {got!r}")
    print(f"ok  sdk {what}")


def refused(call):
    """Returns status and code of a refusal."""
    try:
        call()
    except HttpResponseError as error:
        return error.status_code, error.error.code
    return "not refused"


way = {
    "base_url": BASE,
    "credential_scopes": ["https://management.azure.com/.default"],
    "connection_verify": CA,
    "polling_interval": 1,
}
