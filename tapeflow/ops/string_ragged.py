"""Functions from strings to lists of strings or characters: they give ragged tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..base import dtypes
from ..core.convert import convert
from ..core.tensor import Tensor, TensorLike
from .joining import stack
from .layout import reshape
from .ragged_tensor import RaggedTensor, as_ragged_or_tensor
from .ranges import range_
from .reduction import reduce_prod
from .sizes import shape, size
from .string_splitting import string_ngrams, string_split, string_split_v2
from .unicode import unicode_decode_op, unicode_decode_with_offsets_op, unicode_encode_op

_Parts = tuple[Any, ...]  # ragged tensors


def _of_any_rank(divide: Callable[[Any], _Parts], input: Any) -> _Parts:
    """What `divide` gives for vectors of strings, for strings of any rank.

    Raises:
      ValueError: if the rank is not known.
    """
    if isinstance(input, RaggedTensor):
        return tuple(input.with_flat_values(part) for part in _of_any_rank(divide, input.flat_values))
    rank = input.shape.rank
    if rank is None:
        raise ValueError("Rank of `input` must be statically known.")
    if rank == 0:
        return tuple(part.values for part in divide(reshape(input, [1])))
    if rank == 1:
        return divide(input)
    rows = RaggedTensor.from_tensor(input, ragged_rank=rank - 1)
    return tuple(rows.with_flat_values(part) for part in divide(rows.flat_values))


def _strings(input: Any) -> Any:
    return as_ragged_or_tensor(input, dtypes.string)


def _rows_of(found: Sequence[Any]) -> _Parts:
    """A sparse tensor's parts (indices, values, shape) as a ragged tensor."""
    indices, values, dense = found
    rows = RaggedTensor.from_value_rowids(values, indices[:, 0], nrows=dense[0], validate=False)
    return (rows,)


# ---------------------------------------------------------------- parts of strings


def split(input: Any, sep: TensorLike | None = None, maxsplit: int = -1, name: str | None = None) -> Any:
    """Divides strings where a separator stands.

    Args:
      input: strings, of a known rank, or ragged ones.
      sep: the separator, a string. Without one, or with "", strings are divided at white space, of which any amount
        is one separator, and which does not count at the ends.
      maxsplit: how often a string is divided at most; no bound if negative.
      name: a name for the operation, optional.

    Returns:
      The parts: for one string a tensor `[n]`, otherwise a RaggedTensor with one more dimension than `input`.

    >>> tf.strings.split(["tape flow", "one"]).to_list()
    [[b'tape', b'flow'], [b'one']]
    >>> tf.strings.split("a,b,,c", ",", maxsplit=2).numpy()
    array([b'a', b'b', b',c'], dtype=object)
    """
    separator = convert("" if sep is None else sep, dtypes.string)

    def divide(texts: Any) -> _Parts:
        return _rows_of(string_split_v2(texts, separator, maxsplit=maxsplit, name=name))

    return _of_any_rank(divide, _strings(input))[0]


def bytes_split(input: Any, name: str | None = None) -> Any:
    """Divides strings into their bytes.

    Args:
      input: strings, of a known rank, or ragged ones.
      name: a name for the operation, optional.

    Returns:
      Strings of one byte: for one string a tensor `[n]`, otherwise a RaggedTensor with one more dimension than `input`.

    >>> tf.strings.bytes_split(["ab", "c"]).to_list()
    [[b'a', b'b'], [b'c']]
    """

    def divide(texts: Any) -> _Parts:
        return _rows_of(string_split(texts, "", skip_empty=False, name=name))

    return _of_any_rank(divide, _strings(input))[0]


# ---------------------------------------------------------------- n-grams


def ngrams(
    data: Any,
    ngram_width: int | Sequence[int],
    separator: str = " ",
    pad_values: Any = None,
    padding_width: int | None = None,
    preserve_short_sequences: bool = False,
    name: str | None = None,
) -> Any:
    """Joins each few neighbours of the last dimension.

    Args:
      data: strings, of rank 1 or more, or ragged ones.
      ngram_width: how many are joined; or several such numbers, for n-grams of several widths after each other.
      separator: what stands between two.
      pad_values: what is put before and after each sequence: a string, or two.
      padding_width: how often at most; unless given, so often that each string comes at each place of an n-gram.
      preserve_short_sequences: whether a sequence that is too short for all widths gives one n-gram, of all it has.
      name: a name for the operation, optional.

    Returns:
      The n-grams: a RaggedTensor if `data` is one, otherwise a tensor.

    Raises:
      TypeError: if `pad_values` is no string and no two.
      ValueError: if widths are not positive, if there is a padding width but no padding, or `data` is a scalar.

    >>> tf.strings.ngrams(["a", "b", "c"], 2).numpy()
    array([b'a b', b'b c'], dtype=object)
    >>> tf.strings.ngrams(tf.ragged.constant([["a", "b"], ["c"]]), 2, pad_values="-").to_list()
    [[b'- a', b'a b', b'b -'], [b'- c', b'c -']]
    """
    left, right, pad = _padding(pad_values, padding_width)
    widths: list[Any] = [*ngram_width] if isinstance(ngram_width, (list, tuple)) else [ngram_width]
    if any(width < 1 for width in widths):
        raise ValueError(f"All ngram_widths must be greater than 0. Got {ngram_width}")
    attrs: dict[str, Any] = {
        "separator": separator, "ngram_widths": [int(width) for width in widths], "left_pad": left, "right_pad": right,
        "pad_width": pad, "preserve_short_sequences": preserve_short_sequences, "name": name,
    }  # fmt: skip
    rows = _strings(data)
    dense = isinstance(rows, Tensor)
    if dense:
        if rows.shape.rank is None:
            raise ValueError("Rank of data must be known.")
        if rows.shape.rank == 0:
            raise ValueError("Data must have rank>0")
        if rows.shape.rank == 1:
            found, _ = string_ngrams(rows, stack([0, size(rows, dtypes.int64)]), **attrs)
            return found
        rows = RaggedTensor.from_tensor(rows, ragged_rank=rows.shape.rank - 1)
    found = _ngrams_of_rows(rows, attrs)
    return found.to_tensor(default_value="") if dense else found


def _ngrams_of_rows(rows: Any, attrs: dict[str, Any]) -> Any:
    if isinstance(rows.values, RaggedTensor):
        return rows.with_values(_ngrams_of_rows(rows.values, attrs))
    found, splits = string_ngrams(rows.values, rows.row_splits, **attrs)
    return RaggedTensor.from_row_splits(found, splits, validate=False)


def _padding(pad_values: Any, padding_width: int | None) -> tuple[str, str, int]:
    """The strings before and after, and how many of them; -1 for as many as there is room for."""
    if pad_values is None:
        if padding_width is not None:
            raise ValueError("pad_values must be provided if padding_width is set.")
        return "", "", 0
    if padding_width is not None and padding_width < 1:
        raise ValueError("padding_width must be greater than 0.")
    width = -1 if padding_width is None else padding_width
    if isinstance(pad_values, (str, bytes)):
        pad_values = (pad_values, pad_values)
    if not isinstance(pad_values, tuple) or not all(isinstance(value, (str, bytes)) for value in pad_values):
        raise TypeError("pad_values must be a string, tuple of strings, or None.")
    left, right = (value if isinstance(value, str) else value.decode() for value in pad_values[:2])
    return left, right, width


# ---------------------------------------------------------------- characters


def unicode_decode(
    input: Any,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = 0xFFFD,
    replace_control_characters: bool = False,
    name: str | None = None,
) -> Any:
    """The code points of strings.

    Args:
      input: strings, of a known rank, or ragged ones.
      input_encoding: their encoding, such as "UTF-8".
      errors: "replace", "ignore" (leave out), or "strict" (refuse) what is wrong in the input.
      replacement_char: the code point that replaces it.
      replace_control_characters: whether the code points 0 to 31 count as wrong.
      name: a name for the operation, optional.

    Returns:
      int32: for one string a tensor `[n]`, otherwise a RaggedTensor with one more dimension than `input`.

    Raises:
      InvalidArgumentError: if there is no such encoding, or something is wrong and `errors` is "strict".

    >>> tf.strings.unicode_decode(["h\\u00e9", "!"], "UTF-8").to_list()
    [[104, 233], [33]]
    """
    attrs: dict[str, Any] = {
        "input_encoding": input_encoding, "errors": errors, "replacement_char": replacement_char,
        "replace_control_characters": replace_control_characters, "name": name,
    }  # fmt: skip

    def divide(texts: Any) -> _Parts:
        splits, codes = unicode_decode_op(texts, **attrs)
        return (RaggedTensor.from_row_splits(codes, splits, validate=False),)

    return _of_any_rank(divide, _strings(input))[0]


def unicode_decode_with_offsets(
    input: Any,
    input_encoding: str,
    errors: str = "replace",
    replacement_char: int = 0xFFFD,
    replace_control_characters: bool = False,
    name: str | None = None,
) -> tuple[Any, Any]:
    """The code points of strings, and at which byte each begins, int64; see `tf.strings.unicode_decode`.

    >>> codes, starts = tf.strings.unicode_decode_with_offsets("h\\u00e9!", "UTF-8")
    >>> codes.numpy(), starts.numpy()
    (array([104, 233,  33], dtype=int32), array([0, 1, 3]))
    """
    attrs: dict[str, Any] = {
        "input_encoding": input_encoding, "errors": errors, "replacement_char": replacement_char,
        "replace_control_characters": replace_control_characters, "name": name,
    }  # fmt: skip

    def divide(texts: Any) -> _Parts:
        splits, *found = unicode_decode_with_offsets_op(texts, **attrs)
        return tuple(RaggedTensor.from_row_splits(values, splits, validate=False) for values in found)

    codes, starts = _of_any_rank(divide, _strings(input))
    return codes, starts


def unicode_split(
    input: Any, input_encoding: str, errors: str = "replace", replacement_char: int = 0xFFFD, name: str | None = None
) -> Any:
    """Divides strings into their characters.

    Args:
      input: strings, of a known rank, or ragged ones.
      input_encoding: their encoding, "UTF-8", "UTF-16-BE" or "UTF-32-BE"; the characters have it too.
      errors: "replace", "ignore" (leave out), or "strict" (refuse) what is wrong in the input.
      replacement_char: the code point that replaces it.
      name: a name for the operation, optional.

    Returns:
      Strings: for one string a tensor `[n]`, otherwise a RaggedTensor with one more dimension than `input`.

    Raises:
      InvalidArgumentError: if there is no such encoding, or something is wrong and `errors` is "strict".

    >>> tf.strings.unicode_split(["ab", "c"], "UTF-8").to_list()
    [[b'a', b'b'], [b'c']]
    """
    codes = unicode_decode(input, input_encoding, errors, replacement_char, name=name)
    return _characters(codes, input_encoding, errors, replacement_char)


def unicode_split_with_offsets(
    input: Any, input_encoding: str, errors: str = "replace", replacement_char: int = 0xFFFD, name: str | None = None
) -> tuple[Any, Any]:
    """Divides strings into their characters, and says at which byte each begins; see `tf.strings.unicode_split`.

    >>> characters, starts = tf.strings.unicode_split_with_offsets("h\\u00e9!", "UTF-8")
    >>> starts.numpy()
    array([0, 1, 3])
    """
    codes, starts = unicode_decode_with_offsets(input, input_encoding, errors, replacement_char, name=name)
    return _characters(codes, input_encoding, errors, replacement_char), starts


def _characters(codes: Any, encoding: str, errors: str, replacement_char: int) -> Any:
    """Each code point as a string."""
    if isinstance(codes, RaggedTensor):
        return codes.with_flat_values(_characters(codes.flat_values, encoding, errors, replacement_char))
    splits = range_(size(codes, dtypes.int64) + 1)
    return unicode_encode_op(
        codes, splits, output_encoding=encoding, errors=errors, replacement_char=replacement_char
    )


def unicode_encode(
    input: Any, output_encoding: str, errors: str = "replace", replacement_char: int = 0xFFFD, name: str | None = None
) -> Any:
    """Makes strings of code points.

    Args:
      input: int32 code points, of a known rank of 1 or more, or ragged ones; the last dimension makes strings.
      output_encoding: "UTF-8", "UTF-16-BE" or "UTF-32-BE".
      errors: "replace", "ignore" (leave out), or "strict" (refuse) what is no code point, or half of one.
      replacement_char: the code point that replaces it.
      name: a name for the operation, optional.

    Returns:
      Strings, with one dimension less.

    Raises:
      InvalidArgumentError: if there is no such encoding, or something is wrong and `errors` is "strict".
      ValueError: if the rank is 0, or not known.

    >>> tf.strings.unicode_encode([104, 233], "UTF-8").numpy().decode()
    'hé'
    """
    attrs: dict[str, Any] = {
        "output_encoding": output_encoding, "errors": errors, "replacement_char": replacement_char, "name": name
    }  # fmt: skip
    codes = as_ragged_or_tensor(input)
    if isinstance(codes, RaggedTensor):
        if isinstance(codes.values, RaggedTensor) or codes.values.shape.rank != 1:
            return codes.with_values(unicode_encode(codes.values, **attrs))
        return unicode_encode_op(codes.values, codes.row_splits, **attrs)
    rank = codes.shape.rank
    if rank is None:
        raise ValueError("Rank of input_tensor must be statically known.")
    if rank == 0:
        raise ValueError("input_tensor's rank must be at least 1.")
    sizes = shape(codes, dtypes.int64)
    splits = range_(reduce_prod(sizes[:-1]) + 1) * sizes[-1]
    return reshape(unicode_encode_op(reshape(codes, [-1]), splits, **attrs), sizes[:-1])

