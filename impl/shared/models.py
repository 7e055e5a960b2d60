"""`Sequential`, a model whose layers follow one another. Source: https://keras.io/api/models/sequential/."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

import tensorflow as tf

from impl.shared.layer import Layer
from impl.shared.state import unique
from impl.shared.symbolic import SymbolicTensor
from impl.shared.training import Trainer

# Arguments of an `InputLayer` that must be false.
_ABSENT = ("sparse", "ragged", "optional")


class InputLayer(Layer):
    """The shape and dtype of the inputs of a model; it passes them on."""

    # The arguments that are called otherwise in each dialect: the shape of a sample, of a batch.
    _shape_names: ClassVar[tuple[str, str]]

    def __init__(
        self, shape: Any, batch_size: Any, batch_shape: Any, dtype: Any, name: Any, others: Any
    ) -> None:
        wrong = [key for key, value in others.items() if key not in _ABSENT or value]
        if wrong:
            raise ValueError(f"{', '.join(wrong)} must not be given to InputLayer")
        if batch_shape is None:
            if shape is None:
                raise ValueError(f"{self._shape_names[0]} must be given to InputLayer, got None")
            batch_shape = (batch_size, *shape)
        dtype = self.kit.settings.floatx() if dtype is None else dtype
        super().__init__(dtype=dtype, name=name)  # type: ignore[call-arg]
        self.__dict__["batch_shape"] = tuple(batch_shape)
        self.built = True

    def symbolic(self) -> SymbolicTensor:
        """The inputs as a tensor without a value."""
        shape, dtype = self.kit.shape(vars(self)["batch_shape"]), tf.as_dtype(self.dtype)
        return SymbolicTensor(shape, self.kit.dtype(dtype), self.name, self)

    def call(self, inputs: Any) -> Any:
        """The inputs, in the dtype of the layer."""
        if inputs.dtype is self._compute:
            return inputs
        outputs = tf.cast(inputs, self._compute)
        outputs._keras_mask = getattr(inputs, "_keras_mask", None)
        return outputs

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name."""
        facts = {"dtype": self.dtype, "name": self.name}
        absent = dict.fromkeys(_ABSENT, False)
        return {self._shape_names[1]: vars(self)["batch_shape"], **facts, **absent}


class Sequential(Trainer, Layer):
    """The layers given, each called on the outputs of the one before.

    It is built when the shape of the inputs is known: from an `Input` or a first layer with
    `input_shape`, by `build`, or on the first call.
    """

    _family: Any  # the module of the dialect's layers
    _own_arguments: ClassVar[tuple[str, ...]]  # what a configuration has, but for the layers
    input_layer: ClassVar[Any]
    not_a_layer: ClassVar[type[Exception]]
    empty: ClassVar[type[Exception]]
    # The batch shape that a first layer's arguments name, or None.
    _shape_of_first: Callable[[Layer], Any]

    def start(self, layers: Iterable[Any] | None) -> None:
        """Adds the first layers."""
        self._chain: list[Layer] = []
        for layer in layers or ():
            self.add(layer)

    @property
    def layers(self) -> list[Layer]:
        """The layers, without the `InputLayer`."""
        return self._called()

    def _called(self) -> list[Layer]:
        """The layers as they are called, one after another; one may be there twice."""
        return [x for x in self._chain if not isinstance(x, InputLayer)]

    @property
    def input_shape(self) -> Any:
        """The shape that the model was built for, the batch first, or None."""
        if self._chain and isinstance(self._chain[0], InputLayer):
            return vars(self._chain[0])["batch_shape"]
        return None

    @property
    def output_shape(self) -> Any:
        """The shape of the outputs for `input_shape`."""
        return tuple(self.compute_output_shape(self.input_shape))

    def add(self, layer: Any) -> None:
        """Adds a layer at the end. Raises ValueError for a name that another layer has."""
        if isinstance(layer, SymbolicTensor) and layer.source is not None:
            layer = layer.source
        if not isinstance(layer, Layer):
            raise self.not_a_layer(f"layer must be a Layer, got {layer!r}")
        if any(x.name == layer.name and x is not layer for x in self._chain):
            raise ValueError(f"layer must have a name of its own, got {layer.name!r} again")
        if not self._chain and not isinstance(layer, InputLayer):
            shape = self._shape_of_first(layer)
            if shape is not None:
                self._chain.append(self.input_layer.of(shape, layer))
        self._chain.append(layer)
        self._rebuild()

    def pop(self) -> Layer:
        """Takes the last layer out, and returns it."""
        if not self.layers:
            raise self.empty("a model must have a layer before one is taken out, got none")
        layer = self._chain[-1]
        self._chain = list(self._chain[:-1])
        self._rebuild()
        return layer

    def _rebuild(self) -> None:
        shape = self.input_shape
        self.built = False
        if shape is not None and self.layers:
            self.build(shape)

    def build(self, input_shape: Any = None) -> None:
        """Builds each layer that is not, for the shape of the outputs of the one before.

        The model begins with an `InputLayer` from now on.
        """
        chain = self._chain
        if chain and not isinstance(chain[0], InputLayer) and input_shape is not None:
            self._chain = [self.input_layer.built_for(tuple(input_shape), chain[0]), *chain]
        try:
            self._build_all(input_shape)
        except BaseException:
            self._chain = chain
            raise

    def __getstate__(self) -> dict[str, Any]:
        kept = {k: x for k, x in vars(self).items() if k not in ("_compiled", "_predict")}
        return kept | {"_chain": unique(self._chain)}  # a copy has each layer once, as official

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if "_compile_arguments" in state:
            self.prepare(*state["_compile_arguments"])

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the outputs for inputs of `input_shape`."""
        return self._build_all(input_shape)

    def _build_all(self, shape: Any) -> Any:
        for layer in self._called():
            inputs = shape
            if layer.input_spec is not None:
                layer._check_shape(inputs)
            if isinstance(layer, Sequential) and not layer.built:
                layer.build(inputs)  # it gets its InputLayer before its layers theirs
            try:
                shape = layer.compute_output_shape(inputs)
            except NotImplementedError:
                shape = layer._infer_output_shape(inputs)
            if not layer.built:
                with layer.kit.naming(layer._name):
                    layer.build(inputs)
        return shape

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """The outputs of the last layer. The `mask` is that of the inputs, where they have none."""
        if mask is not None and getattr(inputs, "_keras_mask", None) is not mask:
            inputs = tf.identity(inputs)
            inputs._keras_mask = mask
        for layer in self._chain:
            inputs = layer(inputs)
        return inputs

    def _symbolic_outputs(self, inputs: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        for layer in self._called():
            inputs = layer(inputs)
        return inputs

    def _pass_mask(self, inputs: Any, mask: Any, outputs: Any) -> None:
        """Nothing: the last layer has given the outputs their mask."""

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name, and the layers: each once, as official Keras does."""
        own = {name: getattr(self, name) for name in self._own_arguments}
        return {**own, "layers": [self._family.serialize(layer) for layer in unique(self._chain)]}

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Any:
        """The model that `get_config` described; its weights are new."""
        make: Any = cls  # each dialect has its own constructor
        model = make(name=config.get("name"))
        for layer in config["layers"]:
            model.add(cls._family.deserialize(layer, custom_objects))
        return model


def clone_model(model: Any, clone_function: Any = None) -> Any:
    """A `Sequential` whose layers are copies, with new weights, of those of `model`; or so a layer.

    `clone_function` makes each copy: by default from the configuration. Raises ValueError for
    what is neither.
    """
    if not isinstance(model, Layer):
        raise ValueError(f"model must be a Sequential, got {model!r}")
    make = clone_function or _remade
    if not isinstance(model, Sequential):
        return make(model)
    copies: dict[int, Any] = {}
    kind: Any = type(model)
    copy = kind(name=model.name)
    for layer in (*(x for x in model._chain if isinstance(x, InputLayer)), *model.layers):
        if id(layer) not in copies:
            copies[id(layer)] = (_remade if isinstance(layer, InputLayer) else make)(layer)
        copy.add(copies[id(layer)])
    return copy


def _remade(layer: Any) -> Any:
    return type(layer).from_config(layer.get_config())
