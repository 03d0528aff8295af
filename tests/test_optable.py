"""The op table's own parts: inputs, comparison, keeping."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import recorded
from optable import bf16, boolean, c64, case, column, each, f32, f64, i8, i32, row, string, u8
from recorded import Outcome, Tree, difference


def only(made: Any) -> Any:
    return row("Op", lambda tf, *args, **kwargs: (args, kwargs), [made]).cases[0]


def test_inputs_come_from_the_name_alone() -> None:
    alone = only(case(f32(2, 3), i32(4)))
    among = row("Op", len, [case(f32(9)), case(f32(2, 3), i32(4))]).cases[1]
    assert alone.name == "f32(2,3),i32(4)"
    assert all(np.array_equal(a, b) for a, b in zip(alone.inputs(), among.inputs(), strict=True))
    assert alone.digest() == among.digest() != only(case(f32(2, 3), i32(4), axis=0)).digest()


def test_twins_have_different_names_and_values() -> None:
    first, second = row("Op", len, [case(f32(2)), case(f32(2))]).cases
    assert (first.name, second.name) == ("f32(2)", "f32(2)#2")
    assert first.inputs()[0].tolist() != second.inputs()[0].tolist()


@pytest.mark.parametrize("kind", [bf16, f32, f64, c64, i8, i32, u8, boolean, string])
@pytest.mark.parametrize("shape", [(), (0, 2), (2, 3), (7,)])
def test_drawn_arrays(kind: Any, shape: Any) -> None:
    (array,) = only(case(kind(*shape))).inputs()
    assert array.shape == shape
    assert array.dtype == kind.dtype


def test_drawn_floats_have_no_ties_and_are_not_near_zero() -> None:
    (array,) = only(case(f64(99))).inputs()
    assert np.diff(np.sort(array)).min() > 0.01
    assert np.abs(array).min() > 0.005
    assert -2 <= array.min() < -1.9
    assert 1.9 < array.max() < 2


def test_inputs_are_found_and_replaced_inside_structures() -> None:
    made = only(case([f32(2), {"a": f32([1, 2])}], 3, k=(i32.of(1),)))
    assert len(made.inputs()) == 3
    assert made.call(None, "abc") == ((["a", {"a": "b"}], 3), {"k": ("c",)})


def test_testing_less_needs_a_reason() -> None:
    for options in ({"fd": 0}, {"grad": False}, {"rtol": 1e-3}, {"zero_sign": False}, {"error": "type"}):
        with pytest.raises(ValueError, match="reason"):
            case(f32(2), **options)  # type: ignore[arg-type]


def test_helpers() -> None:
    assert column([1, 2]) == [[1], [2]]
    assert [made.name for made in each([f32, i8], lambda t: (t(2), 1))] == ["f32(2),1", "i8(2),1"]


def tree(values: Any, dtype: Any = np.float32) -> Tree:
    array = np.array(values, dtype)
    return Tree({"tensor": array.dtype.name, "shape": list(array.shape)}, [array])


PLAIN = case(f32(2))


@pytest.mark.parametrize(
    ("ours", "theirs", "same"),
    [
        ([1.0, 2.0], [1.0, 2.0], True),
        ([1.0, 2.0], [1.0, 2.000001], True),
        ([1.0, 2.0], [1.0, 2.00001], False),
        ([1.0, 1e-9], [1.0, 0.0], True),
        ([1e30, 1.0, 2.0], [1e30, 1.1, 2.0], False),
        ([np.nan, np.inf], [np.nan, np.inf], True),
        ([np.nan], [np.inf], False),
        ([np.inf], [-np.inf], False),
        ([1.0], [np.nan], False),
        ([3e38], [np.inf], False),
        ([0.0], [-0.0], False),
        ([], [], True),
        ([[1.0]], [1.0], False),
    ],
)
def test_difference(ours: Any, theirs: Any, same: bool) -> None:
    assert (difference(tree(ours), tree(theirs), PLAIN, zero_sign=True) is None) == same


def test_integers_are_exact_and_dtypes_too() -> None:
    assert difference(tree([10**9], np.int32), tree([10**9 + 1], np.int32), PLAIN)
    assert "form" in str(difference(tree([1.0], np.float64), tree([1.0]), PLAIN))
    assert difference(tree([1 + 1j], np.complex64), tree([1 + 2j], np.complex64), PLAIN)
    assert not difference(tree([1.0], bf16.dtype), tree([1.0078125], bf16.dtype), PLAIN)


def test_keeping(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorded, "HERE", tmp_path)
    made = row("Op", len, [case(f32(2)), case(string(2), error=True), case(f32(1))])
    strings = np.array([b"", b"\x00ab", b"x"], object)
    forms: list[Any] = [{"tensor": "string", "shape": [3]}, [{"tensor": "bfloat16", "shape": []}, {"python": "None"}]]
    kept = Outcome(result=Tree(forms, [strings, np.array(1.5, bf16.dtype)]), grads=tree([[1.0, 2.0]]))
    recorded.save("family", [(made, list(zip(made.cases, [kept, Outcome(error=["E", "text"]), kept], strict=True)))])
    before = [(tmp_path / name).read_bytes() for name in ("family.json", "family.npz")]
    loaded = recorded.load("family")
    assert [digest for digest, _ in loaded.values()] == [made_case.digest() for made_case in made.cases]
    assert loaded["Op:string(2)"][1].error == ["E", "text"]
    again = loaded["Op:f32(1)"][1]
    assert again.result.form == forms
    assert again.result.arrays[0].tolist() == strings.tolist()
    assert again.result.arrays[1] == np.array(1.5, bf16.dtype)
    assert again.grads.arrays[0].tolist() == [[1.0, 2.0]]
    recorded.save("family", [(made, [(c, loaded[c.id][1]) for c in made.cases])])
    assert before == [(tmp_path / name).read_bytes() for name in ("family.json", "family.npz")]


def test_errors_are_compared_without_what_is_of_a_machine() -> None:
    error = ValueError("{{function_node __wrapped__Mul_device_/job:x}} bad <a at 0x7f00aabbcc> [Op:Mul] name: ")
    assert recorded.describe_error(error) == ["ValueError", "bad <a at 0x...>"]


def test_a_tensor_that_lies_is_found() -> None:
    liar = SimpleNamespace(numpy=lambda: np.zeros(3), dtype=SimpleNamespace(name="float64"), shape=(4,))
    with pytest.raises(AssertionError, match="holds"):
        recorded.describe(liar)
