"""`tf.DeviceSpec`: the parts of a device's name."""

from __future__ import annotations

from typing import Any

_FIELDS = ("job", "replica", "task", "device_type", "device_index")


class DeviceSpec:
    """A device, or some of what is said of one. It does not change; `tf.device` takes it.

    Args:
      job: the name of a job.
      replica: a number.
      task: a number.
      device_type: such as `"CPU"`, `"GPU"`.
      device_index: a number.

    >>> tf.DeviceSpec(device_type="GPU", device_index=1).to_string()
    '/device:GPU:1'
    """

    __slots__ = ("_values",)

    def __init__(
        self,
        job: str | None = None,
        replica: int | None = None,
        task: int | None = None,
        device_type: str | None = None,
        device_index: int | None = None,
    ) -> None:
        numbers = [None if n is None else int(n) for n in (replica, task, device_index)]
        self._values = (
            None if job is None else str(job),
            *numbers[:2],
            None if device_type is None else str(device_type),
            numbers[2],
        )

    @property
    def job(self) -> str | None:
        """The name of the job."""
        return self._values[0]  # type: ignore[return-value]

    @property
    def replica(self) -> int | None:
        """The number of the replica."""
        return self._values[1]  # type: ignore[return-value]

    @property
    def task(self) -> int | None:
        """The number of the task."""
        return self._values[2]  # type: ignore[return-value]

    @property
    def device_type(self) -> str | None:
        """The type of the device."""
        return self._values[3]  # type: ignore[return-value]

    @property
    def device_index(self) -> int | None:
        """The number of the device."""
        return self._values[4]  # type: ignore[return-value]

    @classmethod
    def from_string(cls, spec: str) -> DeviceSpec:
        """The spec that a name stands for.

        Raises:
          ValueError: if something in it is unknown.

        >>> tf.DeviceSpec.from_string("/job:ps/task:2/gpu:1").device_index
        1
        """
        found: dict[str, Any] = {}
        for part in (spec or "").split("/"):
            words = part.split(":")
            kind = words[0].upper()
            if len(words) == 2 and words[0] in ("job", "replica", "task"):
                found[words[0]] = words[1]
            elif len(words) == 3 and words[0] == "device":
                found |= _device(words[1], words[2])
            elif len(words) <= 2 and kind in ("CPU", "GPU", "TPU", "XLA_CPU", "XLA_GPU", "EPU"):
                found |= _device(kind, words[1] if len(words) == 2 else "*")
            elif part:
                raise ValueError(
                    f"Unknown attribute '{words[0]}' is encountered while parsing the device spec: '{spec}'."
                )
        return cls(**found)

    def parse_from_string(self, spec: str) -> DeviceSpec:
        """The same as `from_string`."""
        return self.from_string(spec)

    def make_merged_spec(self, dev: DeviceSpec) -> DeviceSpec:
        """What `dev` says, and for the rest what this one says.

        >>> tf.DeviceSpec(job="a", task=1).make_merged_spec(tf.DeviceSpec(task=2)).to_string()
        '/job:a/task:2'
        """
        pairs = zip(self._values, dev._values, strict=True)
        return DeviceSpec(**dict(zip(_FIELDS, [old if new is None else new for old, new in pairs], strict=True)))  # type: ignore[arg-type]

    def replace(self, **kwargs: Any) -> DeviceSpec:
        """The same with other parts.

        >>> tf.DeviceSpec(job="a", task=1).replace(task=3).to_string()
        '/job:a/task:3'
        """
        return DeviceSpec(**{**dict(zip(_FIELDS, self._values, strict=True)), **kwargs})

    def to_string(self) -> str:
        """The name, as `tf.device` takes it."""
        pairs = zip(_FIELDS[:3], self._values[:3], strict=True)
        parts = [f"/{field}:{value}" for field, value in pairs if value is not None]
        if self.device_type is not None:
            index = "*" if self.device_index is None else self.device_index
            parts.append(f"/device:{self.device_type}:{index}")
        return "".join(parts)

    @property
    def name(self) -> str:
        """The same as `to_string()`, for who expects a device."""
        return self.to_string()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DeviceSpec) and self._values == other._values

    def __hash__(self) -> int:
        return hash(self._values)

    def __repr__(self) -> str:
        return f"<DeviceSpec({', '.join(f'{f}={v}' for f, v in zip(_FIELDS, self._values, strict=True))})>"


def _device(kind: str, index: str) -> dict[str, Any]:
    upper = kind.upper() if kind.upper() in ("CPU", "GPU") else kind
    return {"device_type": upper} if index == "*" else {"device_type": upper, "device_index": index}
