"""`tf.Module`: names, and the order in which Variables and parts are found."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import tapeflow as tf


class Dense(tf.Module):
    def __init__(self, inputs, outputs, name=None):
        super().__init__(name=name)
        self.w = tf.Variable(np.ones((inputs, outputs), np.float32), name="w")
        self.b = tf.Variable(np.zeros(outputs, np.float32), name="b")


class Net(tf.Module):
    def __init__(self):
        super().__init__()
        self.z = Dense(2, 3)
        self.layers = [Dense(3, 3, name="a"), Dense(3, 1)]
        self.d = {"k2": tf.Variable(1.0, name="k2"), "k1": tf.Variable(2.0, name="k1", trainable=False)}
        self.again = self.z
        self.t = (tf.Variable(5.0, name="t"),)
        self.a_first = tf.Variable(9.0, name="af")
        self._private = tf.Variable(9.0, name="priv")
        self.frozen = tf.Variable(9.0, trainable=False)
        self.deep = {"x": [{"y": Dense(1, 1)}]}
        self.function = lambda: None
        self.me = self


class Scoped(tf.Module):
    def __init__(self, name=None):
        super().__init__(name)
        with self.name_scope:
            self.w = tf.Variable(1.0, name="w")
            self.part = Lazy()
            self.part()


class Lazy(tf.Module):
    @tf.Module.with_name_scope
    def __call__(self):
        """Makes a Variable when it is called."""
        if not hasattr(self, "w"):
            self.w = tf.Variable(1.0, name="w")
        return self.w


def names(variables):
    return [v.name for v in variables]


def test_variables_in_order():
    net = Net()
    assert isinstance(net.variables, tuple)
    layers = ["b:0", "w:0"] * 4
    assert names(net.variables) == ["priv:0", "af:0", "k1:0", "k2:0", "Variable:0", "t:0", *layers]
    assert names(net.trainable_variables) == ["priv:0", "af:0", "k2:0", "t:0", *layers]
    assert names(net.non_trainable_variables) == ["k1:0", "Variable:0"]
    net.layers.append(Dense(1, 1))
    assert len(net.variables) == 16


def test_keys_of_dicts_are_sorted():
    module = tf.Module()
    module.d = {i: tf.Variable(1.0, name=str(i)) for i in [10, 2, 1]}
    module.many = [tf.Variable(1.0, name=f"v{i}") for i in range(11)]
    assert names(module.variables) == ["1:0", "2:0", "10:0", *(f"v{i}:0" for i in range(11))]


def test_submodules():
    net = Net()
    found = net.submodules
    assert [part.name for part in found] == ["dense", "dense", "a", "dense"]
    assert found[0] is net.z
    assert found[2] is net.layers[0]
    child = Dense(1, 1)
    child.parent = net
    net.child = child
    assert child in net.submodules
    assert net not in net.submodules
    assert child in child.submodules[0].submodules


def test_paths():
    paths = [path for path, _ in Net()._flatten(with_path=True, predicate=lambda value: isinstance(value, tf.Variable))]
    assert paths == [
        ("_private",), ("a_first",), ("d", "k1"), ("d", "k2"), ("frozen",), ("t", 0), ("again", "b"), ("again", "w"),
        ("deep", "x", 0, "y", "b"), ("deep", "x", 0, "y", "w"), ("layers", 0, "b"), ("layers", 0, "w"),
        ("layers", 1, "b"), ("layers", 1, "w"), ("z", "b"), ("z", "w"),
    ]  # fmt: skip


def test_not_recursive():
    net = Net()
    found = list(net._flatten(recursive=False, predicate=lambda value: isinstance(value, tf.Module)))
    assert [part.name for part in found] == ["dense", "dense", "a", "dense"]
    last_first = net._flatten(
        recursive=False, predicate=lambda v: isinstance(v, tf.Variable), attribute_traversal_key=len
    )
    assert names(last_first) == ["k1:0", "k2:0", "t:0", "Variable:0", "af:0", "priv:0"]


@pytest.mark.parametrize(
    ("class_name", "name"),
    [
        ("Dense", "dense"), ("HTTPServer2D", "http_server2_d"), ("Conv2D", "conv2_d"), ("MLPLayer", "mlp_layer"),
        ("_Foo", "__foo"), ("X3D_Net", "x3_d__net"), ("MLP", "mlp"),
    ],
)  # fmt: skip
def test_default_names(class_name, name):
    assert type(class_name, (tf.Module,), {})().name == name


def test_names_that_are_none():
    for name in ("1a", "a b", "a-b", ""):
        with pytest.raises(ValueError) as caught:
            tf.Module(name=name)
        assert str(caught.value) == (
            f"'{name}' is not a valid module name. Module names must be valid Python identifiers "
            "(e.g. a valid class name)."
        )
    with pytest.raises(TypeError, match="expected string or bytes-like object, got 'int'"):
        tf.Module(name=5)


def test_name_scopes():
    scoped = Scoped()
    assert (scoped.w.name, scoped.part.w.name) == ("scoped/w:0", "scoped/lazy/w:0")
    assert (scoped.name, scoped.part.name) == ("scoped", "lazy")
    assert scoped.name_scope.name == "scoped/"
    assert Lazy(name="q")().name == "q/w:0"
    with tf.name_scope("outer"):
        assert Scoped().part.w.name == "outer/scoped/lazy/w:0"
    assert Lazy.__call__.__name__ == "__call__"
    assert Lazy.__call__.__doc__ == "Makes a Variable when it is called."
    assert tf.Variable(1.0).name == "Variable:0"


def test_without_the_constructor():
    class Bare(tf.Module):
        def __init__(self):
            self.w = tf.Variable(1.0)

    assert len(Bare().variables) == 1
    assert Bare().submodules == ()
    with pytest.raises(AttributeError):
        _ = Bare().name


def test_copies_have_variables_of_their_own():
    net = Net()
    other = copy.deepcopy(net)
    other.variables[0].assign(1.0)
    assert net.variables[0].numpy() == 9.0
    assert names(other.variables) == names(net.variables)
    assert other.again is other.z
    assert other.me is other
