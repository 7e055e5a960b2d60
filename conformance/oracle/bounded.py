"""Arithmetic in float64 that carries, for each element, how wrong a narrower computation may be.

A definition written once with `Bounded` gives both its value and its error budget. The model is the
standard one of floating-point arithmetic: an operation in a dtype with unit roundoff u returns its
exact result times (1 + d), |d| <= u, or flushes it to zero below the least normal number; a sum of
n terms, in whatever order, errs by at most gamma(n - 1) times the sum of their magnitudes, where
gamma(n) = n u / (1 - n u) (Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition,
sections 2.2 and 4.2; for long sums in narrow dtypes see `gammas`). The float64 evaluation here rounds as well, which is counted too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from conformance.model import EPSILON, LARGEST, LEAST_NORMAL, Array, Tensor

Axis = int | Sequence[int] | None

_OWN: Final = 2.0**-53
# Units in the last place by which quotients and roots may be off beside their own rounding:
# compilers multiply by a reciprocal, or by a reciprocal root, that is an approximation itself.
QUOTIENT: Final = 2.0

# Beyond this error, relative to the largest element, a budget says nothing.
USEFUL: Final = 1e-2


def unit_roundoff(dtype: str) -> float:
    """The largest relative error of one operation in `dtype`, and of this evaluation of it."""
    return EPSILON[dtype] / 2 + _OWN


# By how many standard deviations roundings may add up. Where one sum in 10^8 is further off, none will be seen.
_DEVIATIONS: Final = 6.0
# Up to so many terms, and so small a relative error, the worst case says enough.
_FEW: Final = 128
_SURELY_ENOUGH: Final = 2.0**-10


def gammas(n: ArrayLike, dtype: str) -> Array:
    """The largest relative error of `n` roundings in a row. Shape: that of `n`.

    n u / (1 - n u). Of long sums in narrow dtypes that says little or nothing, and their roundings are not all to
    one side: exp(L sqrt(n) u + n u^2 / (1 - u)) - 1 with L = 6 (Higham and Mary, A new approach to probabilistic
    rounding error analysis, 2019, theorem 2.4). Finite for every `n`.
    """
    u, terms = unit_roundoff(dtype), np.asarray(n, dtype=np.float64)
    sure = terms * u / np.maximum(1 - terms * u, 0.5)
    likely = np.expm1(np.minimum(_DEVIATIONS * np.sqrt(terms) * u + terms * u * u / (1 - u), 100.0))
    return np.where((terms > _FEW) & (terms * u >= _SURELY_ENOUGH), likely, sure)


def gamma(n: int, dtype: str) -> float:
    """That of one number of roundings."""
    return float(gammas(n, dtype))


@dataclass(frozen=True, eq=False, slots=True)
class Bounded:
    """Exact values (float64) and, for each, the largest error of a computation in `dtype`.

    An infinite `error` means that the computation may have overflowed on the way: nothing can be
    said of that element. A value that is itself infinite or NaN without having overflowed is
    expected as it is.
    """

    value: Array
    error: Array
    dtype: str

    # NumPy must leave `array * bounded` to `__rmul__`.
    __array_ufunc__ = None

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of `value`, and of `error`."""
        return tuple(self.value.shape)

    def _operand(self, other: Bounded | ArrayLike) -> Bounded:
        return other if isinstance(other, Bounded) else constant(other, self.dtype)

    def __add__(self, other: Bounded | ArrayLike) -> Bounded:
        right = self._operand(other)
        with np.errstate(all="ignore"):
            return _narrowed(self.value + right.value, self.error + right.error, (self, right))

    def __sub__(self, other: Bounded | ArrayLike) -> Bounded:
        right = self._operand(other)
        with np.errstate(all="ignore"):
            return _narrowed(self.value - right.value, self.error + right.error, (self, right))

    def __mul__(self, other: Bounded | ArrayLike) -> Bounded:
        right = self._operand(other)
        return _narrowed(*_product(self, right), (self, right))

    def __truediv__(self, other: Bounded | ArrayLike) -> Bounded:
        right = self._operand(other)
        with np.errstate(all="ignore"):
            value = self.value / right.value
            # |a/b - a'/b'| <= (da + |a/b| db) / |b'|, and |b'| >= |b| - db.
            least = np.abs(right.value) - right.error
            error = (self.error + _scaled(np.abs(value), right.error)) / least
            error = np.where(self.error + right.error == 0, 0.0, error)
            error = np.where((least <= 0) & (right.error > 0), np.inf, error)
            sure = np.isinf(self.value) & (self.error == 0) & (least > 0)
            error = np.where(sure, 0.0, error)
            # Multiplied by the reciprocal, which is exact for powers of two, it is rounded twice.
            simple = (right.error == 0) & (np.abs(np.frexp(right.value)[0]) == 0.5)
            own = QUOTIENT * EPSILON[self.dtype] * np.abs(value)
            error = error + np.where(simple | ~np.isfinite(value), 0.0, own)
        return rounded(value, error, self.dtype)

    def __radd__(self, other: ArrayLike) -> Bounded:
        return self._operand(other) + self

    def __rsub__(self, other: ArrayLike) -> Bounded:
        return self._operand(other) - self

    def __rmul__(self, other: ArrayLike) -> Bounded:
        return self._operand(other) * self

    def __rtruediv__(self, other: ArrayLike) -> Bounded:
        return self._operand(other) / self

    def __neg__(self) -> Bounded:
        return Bounded(-self.value, self.error, self.dtype)

    def __getitem__(self, index: Any) -> Bounded:
        return Bounded(self.value[index], self.error[index], self.dtype)

    def abs(self) -> Bounded:
        """Magnitudes, exactly."""
        return Bounded(np.abs(self.value), self.error, self.dtype)

    def sqrt(self) -> Bounded:
        """Square roots; the error is that of the monotone function over the interval."""
        return self.monotone(lambda v: np.sqrt(np.maximum(v, 0.0)), ulp=QUOTIENT)

    def monotone(self, function: Callable[[Array], Array], ulp: float) -> Bounded:
        """A monotone function whose implementation errs by `ulp` units in the last place."""
        with np.errstate(all="ignore"):
            middle = function(self.value)
            reach = np.maximum(
                np.abs(function(self.value + self.error) - middle),
                np.abs(function(self.value - self.error) - middle),
            )
            reach = np.where(self.error == 0, 0.0, reach)
            extra = np.where(np.isfinite(middle), ulp * EPSILON[self.dtype] * np.abs(middle), 0.0)
        return rounded(middle, np.where(np.isnan(reach), np.inf, reach + extra), self.dtype)

    def maximum(self, other: Bounded | ArrayLike) -> Bounded:
        """The larger of two, exactly: it errs by no more than the worse of both."""
        right = self._operand(other)
        return _chosen(np.maximum, self, right)

    def minimum(self, other: Bounded | ArrayLike) -> Bounded:
        """The smaller of two, exactly: it errs by no more than the worse of both."""
        right = self._operand(other)
        return _chosen(np.minimum, self, right)

    def sum(self, axis: Axis = None, *, keepdims: bool = False) -> Bounded:
        """The sum over `axis`, in whatever order, in the dtype of the computation."""
        over = tuple(axis) if isinstance(axis, Sequence) else axis
        with np.errstate(all="ignore"):
            total = self.value.sum(axis=over, keepdims=keepdims)
            error = self.error.sum(axis=over, keepdims=keepdims)
            finite = np.isfinite(self.value).all(axis=over, keepdims=keepdims)
            error = np.where(finite & ~np.isfinite(total), np.inf, error)
            magnitude = (np.abs(self.value) + self.error).sum(axis=over, keepdims=keepdims)
            terms = self.value.size // max(total.size, 1) if self.value.size else 0
            factor = gamma(max(terms - 1, 0), self.dtype)
            rounding = np.where(np.isfinite(total), _scaled(magnitude, factor), 0.0)
        # What may overflow is decided by the largest partial sum there can be.
        return _limited(total, error + rounding, self.dtype, magnitude)

    def mean(self, axis: Axis = None, *, keepdims: bool = False) -> Bounded:
        """The sum divided by the number of its terms."""
        total = self.sum(axis, keepdims=keepdims)
        return total / float(self.value.size // max(total.value.size, 1))

    def where(self, condition: Array, other: Bounded | ArrayLike) -> Bounded:
        """Itself where `condition` holds, `other` elsewhere, exactly."""
        right = self._operand(other)
        return Bounded(
            np.where(condition, self.value, right.value),
            np.where(condition, self.error, right.error),
            self.dtype,
        )

    def reshape(self, *shape: int) -> Bounded:
        """The same elements in another shape."""
        if shape == self.shape:
            return self
        return Bounded(self.value.reshape(shape), self.error.reshape(shape), self.dtype)

    def transpose(self, *axes: int) -> Bounded:
        """The same elements with permuted axes."""
        return Bounded(
            self.value.transpose(axes or None), self.error.transpose(axes or None), self.dtype
        )

    def cast(self, dtype: str) -> Bounded:
        """Converted: rounded once more where `dtype` is narrower than the dtype so far."""
        exactly = _contains(dtype, self.dtype)
        made = Bounded(self.value, self.error, dtype)
        return made if exactly else rounded(self.value, self.error, dtype)

    def scaled(self, factor: float | Array) -> Bounded:
        """Multiplied by powers of two or by -1, which rounds nothing."""
        return Bounded(self.value * factor, self.error * np.abs(factor), self.dtype)

    def headroom(self, actual: Tensor) -> Array:
        """Per element, the error of `actual` over its budget; above 1 it is wrong.

        Shape: that of the value. NaN is right where the value is NaN, an infinity where it is that
        infinity; without a budget, 0 where equal and infinite elsewhere; 0 where the budget is
        infinite.
        """
        got = actual.values().astype(np.float64)
        if got.shape != self.value.shape:
            raise ValueError(f"actual must have the shape {self.value.shape}; received {got.shape}")
        with np.errstate(all="ignore"):
            off = np.abs(got - self.value)
            same = (got == self.value) | (np.isnan(got) & np.isnan(self.value))
            ratio = np.where(np.isnan(off) | (self.error == 0), np.inf, off / self.error)
            return np.where(same | np.isinf(self.error), 0.0, ratio)


@dataclass(frozen=True, slots=True)
class Shares(Bounded):
    """Values that add up to 1 along `axis`, however wrong the numbers are that they are shares of.

    `leeway`: how far their computed sum may be from 1. Shape: that of the value, `axis` of length 1.
    """

    axis: int
    leeway: Array

    def headroom(self, actual: Tensor) -> Array:
        """The larger of each element's own and that of the sum that it belongs to."""
        got = actual.values().astype(np.float64)
        with np.errstate(all="ignore"):
            off = np.abs(got.sum(axis=self.axis, keepdims=True) - 1)
            # An infinity or NaN is judged where it stands.
            together = np.where(np.isfinite(off / self.leeway), off / self.leeway, 0.0)
        return np.maximum(Bounded.headroom(self, actual), together)


def exact(values: ArrayLike | Tensor, dtype: str | None = None) -> Bounded:
    """Numbers that `dtype` holds without error (default: the dtype of the tensor)."""
    if isinstance(values, Tensor):
        return exact(values.values(), dtype or values.dtype)
    array = np.asarray(values, dtype=np.float64)
    return Bounded(array, np.zeros_like(array), dtype or "float64")


def constant(values: ArrayLike, dtype: str) -> Bounded:
    """Numbers of the program, wherever they are rounded to `dtype`: exact if it holds them.

    What is too large for `dtype` is an infinity; what is subnormal in it may be zero.
    """
    array = np.asarray(values, dtype=np.float64)
    held = Tensor.of(array, dtype).values().astype(np.float64)
    with np.errstate(all="ignore"):
        error = np.where(held == array, 0.0, unit_roundoff(dtype) * np.abs(array))
        error = np.where(np.abs(array) < LEAST_NORMAL[dtype], np.abs(array), error)
    value = np.where(np.isinf(held), held, array)
    return Bounded(value, np.where(np.isfinite(value), error, 0.0), dtype)


def rounded(value: Array, error: Array, dtype: str) -> Bounded:
    """The result of one operation in `dtype` on operands that bring `error` along."""
    with np.errstate(all="ignore"):
        magnitude = np.abs(value) + error
        one = unit_roundoff(dtype) * magnitude
        untouched = error == 0
        if untouched.any():
            # A result that `dtype` holds is not rounded, if nothing before it was.
            held = Tensor.of(np.asarray(value), dtype).values().astype(np.float64) == value
            one = np.where(held & untouched, 0.0, one)
        small = (np.abs(value) - error < LEAST_NORMAL[dtype]) & (value != 0)
        if small.any():
            one = one + np.where(small, np.minimum(LEAST_NORMAL[dtype], magnitude), 0.0)
        if not np.isfinite(one).all():
            one = np.where(np.isfinite(value), one, 0.0)
            error = np.where(np.isnan(value) & np.isnan(error), 0.0, error)
        return _limited(value, error + one, dtype, magnitude)


def _narrowed(value: Array, error: Array, operands: tuple[Bounded, Bounded]) -> Bounded:
    """`rounded`, without a limit where float64 itself overflows: it cannot say what comes of it."""
    left, right = operands
    wild = ~np.isfinite(value)
    if wild.any():
        finite = np.isfinite(left.value) & np.isfinite(right.value)
        error = np.where(finite & wild, np.inf, error)
    return rounded(value, error, left.dtype)


def concatenate(parts: Sequence[Bounded], axis: int) -> Bounded:
    """Along `axis`, exactly."""
    return Bounded(
        np.concatenate([p.value for p in parts], axis),
        np.concatenate([p.error for p in parts], axis),
        parts[0].dtype,
    )


def _limited(value: Array, error: Array, dtype: str, magnitude: Array) -> Bounded:
    """With an unlimited error where the dtype may overflow on the way to a finite value."""
    value = np.asarray(value, dtype=np.float64)
    with np.errstate(all="ignore"):
        overflows = np.isfinite(value) & ~(magnitude <= LARGEST[dtype])
        lost = np.isnan(value) & (error == np.inf)
        return Bounded(value, np.where(overflows | lost, np.inf, error), dtype)


def _scaled(magnitude: Array, error: ArrayLike) -> Array:
    """`magnitude * error`, where no error stays none even beside an infinity."""
    factor = np.asarray(error, dtype=np.float64)
    if not factor.any():
        return np.zeros(np.broadcast_shapes(magnitude.shape, factor.shape))
    with np.errstate(all="ignore"):
        return np.where((factor == 0) | (magnitude == 0), 0.0, magnitude * factor)


def _product(left: Bounded, right: Bounded) -> tuple[Array, Array]:
    """The exact product, and what the errors of its factors make of it."""
    with np.errstate(all="ignore"):
        error = (
            _scaled(np.abs(left.value), right.error)
            + _scaled(np.abs(right.value), left.error)
            + _scaled(left.error, right.error)
        )
        value = left.value * right.value
        if not np.isfinite(error + left.error + right.error).all():
            # What may have overflowed makes NaN of a zero; what is infinite for sure stays so.
            open_ended = np.isinf(left.error) | np.isinf(right.error)
            error = np.where(open_ended, np.inf, error)
            sure = (left.error < np.abs(left.value)) & (right.error < np.abs(right.value))
            error = np.where(np.isinf(value) & sure & ~open_ended, 0.0, error)
        return value, error


def _chosen(which: Callable[[Array, Array], Array], left: Bounded, right: Bounded) -> Bounded:
    apart = np.abs(left.value - right.value) > left.error + right.error
    value = which(left.value, right.value)
    own = np.where(value == left.value, left.error, right.error)
    return Bounded(value, np.where(apart, own, np.maximum(left.error, right.error)), left.dtype)


_PRECISION: Final = {"float16": 11, "bfloat16": 8, "float32": 24, "float64": 53}
_EXPONENTS: Final = {"float16": 5, "bfloat16": 8, "float32": 8, "float64": 11}


def _contains(wide: str, narrow: str) -> bool:
    """Whether every number of `narrow` is one of `wide`."""
    if narrow not in _PRECISION or wide not in _PRECISION:
        return False
    return _PRECISION[wide] >= _PRECISION[narrow] and _EXPONENTS[wide] >= _EXPONENTS[narrow]
