"""`tf.errors`: what ops raise."""

from __future__ import annotations

from .base.errors import ABORTED as ABORTED
from .base.errors import ALREADY_EXISTS as ALREADY_EXISTS
from .base.errors import CANCELLED as CANCELLED
from .base.errors import DATA_LOSS as DATA_LOSS
from .base.errors import DEADLINE_EXCEEDED as DEADLINE_EXCEEDED
from .base.errors import FAILED_PRECONDITION as FAILED_PRECONDITION
from .base.errors import INTERNAL as INTERNAL
from .base.errors import INVALID_ARGUMENT as INVALID_ARGUMENT
from .base.errors import NOT_FOUND as NOT_FOUND
from .base.errors import OK as OK
from .base.errors import OUT_OF_RANGE as OUT_OF_RANGE
from .base.errors import PERMISSION_DENIED as PERMISSION_DENIED
from .base.errors import RESOURCE_EXHAUSTED as RESOURCE_EXHAUSTED
from .base.errors import UNAUTHENTICATED as UNAUTHENTICATED
from .base.errors import UNAVAILABLE as UNAVAILABLE
from .base.errors import UNIMPLEMENTED as UNIMPLEMENTED
from .base.errors import UNKNOWN as UNKNOWN
from .base.errors import AbortedError as AbortedError
from .base.errors import AlreadyExistsError as AlreadyExistsError
from .base.errors import CancelledError as CancelledError
from .base.errors import DataLossError as DataLossError
from .base.errors import DeadlineExceededError as DeadlineExceededError
from .base.errors import FailedPreconditionError as FailedPreconditionError
from .base.errors import InternalError as InternalError
from .base.errors import InvalidArgumentError as InvalidArgumentError
from .base.errors import NotFoundError as NotFoundError
from .base.errors import OperatorNotAllowedInGraphError as OperatorNotAllowedInGraphError
from .base.errors import OpError as OpError
from .base.errors import OutOfRangeError as OutOfRangeError
from .base.errors import PermissionDeniedError as PermissionDeniedError
from .base.errors import ResourceExhaustedError as ResourceExhaustedError
from .base.errors import UnauthenticatedError as UnauthenticatedError
from .base.errors import UnavailableError as UnavailableError
from .base.errors import UnimplementedError as UnimplementedError
from .base.errors import UnknownError as UnknownError
