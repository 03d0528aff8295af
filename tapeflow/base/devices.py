"""The names of devices."""

from __future__ import annotations

import re

HOST = "/job:localhost/replica:0/task:0"
CPU = f"{HOST}/device:CPU:0"

_FIELDS = ("job", "replica", "task", "device")  # in the order in which a name has them
_PART = re.compile(
    r"(job):([\w.-]+)|(replica|task):(\d+)|(device):(\w+(?::(?:\d+|\*))?)|((?:cpu|gpu|tpu)(?::(?:\d+|\*))?)",
    re.IGNORECASE,
)


def canonical(name: str) -> str:
    """A name of a device, or a part of one, as TensorFlow writes it: `"/device:GPU:1"` for `"gpu:1"`.

    Raises:
      ValueError: if it is none.
    """
    return joined(parsed(name))


def parsed(name: str) -> dict[str, str]:
    """The fields of a name: job, replica, task, device (`"GPU:1"`, `"GPU:*"`), those that it has.

    Raises:
      ValueError: if it is no name.
    """
    fields = {}
    for part in filter(None, name.split("/")):
        found = _PART.fullmatch(part)
        if found is None:
            attribute = part.partition(":")[0]
            raise ValueError(f"Unknown attribute '{attribute}' is encountered while parsing the device spec: '{name}'.")
        job, job_name, number_of, number, _, device, short = found.groups()
        if job or number_of:
            fields[(job or number_of).lower()] = job_name or number
        else:
            kind, _, index = (device or short).partition(":")
            fields["device"] = f"{kind.upper()}:{index or '*'}"
    return fields


def joined(fields: dict[str, str]) -> str:
    """The name that has these fields."""
    return "".join(f"/{field}:{fields[field]}" for field in _FIELDS if field in fields)
