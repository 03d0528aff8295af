"""Wrong uses of Variables, tapes and graphs; what is said of retracing; what an error leaves. See `bad_programs.py`."""
# ruff: noqa: B007, F823, F841, SIM105

from __future__ import annotations

from bad_programs import bad

BOTH = "eager host"
ALL = "eager host xla"
TRACED = "host xla"


# -- Variables


@bad(TRACED)
def a_variable_on_the_second_call(tf, function):
    made = []

    @function
    def f(x):
        made.append(tf.Variable(x))
        return made[-1] + 1.0

    f(tf.ones([2]))
    return f(tf.ones([3]))


@bad(TRACED)
def a_variable_at_each_call(tf, function):
    @function
    def f(x):
        v = tf.Variable(1.0)
        return v + x

    return f(1.0)


@bad(TRACED)
def a_variable_in_a_loop(tf, function):
    @function
    def f(n):
        total = 0.0
        for _ in tf.range(n):
            v = tf.Variable(1.0)
            total += v
        return total

    return f(tf.constant(2))


@bad(TRACED)
def a_variable_in_a_branch(tf, function):
    made = []

    @function
    def f(x):
        if x > 0:
            if not made:
                made.append(tf.Variable(1.0))
            x = x + made[0]
        return x

    return f(tf.constant(1.0))


@bad(TRACED)
def a_variable_from_a_value_of_the_function(tf, function):
    made = []

    @function
    def f(x):
        if not made:
            made.append(tf.Variable(x * 2.0))
        return made[0] + x

    return f(tf.constant(1.0))


@bad(TRACED)
def a_variable_whose_initial_value_has_no_shape(tf, function):
    made = []

    @function(input_signature=[tf.TensorSpec([None], tf.float32)])
    def f(x):
        if not made:
            made.append(tf.Variable(x))
        return made[0] + x

    return f(tf.ones([2]))


@bad(ALL)
def a_variable_without_a_value(tf, function):
    return tf.Variable()


@bad(ALL)
def a_variable_of_none(tf, function):
    return tf.Variable(None)


@bad(ALL)
def a_variable_of_a_string_as_float(tf, function):
    return tf.Variable("a", dtype=tf.float32)


@bad(ALL)
def a_variable_of_another_shape(tf, function):
    return tf.Variable([1.0, 2.0], shape=[3])


@bad(ALL)
def assign_another_shape(tf, function):
    v = tf.Variable([1.0, 2.0])
    return function(lambda: v.assign([1.0, 2.0, 3.0]))()


@bad(ALL)
def assign_another_dtype(tf, function):
    v = tf.Variable([1.0, 2.0])
    return function(lambda: v.assign(tf.constant([1, 2])))()


@bad(ALL)
def assign_a_string(tf, function):
    v = tf.Variable([1.0, 2.0])
    return function(lambda: v.assign("a"))()


@bad(ALL)
def assign_none(tf, function):
    v = tf.Variable([1.0, 2.0])
    return function(lambda: v.assign(None))()


@bad(ALL)
def assign_add_another_shape(tf, function):
    v = tf.Variable([1.0, 2.0])
    return function(lambda: v.assign_add([1.0, 2.0, 3.0]))()


@bad(ALL)
def assign_sub_another_dtype(tf, function):
    v = tf.Variable([1, 2])
    return function(lambda: v.assign_sub([1.5, 2.5]))()


@bad(BOTH)
def assign_a_shape_unknown_until_it_runs(tf, function):
    v = tf.Variable([1.0, 2.0])
    f = function(lambda x: v.assign(x), input_signature=[tf.TensorSpec([None], tf.float32)])
    return f(tf.ones([3]))


@bad(ALL)
def assign_a_slice_out_of_range(tf, function):
    v = tf.Variable([1.0, 2.0])
    return function(lambda: v[5].assign(1.0))()


@bad(ALL)
def assign_a_slice_of_another_shape(tf, function):
    v = tf.Variable([1.0, 2.0])
    return function(lambda: v[:1].assign([1.0, 2.0]))()


@bad(ALL)
def item_assignment_to_a_variable(tf, function):
    v = tf.Variable([1.0, 2.0])

    def f():
        v[0] = 3.0

    return function(f)()


@bad(BOTH)
def scatter_out_of_range(tf, function):
    v = tf.Variable([1.0, 2.0])
    return function(lambda i: v.scatter_nd_update(i, [3.0]))(tf.constant([[7]]))


@bad(ALL)
def a_variable_rebound_in_a_function(tf, function):
    v = tf.Variable(1.0)

    @function
    def f():
        v += 1.0
        return v

    return f()


@bad(TRACED)
def a_variables_numpy_in_a_function(tf, function):
    v = tf.Variable(1.0)
    return function(lambda: v.numpy() + 1.0)()


@bad(TRACED)
def a_variables_truth_in_a_function(tf, function):
    v = tf.Variable(True)
    return function(lambda: 1 if v else 2, autograph=False)()


@bad(TRACED)
def a_variable_that_is_gone(tf, function):
    @function
    def make():
        return weak()

    import weakref

    weak = weakref.ref(tf.Variable(1.0))
    return make()


@bad(BOTH)
def a_mirrored_variables_synchronization(tf, function):
    return tf.Variable(1.0, synchronization="sometimes")


# -- tapes


@bad(ALL)
def a_tape_used_twice(tf, function):
    @function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x
        tape.gradient(y, x)
        return tape.gradient(y, x)

    return f(tf.constant(2.0))


@bad(ALL)
def a_gradient_of_what_is_not_watched(tf, function):
    @function
    def f(x):
        with tf.GradientTape() as tape:
            y = x * x
        return tape.gradient(y, x) is None

    return f(tf.constant(2.0))


@bad(ALL)
def a_gradient_of_none_is_used(tf, function):
    v = tf.Variable(1.0)

    @function
    def f(x):
        with tf.GradientTape() as tape:
            y = x * x
        return tape.gradient(y, v) * 2.0

    return f(tf.constant(2.0))


@bad(ALL)
def a_gradient_of_none_is_assigned(tf, function):
    v = tf.Variable(1.0)

    @function
    def f(x):
        with tf.GradientTape() as tape:
            y = x * x
        v.assign_sub(tape.gradient(y, v))

    return f(tf.constant(2.0))


@bad(ALL)
def watching_a_number(tf, function):
    @function
    def f():
        with tf.GradientTape() as tape:
            tape.watch(2.0)

    return f()


@bad(ALL)
def a_gradient_of_a_string(tf, function):
    @function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x
        return tape.gradient(y, "x")

    return f(tf.constant(2.0))


@bad(ALL)
def a_gradient_of_a_number(tf, function):
    @function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x
        return tape.gradient(3.0, x)

    return f(tf.constant(2.0))


@bad(ALL)
def a_gradient_with_unknown_unconnected(tf, function):
    @function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x
        return tape.gradient(y, x, unconnected_gradients="one")

    return f(tf.constant(2.0))


@bad(ALL)
def output_gradients_of_another_shape(tf, function):
    @function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x
        return tape.gradient(y, x, output_gradients=tf.ones([3]))

    return f(tf.ones([2]))


@bad(ALL)
def output_gradients_too_few(tf, function):
    @function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y, z = x * x, x + x
        return tape.gradient([y, z], x, output_gradients=[tf.ones([2])])

    return f(tf.ones([2]))


@bad(ALL)
def a_jacobian_with_unknown_sizes(tf, function):
    @function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x
        return tape.jacobian(y, "a")

    return f(tf.ones([2]))


@bad(ALL)
def a_batch_jacobian_of_other_batches(tf, function):
    @function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.transpose(x) * 2.0
        return tape.batch_jacobian(y, x)

    return f(tf.ones([2, 3]))


@bad(ALL)
def a_batch_jacobian_of_vectors(tf, function):
    @function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * 2.0
        return tape.batch_jacobian(y, x)

    return f(tf.ones([2]))


@bad(ALL)
def a_jacobian_twice(tf, function):
    @function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = x * x
        tape.jacobian(y, x)
        return tape.jacobian(y, x)

    return f(tf.ones([2]))


@bad(ALL)
def a_tape_entered_twice(tf, function):
    @function
    def f(x):
        with tf.GradientTape() as tape, tape:
            return x

    return f(tf.ones([2]))


@bad(ALL)
def a_tape_stopped_when_it_is_not_recording(tf, function):
    @function
    def f(x):
        tape = tf.GradientTape()
        with tape.stop_recording():
            return x

    return f(tf.ones([2]))


@bad(BOTH)
def a_custom_gradient_of_too_few(tf, function):
    @tf.custom_gradient
    def g(x, y):
        return x * y, lambda dz: dz

    @function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            z = g(x, x)
        return tape.gradient(z, x)

    return f(tf.ones([2]))


@bad(BOTH)
def a_custom_gradient_that_returns_no_function(tf, function):
    @tf.custom_gradient
    def g(x):
        return x

    return function(lambda x: g(x))(tf.ones([2]))


@bad(BOTH)
def a_custom_gradient_with_a_variable(tf, function):
    v = tf.Variable(2.0)

    @tf.custom_gradient
    def g(x):
        return x * v, lambda dz: dz * v

    @function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            z = g(x)
        return tape.gradient(z, x)

    return f(tf.ones([2]))


@bad(BOTH)
def a_gradient_through_py_function_of_numpy(tf, function):
    @function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.numpy_function(lambda x: x * x, [x], tf.float32)
        return tape.gradient(y, x) * 2.0

    return f(tf.ones([2]))


@bad(BOTH)
def an_accumulator_of_another_shape(tf, function):
    def f(x):
        with tf.autodiff.ForwardAccumulator(x, tf.ones([3])) as acc:
            y = x * x
        return acc.jvp(y)

    return function(f)(tf.ones([2]))


@bad(BOTH)
def gradients_without_a_gradient(tf, function):
    @function
    def f(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.raw_ops.Unique(x=x)
        return tape.gradient(y[0], x)

    return f(tf.ones([2]))


# -- graphs


@bad("host")
def tf1_placeholder_eagerly(tf, function):
    return tf.compat.v1.placeholder(tf.float32, [2])


@bad("host")
def tf1_gradients_eagerly(tf, function):
    x = tf.ones([2])
    return tf.gradients(x * x, x)


@bad("host")
def tf1_session_eagerly(tf, function):
    with tf.compat.v1.Session() as session:
        return session.run(tf.ones([2]))


@bad("host")
def tf1_eval_eagerly(tf, function):
    return tf.ones([2]).eval()


@bad("host")
def tf1_name_of_an_eager_tensor(tf, function):
    return tf.ones([2]).name


@bad("host")
def tf1_op_of_an_eager_tensor(tf, function):
    return tf.ones([2]).op


@bad("host")
def tf1_graph_of_an_eager_tensor(tf, function):
    return tf.ones([2]).graph


@bad("host")
def tensor_by_a_wrong_name(tf, function):
    with tf.Graph().as_default() as graph:
        tf.constant(1.0, name="c")
        return graph.get_tensor_by_name("c")


@bad("host")
def tensor_by_a_name_that_is_not_there(tf, function):
    with tf.Graph().as_default() as graph:
        tf.constant(1.0, name="c")
        return graph.get_tensor_by_name("d:0")


@bad("host")
def tensor_by_an_output_that_is_not_there(tf, function):
    with tf.Graph().as_default() as graph:
        tf.constant(1.0, name="c")
        return graph.get_tensor_by_name("c:1")


@bad("host")
def operation_by_a_tensors_name(tf, function):
    with tf.Graph().as_default() as graph:
        tf.constant(1.0, name="c")
        return graph.get_operation_by_name("c:0")


@bad("host")
def operation_by_a_number(tf, function):
    with tf.Graph().as_default() as graph:
        return graph.get_operation_by_name(3)


@bad("host")
def tensors_of_two_graphs(tf, function):
    with tf.Graph().as_default():
        x = tf.constant(1.0)
    with tf.Graph().as_default():
        return x + 1.0


@bad("host")
def a_graphs_tensor_used_eagerly(tf, function):
    with tf.Graph().as_default():
        x = tf.constant(1.0)
    return x + 1.0


@bad("host")
def an_eager_tensor_in_a_graph(tf, function):
    x = tf.ones([2])
    with tf.Graph().as_default():
        return x + 1.0


@bad("host")
def a_graphs_tensor_iterated(tf, function):
    with tf.Graph().as_default():
        return list(tf.constant([1.0, 2.0]))


@bad("host")
def a_placeholders_truth(tf, function):
    with tf.Graph().as_default():
        return bool(tf.compat.v1.placeholder(tf.bool, []))


@bad("host")
def a_finalized_graph(tf, function):
    graph = tf.Graph()
    graph.finalize()
    with graph.as_default():
        return tf.constant(1.0)


@bad("host")
def as_graph_element_of_an_object(tf, function):
    return tf.Graph().as_graph_element(object())


@bad(TRACED)
def control_dependencies_on_a_number(tf, function):
    def f(x):
        with tf.control_dependencies([3]):
            return x + 1.0

    return function(f)(tf.ones([2]))


@bad(BOTH)
def control_dependencies_on_none(tf, function):
    def f(x):
        with tf.control_dependencies([None]):
            return x + 1.0

    return function(f)(tf.ones([2]))


@bad(TRACED)
def a_name_scope_of_a_number(tf, function):
    def f(x):
        with tf.name_scope(3):
            return x + 1.0

    return function(f)(tf.ones([2]))


@bad(TRACED)
def the_wrong_thread_leaves(tf, function):
    def f(x):
        with tf.init_scope():
            return x + 1.0

    return function(f)(tf.ones([2]))


@bad(TRACED)
def init_scope_that_fails(tf, function):
    def f(x):
        with tf.init_scope():
            tf.reshape(tf.ones([2]), [3])
        return x

    return function(f)(tf.ones([2]))


@bad("host")
def import_graph_def_of_nothing(tf, function):
    return tf.graph_util.import_graph_def("a")


@bad("host")
def run_functions_eagerly_with_nothing(tf, function):
    return tf.config.run_functions_eagerly("a")


# -- retracing, and what is said of it


@bad("host")
def many_traces(tf, function):
    f = function(lambda x, n: x * n)
    for n in range(8):
        f(tf.ones([]), n)
    return f.experimental_get_tracing_count()


@bad("host")
def many_functions(tf, function):
    for n in range(8):
        function(lambda x: x * 2.0)(tf.ones([n]))


@bad("host")
def made_in_a_loop(tf, function):
    def f(x):
        return x * 2.0

    for n in range(8):
        function(f)(tf.ones([]))


# -- afterwards


@bad(ALL)
def a_failed_call_and_a_good_one(tf, function):
    f = function(lambda x, y: tf.matmul(x, y))
    try:
        f(tf.ones([2, 3]), tf.ones([2, 3]))
    except (ValueError, tf.errors.InvalidArgumentError):
        pass
    return f(tf.ones([2, 3]), tf.ones([3, 1]))


@bad(ALL)
def a_failed_first_call_that_made_a_variable(tf, function):
    class Model(tf.Module):
        v = None

        @function
        def call(self, x):
            if self.v is None:
                self.v = tf.Variable(tf.ones([2]))
            return tf.reshape(x, [2]) * self.v

    model = Model()
    try:
        model.call(tf.ones([3]))
    except (ValueError, tf.errors.InvalidArgumentError):
        pass
    return model.call(tf.ones([2]))


@bad(ALL)
def a_failed_call_within_a_tape(tf, function):
    f = function(lambda x, s: tf.reshape(x * x, s))
    v = tf.Variable([1.0, 2.0])
    with tf.GradientTape() as tape:
        y = v * v
        try:
            f(v, [3])
        except (ValueError, tf.errors.InvalidArgumentError):
            pass
        y = y + f(v, [2])
    return tape.gradient(y, v)


@bad(ALL)
def a_failed_call_within_a_function(tf, function):
    inner = function(lambda x, n: tf.reshape(x, [n]))

    @function
    def outer(x):
        try:
            inner(x, 3)
        except (ValueError, tf.errors.InvalidArgumentError):
            pass
        return inner(x, 2)

    return outer(tf.ones([2]))


@bad(ALL)
def a_failed_scope_leaves_its_name(tf, function):
    def f(x):
        try:
            with tf.name_scope("a"):
                tf.reshape(x, [3])
        except (ValueError, tf.errors.InvalidArgumentError):
            pass
        with tf.name_scope("b") as name:
            return name

    seen = []
    function(lambda x: seen.append(f(x)) or x, autograph=False)(tf.ones([2]))
    return seen


@bad(ALL)
def a_failed_cond_leaves_no_branch(tf, function):
    def f(x):
        try:
            tf.cond(x[0] > 0, lambda: tf.reshape(x, [3]), lambda: x)
        except (ValueError, tf.errors.InvalidArgumentError):
            pass
        return x + 1.0

    return function(f, autograph=False)(tf.ones([2]))


@bad(ALL)
def a_failed_loop_leaves_no_body(tf, function):
    def f(x):
        try:
            tf.while_loop(lambda y: y[0] < 3, lambda y: [tf.reshape(y, [3])], [x])
        except (ValueError, tf.errors.InvalidArgumentError):
            pass
        return x + 1.0

    return function(f, autograph=False)(tf.ones([2]))


@bad(ALL)
def a_failed_device_scope(tf, function):
    def f(x):
        try:
            with tf.device("/device:CPU:0"):
                tf.reshape(x, [3])
        except (ValueError, tf.errors.InvalidArgumentError):
            pass
        return (x + 1.0).device != ""

    return function(lambda x: f(x) and x, autograph=False)(tf.ones([2]))


@bad(ALL)
def a_failed_control_dependency(tf, function):
    def f(x):
        try:
            with tf.control_dependencies([tf.identity(x)]):
                tf.reshape(x, [3])
        except (ValueError, tf.errors.InvalidArgumentError):
            pass
        return x + 1.0

    return function(f, autograph=False)(tf.ones([2]))


@bad(ALL)
def a_failed_custom_gradient(tf, function):
    @tf.custom_gradient
    def g(x):
        raise ValueError("in a custom gradient")

    v = tf.Variable([1.0, 2.0])

    @function
    def f():
        with tf.GradientTape() as tape:
            try:
                g(v)
            except ValueError:
                pass
            y = v * v
        return tape.gradient(y, v)

    return f()


@bad(ALL)
def an_update_before_a_failure(tf, function):
    v = tf.Variable(0.0)

    @function
    def f(x, i):
        v.assign_add(1.0)
        return tf.gather(x, i)

    try:
        f(tf.ones([2]), tf.constant(5))
    except tf.errors.InvalidArgumentError:
        pass
    return v


@bad(ALL)
def a_failed_variable_leaves_no_name(tf, function):
    made = []

    @function
    def f(x):
        if not made:
            try:
                tf.Variable(tf.reshape(tf.ones([2]), [3]), name="v")
            except (ValueError, tf.errors.InvalidArgumentError):
                pass
            made.append(tf.Variable(2.0, name="v"))
        return made[0] * x

    f(tf.ones([2]))
    return made[0].name
