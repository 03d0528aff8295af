"""`tf.errors`: the expected values are what TensorFlow 2.21 gives."""

from __future__ import annotations

import pickle

import pytest

from tapeflow.base import errors

CODES = {
    "CANCELLED": 1, "UNKNOWN": 2, "INVALID_ARGUMENT": 3, "DEADLINE_EXCEEDED": 4, "NOT_FOUND": 5, "ALREADY_EXISTS": 6,
    "PERMISSION_DENIED": 7, "RESOURCE_EXHAUSTED": 8, "FAILED_PRECONDITION": 9, "ABORTED": 10, "OUT_OF_RANGE": 11,
    "UNIMPLEMENTED": 12, "INTERNAL": 13, "UNAVAILABLE": 14, "DATA_LOSS": 15, "UNAUTHENTICATED": 16,
}  # fmt: skip


@pytest.mark.parametrize("name", CODES)
def test_each_code_has_its_class(name: str) -> None:
    code = CODES[name]
    cls = getattr(errors, name.title().replace("_", "") + "Error")
    error = cls(None, None, "went wrong")
    assert getattr(errors, name) == error.error_code == code
    assert errors.exception_type_from_error_code(code) is cls
    assert errors.error_code_from_exception_type(cls) == code
    assert isinstance(error, errors.OpError)
    assert (str(error), error.message, repr(error), error.args) == ("went wrong", "went wrong", f"{cls.__name__}()", ())
    assert (error.op, error.node_def, error.experimental_payloads) == (None, None, {})


def test_not_a_value_error() -> None:
    assert not issubclass(errors.InvalidArgumentError, ValueError)
    assert issubclass(errors.OperatorNotAllowedInGraphError, TypeError)
    assert errors.OK == 0


def test_payloads_and_pickling() -> None:
    error = errors.NotFoundError("node", None, "gone", {"key": b"value"})
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is errors.NotFoundError
    assert (again.node_def, again.message, again.experimental_payloads) == ("node", "gone", {"key": b"value"})
    other = pickle.loads(pickle.dumps(errors.OpError(None, None, "any", 5)))
    assert (type(other), other.error_code, other.message) == (errors.OpError, 5, "any")


def test_bad_calls() -> None:
    with pytest.raises(TypeError):
        errors.InvalidArgumentError("only a message")  # type: ignore[call-arg]
    with pytest.raises(KeyError):
        errors.exception_type_from_error_code(99)
    with pytest.raises(errors.InvalidArgumentError, match="too big"):
        raise errors.invalid("too big")
