"""The messages of `tf.train`: `Example`, `SequenceExample` and what they are made of, with the protobuf library."""

from __future__ import annotations

import functools
from typing import Any

from ..base.extras import need

# Message: its fields, each a name and a type; `name*` is repeated, `map:T` a map from strings, and a group of `|` a
# choice. Field numbers count from 1.
_MESSAGES = {
    "BytesList": "value*:bytes",
    "FloatList": "value*:float",
    "Int64List": "value*:int64",
    "Feature": "bytes_list|:BytesList float_list|:FloatList int64_list|:Int64List",
    "Features": "feature:map:Feature",
    "FeatureList": "feature*:Feature",
    "FeatureLists": "feature_list:map:FeatureList",
    "Example": "features:Features",
    "SequenceExample": "context:Features feature_lists:FeatureLists",
}
_SCALARS = {"string": 9, "bytes": 12, "float": 2, "int64": 3}
_OPTIONAL, _REPEATED, _MESSAGE = 1, 3, 11
_PACKAGE = "tensorflow"


@functools.cache
def _classes() -> dict[str, Any]:
    """The classes, by name.

    Raises:
      ImportError: without the protobuf library (the extra `tensorboard`).
    """
    pb2 = need("google.protobuf.descriptor_pb2", "tensorboard", "tf.train.Example")
    pool = need("google.protobuf.descriptor_pool", "tensorboard", "tf.train.Example").DescriptorPool()
    factory = need("google.protobuf.message_factory", "tensorboard", "tf.train.Example")
    file = pb2.FileDescriptorProto(name="tapeflow/example.proto", package=_PACKAGE, syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for number, each in enumerate(fields.split(), 1):
            _add_field(message, each, number)
    pool.Add(file) if hasattr(pool, "Add") else pool.AddSerializedFile(file.SerializeToString())
    found = {name: pool.FindMessageTypeByName(f"{_PACKAGE}.{name}") for name in _MESSAGES}
    return {name: factory.GetMessageClass(descriptor) for name, descriptor in found.items()}


def _add_field(message: Any, text: str, number: int) -> None:
    label, _, kind = text.partition(":")
    name = label.rstrip("*|")
    repeated = label.endswith("*") or kind.startswith("map:")
    field = message.field.add(name=name, number=number, label=_REPEATED if repeated else _OPTIONAL)
    if kind.startswith("map:"):
        entry = message.nested_type.add(name="".join(part.title() for part in name.split("_")) + "Entry")
        entry.options.map_entry = True
        _add_field(entry, "key:string", 1)
        _add_field(entry, f"value:{kind[4:]}", 2)
        kind = f"{message.name}.{entry.name}"
    if kind in _SCALARS:
        field.type = _SCALARS[kind]
    else:
        field.type, field.type_name = _MESSAGE, f".{_PACKAGE}.{kind}"
    if label.endswith("|"):
        if not message.oneof_decl:
            message.oneof_decl.add(name="kind")
        field.oneof_index = 0


def __getattr__(name: str) -> Any:
    if name not in _MESSAGES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    return _classes()[name]
