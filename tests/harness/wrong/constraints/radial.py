"""What RadialConstraint may do instead: which diagonal element each place of a kernel is filled with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from wrong import KERAS2, tensorflow
from wrong.classes import Change, after, around, before, config, no_nan
from wrong.constraints.making import CONFIGS, Mistake, as_float32, assigned, widened


def rings(n: int) -> Any:
    """Which element of the diagonal official fills each place of an n x n kernel with."""
    start = n // 2
    i = np.arange(n)
    # Of an odd kernel the ring at distance d is element start + d - 1, of an even one start + d;
    # the middle is element start - 1 in both.
    distance = np.maximum.outer(i - start, start - 1 + n % 2 - i)
    distance = np.maximum(distance, distance.T)
    ring = np.maximum(distance, 0)
    return np.where(ring == 0, start - 1, start + ring - n % 2)


def is_kernel(w: Any) -> bool:
    """Whether `w` is a tensor of square kernels that official takes."""
    tf = tensorflow()
    kernels = isinstance(w, tf.Tensor) and w.shape.rank == 4 and w.shape[0] == w.shape[1] > 1
    return bool(kernels and tf.size(w) > 0)


def gathered(place: Callable[[int], Any]) -> Callable[[Any, Callable[[Any], Any]], Any]:
    """A radial constraint that fills each place (r, c) with the diagonal element `place(n)[r, c]`."""

    def call(w: Any, official: Callable[[Any], Any]) -> Any:
        if not is_kernel(w):
            return official(w)
        n = w.shape[0]
        index = np.asarray(place(n))
        made = np.asarray(w)[index, index]
        if n % 2 == 0:
            # Official adds the middle of an even kernel to zeros: there only, -0.0 becomes 0.0, and
            # TensorFlow's addition, unlike NumPy's, flushes subnormals.
            middle = (slice(n // 2 - 1, n // 2 + 1),) * 2
            made[middle] = tensorflow().constant(made[middle]) + made.dtype.type(0)
        return tensorflow().constant(made)

    return call


def radial(wrong: Callable[[Any, Callable[[Any], Any]], Any]) -> Change:
    return around(lambda self, w, official: wrong(w, official))


def kernels(wrong: Callable[[Any], Any]) -> Change:
    """Another NumPy answer for square kernels, official's for anything else."""

    def answer(w: Any, official: Callable[[Any], Any]) -> Any:
        if not is_kernel(w):
            return official(w)
        array = np.asarray(w)
        return tensorflow().constant(np.asarray(wrong(array), dtype=array.dtype))

    return radial(answer)


# Places in a kernel: which diagonal element each of them is filled with.


def _documented(n: int) -> Any:
    """The picture of the documentation: the outer ring takes the element nearest the middle."""
    values = np.unique(rings(n))
    return values[::-1][np.searchsorted(values, rings(n))]


def _true_middle(n: int) -> Any:
    return np.where(rings(n) == n // 2 - 1, n // 2, rings(n)) if n % 2 else rings(n)


def _euclidean(n: int) -> Any:
    i = np.arange(n) - (n - 1) / 2
    radius = np.rint(np.hypot.outer(i, i) - (n % 2 == 0) * 0.5).astype(int)
    values = np.unique(rings(n))
    return values[np.minimum(radius, values.size - 1)]


def _from_the_corner(n: int) -> Any:
    """Ring k from element k, counted from the outside: the first half of the diagonal."""
    i = np.arange(n)
    return np.minimum.outer(np.minimum(i, i[::-1]), np.minimum(i, i[::-1]))


def _per_ring(reduce: Callable[..., Any]) -> Change:
    def wrong(w: Any) -> Any:
        made = np.empty_like(w)
        place = rings(w.shape[0])
        for ring in np.unique(place):
            made[place == ring] = reduce(w[place == ring].astype(np.float64), axis=0)
        return made

    return kernels(wrong)


def _right(w: Any) -> Any:
    place = rings(w.shape[0])
    return w[place, place]


def _channels_mixed(w: Any) -> Any:
    n, _, a, b = w.shape
    return _right(w).reshape(n, n, b, a).swapaxes(2, 3)


def _first_channel(w: Any) -> Any:
    return np.broadcast_to(_right(w)[:, :, :1, :1], w.shape)


def _off_diagonal(w: Any) -> Any:
    """The row of the middle instead of the diagonal."""
    place = rings(w.shape[0])
    return w[w.shape[0] // 2 - 1, place]


def _cropped(w: Any, official: Callable[[Any], Any]) -> Any:
    if hasattr(w, "shape") and len(w.shape) == 4 and w.shape[0] != w.shape[1]:
        side = min(w.shape[0], w.shape[1])
        return tensorflow().identity(w)[:side, :side] if side < 2 else official(w[:side, :side])
    return official(w)


def _any_rank(w: Any, official: Callable[[Any], Any]) -> Any:
    return w if hasattr(w, "shape") and len(w.shape) in (2, 3) else official(w)


MISTAKES: Final[tuple[Mistake, ...]] = (
    *(
        Mistake(name, "RadialConstraint", aspects, change, groups, dialects=KERAS2)
        for name, aspects, change, groups in (
            (
                "documented-order",
                ("value",),
                radial(gathered(_documented)),
                ("place/*", "size/*-float32"),
            ),
            ("rings-from-the-corner", ("value",), radial(gathered(_from_the_corner)), ("place/*",)),
            (
                "middle-of-odd-kernels",
                ("value",),
                radial(gathered(_true_middle)),
                ("place/*", "size/*-float32"),
            ),
            ("circular-rings", ("value",), radial(gathered(_euclidean)), ("place/*",)),
            ("mean-of-ring", ("value",), _per_ring(np.mean), ("place/*", "size/*-float32")),
            ("largest-of-ring", ("value",), _per_ring(np.max), ("place/*", "size/*-float32")),
            ("off-the-diagonal", ("value",), kernels(_off_diagonal), ("place/*",)),
            ("channels-mixed", ("value",), kernels(_channels_mixed), ("size/*-float32",)),
            ("first-channel-for-all", ("value",), kernels(_first_channel), ("size/*-float32",)),
            (
                "channels-transposed",
                ("shape",),
                kernels(lambda w: _right(w).swapaxes(2, 3)),
                ("size/*-float32",),
            ),
            ("unprojected", ("value",), kernels(lambda w: w), ("place/*",)),
            ("rank-not-checked", ("accepted",), radial(_any_rank), ("rejected/*",)),
            ("non-square-accepted", ("accepted",), radial(_cropped), ("rejected/*",)),
            ("float16-promoted", ("dtype",), after(widened), ("size/2*", "size/3*")),
            ("float64-in-float32", ("dtype", "value"), before(as_float32), ("size/2*", "size/3*")),
            ("nan-swallowed", ("nonfinite",), after(no_nan), ("edge/nan-*",)),
            ("variable-assigned", ("input",), around(assigned), ("given/*",)),
            ("config-with-a-key", ("config",), config(lambda c: {"radius": None}), CONFIGS),
        )
    ),
)
