"""A layer in float64 on official Keras, and how far the roundings of a narrower dtype move its result.

The spread is measured: inputs and weights are moved by random parts of a unit roundoff u, as if each had been rounded
once. A sum of n terms is rounded n times, and its partial sums grow from one term to all of them. For terms in no
particular order a partial sum of k has about k/n of the variance of all and k/n of the sum, so the n roundings come to a
standard deviation of u sqrt(n/2 Q + n/3 y^2), where Q is the sum of the squares of the terms and y the sum. The
measured spread of one rounding of each term is u sqrt(Q). Hence `sigma`: the spread times sqrt(1 + n/2), and u |y|
sqrt(1 + n/3). n is counted: the elements of the inputs on which one element of the result depends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from conformance.model import EPSILON, LEAST_NORMAL, Array
from conformance.subjects.saved import structure
from conformance.subjects.saved.building import PARTS, Layers
from conformance.subjects.saved.loading import widened

TRIALS: Final = 4
# So many elements give a standard deviation to about a tenth; of fewer, all of the tensor are taken together.
_ENOUGH: Final = 32


# Their inputs name places, and a number that is moved names another one.
_LOOKING_UP: Final = ("Embedding", "CategoryEncoding", "Discretization", "Hashing", "IntegerLookup")


class NotWide(Exception):
    """There is no float64 of this layer; the message says why."""


def measured(
    layers: Layers,
    described: Mapping[str, Any],
    weights: Sequence[Array],
    call: Mapping[str, Any],
    arrays: Mapping[str, Array],
    dtypes: Mapping[str, str],
) -> tuple[dict[str, Array], int]:
    """By tensor of the result, `wide.NAME` and `sigma.NAME`; and the length of its sums. NotWide where there is none.

    `dtypes`: those of the results of the layer itself, by name.
    """
    config = {**described, "config": widened(described["config"])}
    given = {name: _wider(each) for name, each in arrays.items()}
    try:
        made = layers.tensors(call, given)
        layer = layers.ready(config, [_wider(each) for each in weights], made)
        truth = layers.result(layers.called(layer, made))
    except Exception as error:  # layers raise whatever they like
        raise NotWide(f"its float64 raises {type(error).__name__}") from error
    for name, dtype in dtypes.items():
        if dtype in EPSILON and (name not in truth or truth[name].dtype != np.float64):
            raise NotWide("it computes in no float64")
    roundoff = max((EPSILON[d] / 2 for d in dtypes.values() if d in EPSILON), default=0.0)
    if not roundoff:
        return {f"wide.{name}": each for name, each in truth.items()}, 1
    looks_up = described["class_name"] in _LOOKING_UP
    length = 1 if looks_up else _length(layers, layer, call, given)
    squares = {name: np.zeros(each.shape) for name, each in truth.items()}
    generator = np.random.default_rng(0)
    for _ in range(TRIALS):
        moved = given
        if not looks_up:
            moved = {name: _moved(each, roundoff, generator) for name, each in given.items()}
        if weights:
            layer.set_weights([_moved(_wider(each), roundoff, generator) for each in weights])
        result = layers.result(layers.called(layer, layers.tensors(call, moved)))
        for name in squares:
            with np.errstate(invalid="ignore", over="ignore"):
                squares[name] += (result[name].astype(np.float64) - truth[name]) ** 2
    found: dict[str, Array] = {}
    for name, value in truth.items():
        found[f"wide.{name}"] = value
        if dtypes.get(name) in EPSILON:
            spread = pooled(np.sqrt(squares[name] / TRIALS))
            with np.errstate(invalid="ignore"):
                sigma = spread * np.sqrt(1 + length / 2)
                sigma += roundoff * np.abs(value) * np.sqrt(1 + length / 3)
            found[f"sigma.{name}"] = sigma + LEAST_NORMAL[dtypes[name]] * length
    return found, length


def _wider(array: Array) -> Array:
    return array.astype(np.float64) if array.dtype.kind == "f" else array


def _moved(array: Array, roundoff: float, generator: np.random.Generator) -> Array:
    """Each element moved as one rounding may move it, with the standard deviation of the largest."""
    if array.dtype != np.float64:
        return array
    moved: Array = array * (1 + roundoff * generator.standard_normal(array.shape))
    return moved


def pooled(spread: Array) -> Array:
    """Each element's spread, or that of its channel where that is more: few trials may all fall on one side."""
    if spread.ndim < 2 or spread.size // spread.shape[-1] < _ENOUGH:
        pooled = np.sqrt(np.mean(np.nan_to_num(spread, posinf=0.0) ** 2)) if spread.size else 0.0
    else:
        axes = tuple(range(spread.ndim - 1))
        pooled = np.sqrt(np.mean(np.nan_to_num(spread, posinf=0.0) ** 2, axis=axes))
    most: Array = np.fmax(spread, pooled)
    return most


def _length(layers: Layers, layer: Any, call: Mapping[str, Any], given: Mapping[str, Array]) -> int:
    """On how many elements of an input the largest element of the result depends; the most of all inputs."""
    import tensorflow as tf

    names = [n for n in given if given[n].dtype == np.float64]
    sources = {name: tf.constant(given[name]) for name in names}
    try:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            for each in sources.values():
                tape.watch(each)
            made = {
                key: structure.put(call[key], lambda n: sources.get(n, layers.make(given[n])))
                for key in PARTS
            }
            result = tf.nest.flatten(layers.called(layer, made))[0]
            flat = tf.reshape(result, [-1])
            chosen = flat[tf.argmax(tf.abs(flat))]
        slopes = tape.gradient(chosen, list(sources.values()))
    except Exception:  # no gradient: as long as the input of one example
        return max((each[0].size for each in given.values() if each.ndim), default=1)
    counts = [int(np.count_nonzero(tf.convert_to_tensor(s))) for s in slopes if s is not None]
    return max([1, *counts])
