"""`tf.test.TestCase`: a test case of `unittest` that compares tensors."""

# ruff: noqa: N802, PT009, PT027 - unittest's own way

from __future__ import annotations

import re
import shutil
import tempfile
import unittest
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import numpy as np

from .base import dtypes, errors, nest
from .base.devices import canonical
from .base.dtypes import as_dtype
from .core.tensor import Tensor
from .ops.random import set_seed

Array = Any


class EagerSession:
    """What `cached_session` gives: it evaluates what programs of TensorFlow 1 would run."""

    def __init__(self, case: TestCase) -> None:
        self._case = case

    def run(self, fetches: Any) -> Any:
        """The values of tensors."""
        return self._case.evaluate(fetches)


class TestCase(unittest.TestCase):
    """A test case of `unittest` with assertions about tensors, arrays, and structures of them.

    Each test starts from the same seed of random numbers.

    >>> class TestSquare(tf.test.TestCase):
    ...     def test_square(self):
    ...         self.assertAllClose(tf.square([1.0, 2.0]), [1.0, 4.0])
    >>> TestSquare("test_square").run().wasSuccessful()
    True
    """

    def setUp(self) -> None:
        """Sets the seeds."""
        import random

        random.seed(87654321)
        np.random.seed(87654321)
        set_seed(87654321)

    def get_temp_dir(self) -> str:
        """A directory for the files of this test; it is removed at its end."""
        found = self.__dict__.get("_directory")
        if found is None:
            found = self.__dict__["_directory"] = tempfile.mkdtemp()
            self.addCleanup(shutil.rmtree, found, ignore_errors=True)
        return str(found)

    create_tempdir = get_temp_dir

    def evaluate(self, tensors: Any) -> Any:
        """The values of tensors and Variables, in the same structure."""
        return nest.map_structure(lambda x: x.numpy() if hasattr(x, "numpy") else x, tensors)

    @contextmanager
    def cached_session(self, graph: Any = None, config: Any = None, use_gpu: bool = True,
                       force_gpu: bool = False) -> Iterator[EagerSession]:  # fmt: skip
        """For programs that wrap tests in a session: eagerly, there is none. The arguments are hints."""
        yield EagerSession(self)

    session = cached_session

    def _array(self, x: Any) -> Array:
        x = x.numpy() if hasattr(x, "numpy") else x
        if not isinstance(x, (np.ndarray, np.generic)):
            x = np.array([self._array(part) for part in x]) if _holds_tensors(x) else np.array(x)
        return np.asarray(x)

    # ------------------------------------------------------------ values

    def assertAllClose(self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: str | None = None) -> None:
        """Two structures of arrays have the same form, and values that are near: `|a - b| <= atol + rtol * |b|`.

        Raises:
          AssertionError: if not.
          ValueError: if just one of the two is a dict.
        """
        self._all_close(a, b, rtol, atol, msg, "")

    def _all_close(self, a: Any, b: Any, rtol: float, atol: float, msg: str | None, path: str) -> None:
        if isinstance(a, Mapping) is not isinstance(b, Mapping):
            raise ValueError(f"Can't compare dict to non-dict, a{path} vs b{path}. {msg or ''}")
        if isinstance(a, Mapping):
            said = f"mismatched keys: a{path} has keys {a.keys()}, but b{path} has keys {b.keys()}"
            self.assertCountEqual(a, b, said)
            for key in a:
                self._all_close(a[key], b[key], rtol, atol, msg, f"{path}[{key!r}]")
        elif isinstance(a, (list, tuple)) and (_is_ragged(a) or _is_ragged(b)):
            self.assertEqual(len(a), len(b), f"Mismatched length: a{path} has {len(a)} items, but b{path} has {len(b)}")
            for i, (x, y) in enumerate(zip(a, b, strict=True)):
                self._all_close(x, y, rtol, atol, msg, f"{path}[{i}]")
        else:
            self._arrays_close(a, b, rtol, atol, msg, path)

    def _arrays_close(self, a: Any, b: Any, rtol: float, atol: float, msg: str | None, path: str) -> None:
        a, b = self._array(a), self._array(b)
        self.assertEqual(a.shape, b.shape, f"Shape mismatch: expected {a.shape}, got {b.shape} with contents {b}.")
        said = [
            f"Mismatched value: a{path} is different from b{path}. {msg or ''}",
            f"dtype = {a.dtype}, shape = {a.shape}",
        ]
        a, b = (x.astype(np.float32) if x.dtype.kind == "V" else x for x in (a, b))
        np.testing.assert_allclose(a, b, rtol=rtol, atol=atol, err_msg="\n".join(said), equal_nan=True)

    def assertAllCloseAccordingToType(
        self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, float_rtol: float = 1e-6,
        float_atol: float = 1e-6, half_rtol: float = 1e-3, half_atol: float = 1e-3, bfloat16_rtol: float = 1e-2,
        bfloat16_atol: float = 1e-2, msg: str | None = None,
    ) -> None:  # fmt: skip
        """`assertAllClose` with the tolerances of the coarser of the two dtypes."""
        kinds = {self._array(a).dtype.name, self._array(b).dtype.name}
        wider = [(float_rtol, float_atol, {"float32", "complex64"}), (half_rtol, half_atol, {"float16"}),
                 (bfloat16_rtol, bfloat16_atol, {"bfloat16"})]  # fmt: skip
        for relative, absolute, names in wider:
            if kinds & names:
                rtol, atol = max(rtol, relative), max(atol, absolute)
        self.assertAllClose(a, b, rtol=rtol, atol=atol, msg=msg)

    def assertNotAllClose(self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: str | None = None) -> None:
        """Some values are not near."""
        try:
            self.assertAllClose(a, b, rtol=rtol, atol=atol)
        except AssertionError:
            return
        raise AssertionError(f"The two values are close at all elements. {msg or ''}")

    def assertAllEqual(self, a: Any, b: Any, msg: str | None = None) -> None:
        """Two arrays have the same shape and values; NaN is NaN, and text is its UTF-8."""
        a, b = (_bytes(self._array(x)) for x in (a, b))
        self.assertEqual(
            a.shape, b.shape, f"Shape mismatch: expected {a.shape}, got {b.shape}. Contents: {b!r}. \n{msg or ''}."
        )
        np.testing.assert_array_equal(a, b, err_msg=msg or "")

    def assertNotAllEqual(self, a: Any, b: Any, msg: str | None = None) -> None:
        """Some values differ."""
        try:
            self.assertAllEqual(a, b)
        except AssertionError:
            return
        raise AssertionError(f"The two values are equal at all elements. {msg or ''}")

    def assertAllGreater(self, a: Any, comparison_target: Any) -> None:
        """All elements are greater."""
        self.assertGreater(np.min(self._array(a)), comparison_target)

    def assertAllGreaterEqual(self, a: Any, comparison_target: Any) -> None:
        """All elements are greater or equal."""
        self.assertGreaterEqual(np.min(self._array(a)), comparison_target)

    def assertAllLess(self, a: Any, comparison_target: Any) -> None:
        """All elements are less."""
        self.assertLess(np.max(self._array(a)), comparison_target)

    def assertAllLessEqual(self, a: Any, comparison_target: Any) -> None:
        """All elements are less or equal."""
        self.assertLessEqual(np.max(self._array(a)), comparison_target)

    def assertAllInRange(
        self, target: Any, lower_bound: Any, upper_bound: Any, open_lower_bound: bool = False,
        open_upper_bound: bool = False,
    ) -> None:  # fmt: skip
        """All elements are between two bounds, which may count as in the range or not."""
        x = self._array(target)
        below = x <= lower_bound if open_lower_bound else x < lower_bound
        above = x >= upper_bound if open_upper_bound else x > upper_bound
        wrong = x[below | above | (x != x)]
        ends = f"{'(' if open_lower_bound else '['}{lower_bound}, {upper_bound}{')' if open_upper_bound else ']'}"
        self.assertFalse(wrong.size, f"{wrong.size} of the {x.size} element(s) are outside the range {ends}: {wrong}")

    def assertAllInSet(self, target: Any, expected_set: Any) -> None:
        """All elements are in a set."""
        wrong = [x for x in np.unique(self._array(target)).tolist() if x not in expected_set]
        self.assertFalse(wrong, f"{len(wrong)} unique element(s) are not in the set {expected_set}: {wrong}")

    def assertShapeEqual(self, input_a: Any, input_b: Any, msg: str | None = None) -> None:
        """Two arrays or tensors have the same shape."""
        self.assertAllEqual(list(np.shape(self._array(input_a))), list(np.shape(self._array(input_b))), msg)

    def assertDTypeEqual(self, target: Any, expected_dtype: Any) -> None:
        """An array has this dtype."""
        self.assertEqual(dtypes.of(self._array(target)), as_dtype(expected_dtype))

    def assertNear(self, f1: float, f2: float, err: float, msg: str | None = None) -> None:
        """Two numbers are at most `err` apart."""
        close = f1 == f2 or abs(f1 - f2) <= err
        self.assertTrue(close, f"{f1:f} != {f2:f} +/- {err:f} ({msg or f'difference: {abs(f1 - f2):g}'})")

    def assertArrayNear(self, farray1: Any, farray2: Any, err: float, msg: str | None = None) -> None:
        """Two lists of numbers are as long, and the numbers are at most `err` apart."""
        self.assertEqual(len(farray1), len(farray2), msg)
        for f1, f2 in zip(farray1, farray2, strict=True):
            self.assertNear(float(f1), float(f2), err, msg)

    def assertNDArrayNear(self, ndarray1: Any, ndarray2: Any, err: float, msg: str | None = None) -> None:
        """The length of the difference of two arrays is less than `err`."""
        distance = float(np.linalg.norm(self._array(ndarray1) - self._array(ndarray2)))
        self.assertTrue(distance < err, msg)

    # ------------------------------------------------------------ devices, errors

    def assertDeviceEqual(self, device1: str, device2: str, msg: str | None = None) -> None:
        """Two names of devices mean the same."""
        one, other = canonical(device1 or ""), canonical(device2 or "")
        self.assertEqual(one, other, f"Devices {one} and {other} are not equal. {msg}")

    def assertRaisesWithPredicateMatch(
        self, exception_type: Any, expected_err_re_or_predicate: str | Callable[[BaseException], bool]
    ) -> AbstractContextManager[None]:
        """The block raises an error of this type whose text the expression is found in, or that the function is for."""
        return self._raises(exception_type, expected_err_re_or_predicate)

    def assertRaisesOpError(self, expected_err_re_or_predicate: Any) -> AbstractContextManager[None]:
        """The block raises an error of `tf.errors` with this text."""
        return self._raises(errors.OpError, expected_err_re_or_predicate)

    @contextmanager
    def _raises(self, kind: Any, wanted: Any) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            fits = wanted(error) if callable(wanted) else re.search(wanted, str(error)) is not None
            if not isinstance(error, kind) or not fits:
                raise AssertionError(f"Exception of type {type(error)}: {error}") from error
            return
        self.fail(f"{getattr(kind, '__name__', kind)} not raised")

    @contextmanager
    def assertRaisesWithLiteralMatch(self, expected_exception: Any, expected_exception_message: str) -> Iterator[None]:
        """The block raises an error with exactly this text."""
        with self.assertRaises(expected_exception) as caught:
            yield
        found = str(caught.exception)
        self.assertEqual(found, expected_exception_message, "Exception message does not match.")

    # ------------------------------------------------------------ containers

    def assertLen(self, container: Any, expected_len: int, msg: str | None = None) -> None:
        """A container has so many elements."""
        if len(container) != expected_len:
            self.fail(f"{container!r} has length of {len(container)}, expected {expected_len}. {msg or ''}".rstrip())

    def assertEmpty(self, container: Any, msg: str | None = None) -> None:
        """A container is empty."""
        if len(container):
            self.fail(f"{container!r} has length of {len(container)}. {msg or ''}".rstrip())

    def assertNotEmpty(self, container: Any, msg: str | None = None) -> None:
        """A container is not empty."""
        if not len(container):
            self.fail(f"{container!r} has length of 0. {msg or ''}".rstrip())

    def assertStartsWith(self, actual: str, expected_start: str, msg: str | None = None) -> None:
        """A text starts with another."""
        if not actual.startswith(expected_start):
            self.fail(f"{actual!r} does not start with {expected_start!r} {msg or ''}".rstrip())

    def assertEndsWith(self, actual: str, expected_end: str, msg: str | None = None) -> None:
        """A text ends with another."""
        if not actual.endswith(expected_end):
            self.fail(f"{actual!r} does not end with {expected_end!r} {msg or ''}".rstrip())

    def assertBetween(self, value: Any, minv: Any, maxv: Any, msg: str | None = None) -> None:
        """`minv <= value <= maxv`."""
        said = msg or f'"{value}" unexpectedly not between "{minv}" and "{maxv}"'
        self.assertLessEqual(value, maxv, said)
        self.assertGreaterEqual(value, minv, said)

    def assertItemsEqual(self, first: Any, second: Any, msg: str | None = None) -> None:
        """Two collections have the same elements, as often, in any order."""
        self.assertCountEqual(first, second, msg)

    def assertSameElements(self, expected_seq: Any, actual_seq: Any, msg: str | None = None) -> None:
        """Two collections have the same elements, however often."""
        self.assertEqual(set(expected_seq), set(actual_seq), msg)

    def assertContainsSubset(self, expected_subset: Any, actual_set: Any, msg: str | None = None) -> None:
        """A collection has all these elements."""
        missing = set(expected_subset) - set(actual_set)
        self.assertFalse(missing, f"Missing elements {missing}\nExpected: {expected_subset}\nActual: {actual_set}")

    def assertNoCommonElements(self, expected_seq: Any, actual_seq: Any, msg: str | None = None) -> None:
        """Two collections have no element in common."""
        common = set(expected_seq) & set(actual_seq)
        self.assertFalse(common, f"Common elements {common}\nExpected: {expected_seq}\nActual: {actual_seq}")


def _holds_tensors(x: Any) -> bool:
    return isinstance(x, (list, tuple)) and any(isinstance(part, Tensor) or _holds_tensors(part) for part in x)


def _is_ragged(x: Any) -> bool:
    """Whether a list or tuple is a structure of arrays, and no array itself."""
    if not isinstance(x, (list, tuple)):
        return False
    shapes = {np.shape(part) if not isinstance(part, (list, tuple, Mapping)) else _form(part) for part in x}
    return len(shapes) > 1 or any(isinstance(part, Mapping) for part in x)


def _form(x: Any) -> Any:
    if isinstance(x, Mapping) or _is_ragged(x):
        return "structure"
    if not x:
        return (0,)
    return (len(x), *(_form(x[0]) if isinstance(x[0], (list, tuple)) else np.shape(x[0])))


def _bytes(x: Array) -> Array:
    """Text as bytes, in UTF-8, so that it can be compared."""
    if x.dtype.kind not in "UO":
        return x.astype(object) if x.dtype.kind == "S" else x
    return np.array([v.encode() if isinstance(v, str) else v for v in x.reshape(-1).tolist()], object).reshape(x.shape)
