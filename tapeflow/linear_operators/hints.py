"""What is known of operators that are made of others: hints are True, False, or None if nothing is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Hint = bool | None
Hints = dict[str, Any]  # of arguments of a constructor


def hints_of(operator: Any) -> Hints:
    """The hints of an operator, as arguments of a constructor; what it makes of itself is square."""
    return {
        "is_non_singular": operator.is_non_singular,
        "is_self_adjoint": operator.is_self_adjoint,
        "is_positive_definite": operator.is_positive_definite,
        "is_square": True,
    }


def non_singular(a: Any, b: Any) -> Hint:
    """Whether a product is non-singular."""
    if a.is_non_singular is False or b.is_non_singular is False:
        return False
    return a.is_non_singular and b.is_non_singular  # type: ignore[no-any-return]


def square(a: Any, b: Any) -> Hint:
    """Whether a product is square."""
    if a.is_square and b.is_square:
        return True
    if a.is_square is False and b.is_square is False:
        return bool(a.shape[-2] == b.shape[-1])
    return None if a.is_square is None or b.is_square is None else False


def commuting(a: Any, b: Any) -> Hints:
    """The hints of a product of square operators that commute."""
    both_self_adjoint = a.is_self_adjoint and b.is_self_adjoint
    one_is_not = {a.is_self_adjoint, b.is_self_adjoint} == {True, False}
    definite = both_self_adjoint and a.is_positive_definite and b.is_positive_definite
    return {
        "is_non_singular": non_singular(a, b),
        "is_self_adjoint": True if both_self_adjoint else False if one_is_not else None,
        "is_positive_definite": True if definite else None,
        "is_square": True,
    }


def product(a: Any, b: Any) -> Hints:
    """The hints of a product of any two operators."""
    is_square = square(a, b)
    other = False if is_square is False else None
    return {
        "is_non_singular": non_singular(a, b) if is_square else other,
        "is_self_adjoint": other,
        "is_positive_definite": other,
        "is_square": is_square,
    }


def inherited(operator: Any, given: Hints, what: str) -> Hints:
    """The hints of what has a property if and only if `operator` has it.

    Args:
      operator: the operator.
      given: the hints that a program gave.
      what: how it comes from the operator: "inverse", "adjoint".

    Raises:
      ValueError: if a hint contradicts the operator's.
    """
    found: Hints = {}
    for name in ("is_square", "is_non_singular", "is_self_adjoint", "is_positive_definite"):
        mine, theirs = getattr(operator, name), given[name]
        if (mine is False and theirs) or (mine and theirs is False):
            word = name.removeprefix("is_").replace("_", "-")
            raise ValueError(f"An operator is {word} if and only if its {what} is {word}.")
        found[name] = True if mine or theirs else False if mine is False or theirs is False else None
    return found


def all_have(operators: Sequence[Any], hint: str, given: Hint, message: str) -> Hint:
    """True if all operators have a property, which what is made of them has then, too; otherwise the given hint.

    Raises:
      ValueError: with the message, if that contradicts the given hint.
    """
    if not all(getattr(operator, hint) for operator in operators):
        return given
    if given is False:
        raise ValueError(message)
    return True


def is_product_with_adjoint(operators: Sequence[Any]) -> bool:
    """Whether a list of operators reads A, B, ..., B.H, A.H."""
    half, odd = divmod(len(operators), 2)
    return not odd and all(_adjoint_pair(operators[i], operators[-1 - i]) for i in range(half))


def _adjoint_pair(x: Any, y: Any) -> bool:
    if x is y and x.is_self_adjoint is not None:
        return bool(x.is_self_adjoint)
    return x.H is y or y.H is x
