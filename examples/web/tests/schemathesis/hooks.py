"""Values that a schema can only name."""

import zoneinfo

import schemathesis
from hypothesis import strategies

ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Chatham", "UTC"]

schemathesis.openapi.format("iana-time-zone", strategies.sampled_from([z for z in ZONES if zoneinfo.ZoneInfo(z)]))
