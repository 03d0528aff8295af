"""The `tf.errors` family: what ops raise.

Codes and classes are those of the status codes that TensorFlow shares with gRPC.
"""

from __future__ import annotations

from typing import Any, ClassVar

OK = 0
CANCELLED = 1
UNKNOWN = 2
INVALID_ARGUMENT = 3
DEADLINE_EXCEEDED = 4
NOT_FOUND = 5
ALREADY_EXISTS = 6
PERMISSION_DENIED = 7
RESOURCE_EXHAUSTED = 8
FAILED_PRECONDITION = 9
ABORTED = 10
OUT_OF_RANGE = 11
UNIMPLEMENTED = 12
INTERNAL = 13
UNAVAILABLE = 14
DATA_LOSS = 15
UNAUTHENTICATED = 16


class OpError(Exception):
    """The base of the errors that ops raise.

    Attributes:
      node_def: the description of the graph node that failed, or None.
      op: the failed operation, where there is one, or None.
      message: what went wrong.
      error_code: the status code.
      experimental_payloads: a dict of what else is known about the error.
    """

    def __init__(self, node_def: Any, op: Any, message: str, error_code: int, *args: Any) -> None:
        super().__init__()
        self.node_def = node_def
        self.op = op
        self.message = message
        self.error_code = error_code
        self.experimental_payloads: dict[str, Any] = args[0] if args else {}

    def __reduce__(self) -> Any:
        return type(self), (self.node_def, None, self.message, self.error_code, self.experimental_payloads)

    def __str__(self) -> str:
        return self.message


class _CodedError(OpError):
    """What the classes of one code have in common."""

    _code: ClassVar[int]

    def __init__(self, node_def: Any, op: Any, message: str, *args: Any) -> None:
        super().__init__(node_def, op, message, self._code, *args)

    def __reduce__(self) -> Any:
        return type(self), (self.node_def, None, self.message, self.experimental_payloads)


class CancelledError(_CodedError):
    """The operation was cancelled, usually by a request from outside."""

    _code = CANCELLED


class UnknownError(_CodedError):
    """An error that nothing more is known about."""

    _code = UNKNOWN


class InvalidArgumentError(_CodedError):
    """An argument has a value, shape or dtype that the operation cannot take."""

    _code = INVALID_ARGUMENT


class DeadlineExceededError(_CodedError):
    """The operation was not done in time."""

    _code = DEADLINE_EXCEEDED


class NotFoundError(_CodedError):
    """Something asked for, such as a file, does not exist."""

    _code = NOT_FOUND


class AlreadyExistsError(_CodedError):
    """Something that was to be made exists already."""

    _code = ALREADY_EXISTS


class PermissionDeniedError(_CodedError):
    """The caller may not do this."""

    _code = PERMISSION_DENIED


class ResourceExhaustedError(_CodedError):
    """Memory, disk space or a quota is used up."""

    _code = RESOURCE_EXHAUSTED


class FailedPreconditionError(_CodedError):
    """The state does not allow the operation, as when a variable has no value yet."""

    _code = FAILED_PRECONDITION


class AbortedError(_CodedError):
    """The operation was given up, often because of another one running at the same time."""

    _code = ABORTED


class OutOfRangeError(_CodedError):
    """The operation went past the end, as when an iterator has no more elements."""

    _code = OUT_OF_RANGE


class UnimplementedError(_CodedError):
    """The operation does not exist for these arguments."""

    _code = UNIMPLEMENTED


class InternalError(_CodedError):
    """Something that should always hold does not."""

    _code = INTERNAL


class UnavailableError(_CodedError):
    """The runtime cannot be reached at the moment."""

    _code = UNAVAILABLE


class DataLossError(_CodedError):
    """Data is lost or damaged."""

    _code = DATA_LOSS


class UnauthenticatedError(_CodedError):
    """The caller has not said who they are."""

    _code = UNAUTHENTICATED


class OperatorNotAllowedInGraphError(TypeError):
    """A symbolic tensor was used where Python needs a value, as in `if tensor:`."""


_CLASSES: dict[int, type[_CodedError]] = {cls._code: cls for cls in _CodedError.__subclasses__()}


def exception_type_from_error_code(error_code: int) -> type[OpError]:
    """The class for a status code. Raises KeyError for `OK` and for numbers that are no code."""
    return _CLASSES[error_code]


def error_code_from_exception_type(cls: type[OpError]) -> int:
    """The status code of a class; `UNKNOWN` for classes that have no code of their own."""
    return cls._code if issubclass(cls, _CodedError) else UNKNOWN


def invalid(message: str) -> InvalidArgumentError:
    """An InvalidArgumentError for kernels and shape rules to raise; `execute` adds which op it was."""
    return InvalidArgumentError(None, None, message)
