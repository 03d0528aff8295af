"""What programs of 2019 to 2023 say to Keras 2, where Keras 3 changed no more than a signature or a name."""

from __future__ import annotations

import functools
import importlib
import inspect
import os
import shutil
import tempfile
from collections.abc import Callable
from typing import Any

LAYER = ("trainable", "name", "dtype", "dynamic")  # the arguments of Keras 2's Layer, in order


def install() -> None:
    """Lets Keras 3 take them; calling it again changes nothing."""
    from keras.src import layers, metrics, models, optimizers

    if hasattr(layers.Layer, "_tapeflow"):
        return
    layers.Layer._tapeflow = True
    _wrap(layers.Layer, "__init__", _layer_init)
    _wrap(optimizers.Optimizer, "__init__", _optimizer_init)
    for cls in _all_subclasses(optimizers.Optimizer):
        if "__init__" in vars(cls):
            _wrap(cls, "__init__", _optimizer_init)
    metrics.Metric.reset_states = lambda self: self.reset_state()
    layers.RNN.reset_states = lambda self, states=None: self.reset_state()
    models.Model.reset_states = _reset_states
    for rank in (1, 2, 3):
        for kind in ("MaxPooling", "AveragePooling"):
            _wrap(getattr(layers, f"{kind}{rank}D"), "__init__", functools.partial(_pooling_init, rank))
    _wrap(models.Model, "save_weights", _save_weights)
    _wrap(models.Model, "load_weights", _load_weights)
    if os.environ.get("TF_USE_LEGACY_KERAS") == "1":
        _old_hard_sigmoid()


def _all_subclasses(cls: type) -> list[type]:
    subclasses: list[type] = cls.__subclasses__()
    return [found for sub in subclasses for found in (sub, *_all_subclasses(sub))]


def _wrap(cls: type, name: str, around: Callable[..., Any]) -> None:
    original = getattr(cls, name)

    @functools.wraps(original)
    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return around(original, self, *args, **kwargs)

    method.__signature__ = inspect.signature(original)  # type: ignore[attr-defined]  # Keras asks what it takes
    setattr(cls, name, method)


def _layer_init(init: Callable[..., None], self: Any, *args: Any, **kwargs: Any) -> None:
    """`Layer(trainable, name, dtype, dynamic)`; a `trainable` that is no truth value counts as one."""
    kwargs.update(zip(LAYER, args))
    kwargs.pop("dynamic", None)
    if "trainable" in kwargs:
        kwargs["trainable"] = bool(kwargs["trainable"])
    init(self, **kwargs)


def _pooling_init(rank: int, init: Callable[..., None], self: Any, *args: Any, **kwargs: Any) -> None:
    """Windows of 2 by default."""
    if not args:
        kwargs.setdefault("pool_size", (2,) * rank if rank > 1 else 2)
    init(self, *args, **kwargs)


def _optimizer_init(init: Callable[..., None], self: Any, *args: Any, **kwargs: Any) -> None:
    """`lr` for `learning_rate`, and `decay` for a schedule."""
    from keras.src.optimizers.schedules import InverseTimeDecay

    if "lr" in kwargs:
        kwargs["learning_rate"] = kwargs.pop("lr")
    decay = kwargs.pop("decay", None)
    if decay:
        rate = args[0] if args else kwargs.pop("learning_rate", 0.001)
        args = (InverseTimeDecay(rate, 1, decay), *args[1:])
    init(self, *args, **kwargs)


def _reset_states(self: Any) -> None:
    for layer in self.layers:
        if getattr(layer, "stateful", False) and hasattr(layer, "reset_state"):
            layer.reset_state()


# -- weights in files with other names than Keras 3 allows


def _foreign(path: Any) -> bool:
    return isinstance(path, (str, os.PathLike)) and not str(path).endswith((".weights.h5", ".weights.json"))


def _save_weights(save: Callable[..., None], self: Any, filepath: Any, overwrite: bool = True, **options: Any) -> None:
    """To any file: Keras 3 asks that its name ends with `.weights.h5`."""
    options.pop("save_format", None)
    if not _foreign(filepath):
        save(self, filepath, overwrite=overwrite, **options)
        return
    target = os.fspath(filepath)
    os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
    with tempfile.TemporaryDirectory(dir=os.path.dirname(target) or ".") as folder:
        part = os.path.join(folder, "part.weights.h5")
        save(self, part, **options)
        os.replace(part, target)


def _load_weights(load: Callable[..., None], self: Any, filepath: Any, **options: Any) -> Any:
    """From any file."""
    if not _foreign(filepath) or not os.path.isfile(filepath) or _is_keras_2(filepath):
        return load(self, filepath, **options)
    with tempfile.TemporaryDirectory() as folder:
        part = os.path.join(folder, "part.weights.h5")
        shutil.copyfile(filepath, part)
        return load(self, part, **options)


def _is_keras_2(path: Any) -> bool:
    """Whether a file has weights, or a whole model, as Keras 2 wrote them; or a model of Keras 3."""
    import h5py

    if not h5py.is_hdf5(path):
        return True
    with h5py.File(path) as file:
        return "layer_names" in file.attrs or "model_weights" in file


def _old_hard_sigmoid() -> None:
    """`tf.keras.activations.hard_sigmoid` with the slope of Keras 2 and Theano: 0.2."""
    from keras.src import activations

    from ..ops.activations import hard_sigmoid as sloped

    def hard_sigmoid(x: Any) -> Any:
        return sloped(x)

    activations.ALL_OBJECTS_DICT["hard_sigmoid"] = hard_sigmoid
    for name in ("keras.src.activations", "keras.activations", "keras._tf_keras.keras.activations"):
        importlib.import_module(name).__dict__["hard_sigmoid"] = hard_sigmoid
