"""`Layer`: a computation (`call`) and the weights that it needs.

Source: https://keras.io/api/layers/base_layer/. What the two dialects share is here: building on
the first call, the order of nested layers, training and mask, losses, dtypes. The constructors,
`add_weight`, and in which order weights and losses are listed, is in `keras2/layer.py` and
`keras3/layer.py`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from functools import partial, wraps
from typing import Any, ClassVar

import tensorflow as tf

from impl.shared.autograph import converted, is_users, unconverted
from impl.shared.kit import Kit
from impl.shared.scope import CALL, snake_case
from impl.shared.signature import Signature
from impl.shared.state import Weighted
from impl.shared.symbolic import SymbolicTensor, as_specs, is_symbolic, traced
from impl.shared.variables import AutocastVariable


class _Losses:
    """What a layer adds to the loss: of its last outermost call, and for as long as it lives."""

    __slots__ = ("epoch", "of_call", "of_layer")

    def __init__(self) -> None:
        self.epoch = 0
        self.of_call: list[Any] = []
        # Callables without arguments, and penalties: (regularizer, variable).
        self.of_layer: list[tuple[Callable[..., Any], Any]] = []


def _completed(build: Callable[..., None]) -> Callable[..., None]:
    """`build`, which leaves behind that it was called, for which shape, and under which path."""

    @wraps(build)
    def build_once(self: Layer, *args: Any, **kwargs: Any) -> None:
        if self._building:
            build(self, *args, **kwargs)
            return
        called = CALL.path[-1:] == (self._name,)
        with nullcontext() if called else CALL.building(self._name):
            self._path = "/".join(CALL.path)
            self._building = True
            try:
                build(self, *args, **kwargs)
            finally:
                self._building = False
        if len(shapes := [*args, *kwargs.values()]) == 1:
            shape = shapes[0]
            sized = isinstance(shape, tf.TensorShape) and shape.rank is not None
            self.__dict__["_build_config"] = {"input_shape": tuple(shape) if sized else shape}
        self.built = True

    return build_once


class Layer(Weighted):
    """Base class. A subclass defines `__init__`, `build`, `call` and `get_config`.

    Its contract with a subclass, of users and of this package:

    - `__init__` begins with `super().__init__(name=..., dtype=..., ...)`.
    - `build(input_shape)` is called once, before the first `call`, and makes weights by
      `add_weight`. A tuple in Keras 3, a `tf.TensorShape` in Keras 2. Nobody need set `built`.
    - `call(inputs, ...)` gets tensors in `compute_dtype`. It may take `training` and `mask`.
      Weights kept in another dtype (a mixed policy) are read as `compute_dtype` there.
      `tf.raw_ops.MatMul(a=x, b=self.kernel)` is the fastest read of one.
    - `compute_output_shape(input_shape)`; `get_config()` adds to `super().get_config()`.
    - `kit` has the dialect's families: `kit.initializers.get`, `kit.settings.epsilon`, ...
    - Layers in attributes, and in lists, tuples and dicts there, belong to the layer.

    Attributes:
        built: `build` was called.
        input_spec: an `InputSpec`, or a nest of them like the inputs; None checks nothing.
        supports_masking: outputs carry the mask of the inputs on.

    """

    kit: ClassVar[Kit]
    autograph_info__: ClassVar[dict[str, Any]] = {}  # as of what is `unconverted`
    built: bool = False
    input_spec: Any = None
    supports_masking: bool = False
    add_weight: Callable[..., Any]
    get_config: Callable[..., dict[str, Any]]
    # (args, kwargs) with tensors of the compute dtype, as far as the dialect converts them.
    _convert: Callable[[Any, Any], tuple[Any, Any]]
    _signature: ClassVar[Signature]
    _is_users: ClassVar[bool]  # `call`
    _makes_mask: ClassVar[bool] = False  # a mask of its own, also where the inputs have none
    _complete: bool = False
    _building: bool = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._signature, cls._is_users = Signature(cls.call), is_users(cls.call)
        if "compute_mask" in vars(cls) and "kit" not in vars(cls):
            cls._makes_mask = True
        if "build" in vars(cls):
            cls.build = _completed(cls.build)  # type: ignore[method-assign]

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        self = super().__new__(cls)
        self.__dict__["_arguments"] = (args, kwargs)  # for `constructor.given`
        return self

    def __init__(
        self, activity_regularizer: Any, trainable: Any, dtype: Any, autocast: Any, name: Any
    ) -> None:
        super().__init__()
        self._name = self.kit.names.next(self._default_name()) if name is None else name
        self._path: str | None = None
        self._trainable = trainable
        self._losses = _Losses()
        self._own_weights: list[tf.Variable] = []
        self.activity_regularizer = self.kit.regularizers.get(activity_regularizer)
        self.autocast = autocast
        self._follow(self.kit.settings.policy(dtype))
        self._complete = True

    def _follow(self, policy: Any) -> None:
        """Takes the dtypes of a policy."""
        self._policy = policy
        self._compute = compute = tf.as_dtype(policy.compute_dtype)
        kept = {policy.variable_dtype, *(v.dtype.name for v in self._own_weights)}
        self._autocast_dtype = compute if kept != {compute.name} else None

    @_completed
    def build(self, input_shape: Any) -> None:
        """Makes the weights. The inputs' shape, or shapes, may have None for any size."""

    def call(self, inputs: Any) -> Any:
        """The outputs."""
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the outputs. Raises NotImplementedError unless the class defines it."""
        raise NotImplementedError(f"{type(self).__name__} must define compute_output_shape()")

    def _default_name(self) -> str:
        name = snake_case(type(self).__name__)
        return self.kit.private + name if name.startswith("_") else name

    def compute_mask(self, inputs: Any, previous_mask: Any) -> Any:
        """The mask of the outputs, from the mask of the inputs."""
        return previous_mask

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """The layer that `get_config` described; its weights are new."""
        return cls(**config)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """`call`, after inputs were cast and checked, and the layer built if it was not.

        Called on symbolic tensors, as `Input` returns, it returns symbolic ones.
        """
        if args and not isinstance(args[0], tf.Tensor) and is_symbolic(args[0]):
            return self._call_symbolically(args, kwargs)
        if self.built:
            return self._run(*self._convert(args, kwargs))
        if not self._complete:
            raise RuntimeError(
                f"__init__ of {type(self).__name__} must call super().__init__() first"
            )
        args, kwargs = self._convert(args, kwargs)
        with self.kit.naming(self._name), CALL.building(self._name):
            self._check_inputs(args)
            self._build_for(args, kwargs)
            return self._run(args, kwargs)

    def _call_symbolically(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        inputs = as_specs(args[0])
        self._check_inputs((inputs,))
        if self.built:
            return self._symbolic_outputs(args[0], args[1:], kwargs)
        with self.kit.naming(self._name), CALL.building(self._name):
            self._build_for((inputs, *args[1:]), kwargs)
            return self._symbolic_outputs(args[0], args[1:], kwargs)

    def _symbolic_outputs(self, inputs: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        try:
            return traced(lambda x: self(x, *args, **kwargs), inputs, self._symbolic)
        finally:
            for layer in self._layers_below():
                layer._losses.of_call.clear()  # they have no values

    def _symbolic(self, shape: Any, dtype: tf.DType) -> SymbolicTensor:
        return SymbolicTensor(self.kit.shape(shape), self.kit.dtype(dtype), self._name)

    def _run(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if self.input_spec is not None:
            self._check_inputs(args)
        scope, losses = CALL, self._losses
        training, mask = scope.training, getattr(args[0], "_keras_mask", None) if args else None
        outer = training, scope.autocast
        if kwargs or not self._signature.plain:
            training, mask = self._training_and_mask(args, kwargs)
        if not scope.depth:
            scope.begin()
        if losses.epoch != scope.epoch:
            losses.epoch = scope.epoch
            losses.of_call.clear()
        scope.depth += 1
        scope.training, scope.autocast = training, self._autocast_dtype
        try:
            call = converted(self.call) if self._is_users else self.call
            outputs = call(*args, **kwargs)
            if self.activity_regularizer is not None:
                self._penalize_activity(outputs)
        finally:
            scope.depth -= 1
            scope.training, scope.autocast = outer
        if mask is not None or self._makes_mask:
            self._pass_mask(args[0] if args else None, mask, outputs)
        return outputs

    def _cast(self, x: tf.Tensor) -> tf.Tensor:
        """`x`, where it is floats in the compute dtype, with its mask."""
        compute, dtype = self._compute, x.dtype
        if dtype is compute or not self.autocast or not dtype.is_floating:
            return x
        if not compute.is_floating and not self.kit.casts_to_integers:
            return x
        cast = tf.raw_ops.Cast(x=x, DstT=compute)
        mask = getattr(x, "_keras_mask", None)
        if mask is not None:
            cast._keras_mask = mask
        return cast

    def _check_inputs(self, args: tuple[Any, ...]) -> None:
        spec = self.input_spec
        if spec is None or not args:
            return
        if hasattr(spec, "check") and isinstance(args[0], tf.Tensor):
            if not self.kit.takes_any_rank or args[0].shape.rank is not None:
                spec.check(args[0], self._name)
            return
        specs, inputs = tf.nest.flatten(spec), tf.nest.flatten(args[0])
        if len(specs) != len(inputs):
            raise ValueError(
                f"layer {self._name!r} must be given {len(specs)} inputs, got {len(inputs)}"
            )
        for expected, actual in zip(specs, inputs, strict=True):
            if expected is not None and hasattr(actual, "shape"):
                expected.check(actual, self._name)

    def _check_shape(self, shape: Any) -> None:
        """Raises ValueError for a shape of inputs that `input_spec` does not take."""
        if not isinstance(self.input_spec, (list, tuple, dict)):
            self._check_inputs((self._inputs_of(shape),))

    def _inputs_of(self, shape: Any) -> tf.TensorSpec:
        """Inputs of a shape, in the dtype that `input_spec` says, or else one that the layer computes in."""
        dtype = self._compute if self._compute.is_floating else tf.float32
        return tf.TensorSpec(shape, getattr(self.input_spec, "dtype", None) or dtype)

    def _build_for(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.build(self._shapes(args[0] if args else kwargs.get(self._signature.names[0])))
        self.built = True

    def _shapes(self, inputs: Any) -> Any:
        return tf.nest.map_structure(lambda x: self.kit.shape(x.shape), inputs)

    def _training_and_mask(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, Any]:
        """Adds to `kwargs` what `call` takes; the values that hold for nested layers."""
        takes = self._signature
        if takes.has_place("training", len(args)):
            training = args[takes.names.index("training")]
        else:
            given = kwargs.get("training") if takes.training else kwargs.pop("training", None)
            training = CALL.training if given is None else given
            if takes.training:
                if training is not None or takes.default_training is inspect.Parameter.empty:
                    kwargs["training"] = training
                elif self.kit.default_training:
                    kwargs.pop("training", None)
                if "training" not in kwargs:
                    training = takes.default_training
        mask = kwargs.get("mask")
        if mask is None and args:
            masks = tf.nest.map_structure(lambda x: getattr(x, "_keras_mask", None), args[0])
            if any(m is not None for m in tf.nest.flatten(masks)):
                mask = masks
                if takes.mask and not takes.has_place("mask", len(args)):
                    kwargs["mask"] = mask
        return training, mask

    def _pass_mask(self, inputs: Any, mask: Any, outputs: Any) -> None:
        results = tf.nest.flatten(outputs)
        if all(getattr(x, "_keras_mask", None) is not None for x in results):
            return
        if not self.supports_masking and not self._makes_mask:
            self._lose_mask()
            return
        masks = self.compute_mask(inputs, mask)
        if masks is not None:
            for x, m in zip(results, tf.nest.flatten(masks), strict=False):
                x._keras_mask = m

    def _lose_mask(self) -> None:
        """Called where a mask ends because the layer does not support masking."""

    def _make_weight(
        self, name: str, shape: Any, dtype: tf.DType, roles: Any, autocast: bool, **options: Any
    ) -> tf.Variable:
        """A weight; `roles` are initializer, regularizer, constraint, `options` of `tf.Variable`."""
        kit, (initializer, regularizer, constraint) = self.kit, roles
        if initializer is None:
            initializer = "glorot_uniform" if dtype.is_floating else "zeros"
        initial = partial(kit.initializers.get(initializer), shape, dtype=kit.dtype(dtype))
        penalty = kit.regularizers.get(regularizer)
        options["constraint"] = kit.constraints.get(constraint)
        with tf.init_scope():
            variable = tf.Variable(initial, dtype=dtype, name=name, **options)
        if autocast and self._autocast_dtype is not None and dtype.is_floating:
            variable = AutocastVariable(variable)
        self._own_weights.append(variable)
        if penalty is not None:
            self._losses.of_layer.append((penalty, variable))
        return variable

    def _losses_of_calls(self, epoch: int = 0, step: int = 1) -> Iterator[tuple[Layer, list[Any]]]:
        """The layer and those within, each with what it added to the loss in its last call.

        What a nested layer added before the last call of this one is gone. Keras 3 has the layers
        of layers within last to first.
        """
        epoch = max(epoch, self._losses.epoch)
        yield self, self._losses.of_call if self._losses.epoch == epoch else []
        for layer in self.layers_within[::step]:
            yield from layer._losses_of_calls(epoch, self.kit.inner_losses)

    def _penalize_activity(self, outputs: Any) -> None:
        for x in tf.nest.flatten(outputs):
            loss = self.activity_regularizer(x)
            # A batch of none adds nothing.
            batch = tf.cast(tf.shape(x)[0], loss.dtype)
            self._losses.of_call.append(tf.math.divide_no_nan(loss, batch))

    @property
    def dtype_policy(self) -> Any:
        """The dtypes that it computes in and keeps weights in."""
        return self._policy

    @property
    def compute_dtype(self) -> str:
        """The dtype of inputs in `call`, and so of outputs."""
        return str(self.dtype_policy.compute_dtype)

    @property
    def variable_dtype(self) -> str:
        """The dtype of weights."""
        return str(self.dtype_policy.variable_dtype)

    @property
    def dtype(self) -> str:
        """`variable_dtype`."""
        return self.variable_dtype

    def _operand(self, weight: tf.Variable) -> Any:
        """`weight` for `tf.raw_ops` in `call`: in the compute dtype, by the fewest steps."""
        if self._autocast_dtype is None:
            return weight
        return tf.raw_ops.Cast(x=getattr(weight, "variable", weight), DstT=self._autocast_dtype)

    def _infer_output_shape(self, input_shape: Any, **options: Any) -> Any:
        """The shape, or nest of them, that a trace of the layer shows for one `input_shape`."""
        call = unconverted(lambda x: self(x, **options))
        traced = tf.function(call).get_concrete_function(self._inputs_of(input_shape))
        return tf.nest.map_structure(lambda x: x.shape, traced.structured_outputs)

    def get_build_config(self) -> dict[str, Any] | None:
        """The shape that the layer was built for, to be saved."""
        return vars(self).get("_build_config")

    def build_from_config(self, config: Mapping[str, Any]) -> None:
        """Builds the layer for a saved shape."""
        if config and not self.built:
            self.build(config["input_shape"])
