"""Values that a schema can only name, and accounts that there are."""

import re

import schemathesis
from hypothesis import strategies

ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Chatham", "UTC"]
KNOWN = ["sample.steady", "sample.rising", "@Sample.Quiet"]
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT.*")
HANDLE = re.compile("@?[A-Za-z0-9_.]{1,23}[A-Za-z0-9_]")

schemathesis.openapi.format("iana-time-zone", strategies.sampled_from(ZONES))


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Half of the accounts are sample creators: of unknown ones there is nothing to tell."""
    handle = (path_parameters or {}).get("handle")
    if isinstance(handle, str) and HANDLE.fullmatch(handle) and ord(handle[-1]) % 2:
        path_parameters["handle"] = KNOWN[len(handle) % len(KNOWN)]
    return path_parameters


@schemathesis.hook
def map_query(context, query):
    """Of most moments there is nothing to tell either: half of them are left out."""
    moment = (query or {}).get("as_of")
    if isinstance(moment, str) and MOMENT.fullmatch(moment) and len(moment) % 2:
        del query["as_of"]
    return query
