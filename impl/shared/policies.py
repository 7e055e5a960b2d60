"""Which dtypes layers compute in and keep weights in, and the other settings of a dialect.

Source: https://keras.io/api/mixed_precision/policy/ and https://keras.io/api/utils/config_utils/.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np
import tensorflow as tf

# What a mixed policy computes in, and what it keeps weights in.
_MIXED = {"mixed_float16": ("float16", "float32"), "mixed_bfloat16": ("bfloat16", "float32")}


class DTypePolicy:
    """A pair of dtypes, by `name`: one dtype for both, or "mixed_float16" or "mixed_bfloat16".

    A mixed policy computes in the 16 bits of its name and keeps weights in float32. Raises
    TypeError for a name that is no string, ValueError for one that names no dtype; "float" and the
    like do where the dialect `takes_aliases`.
    """

    takes_aliases: ClassVar[bool] = False

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise TypeError(f"name must be a string such as 'mixed_float16', got {name!r}")
        self._name = name
        try:
            pair = _MIXED.get(name, (name, name))
            self._compute, self._variable = (str(tf.as_dtype(dtype).name) for dtype in pair)
            if not self.takes_aliases and pair != (self._compute, self._variable):
                raise TypeError
        except TypeError:
            raise ValueError(
                f"name must be 'mixed_float16', 'mixed_bfloat16' or the name of a dtype, got {name!r}"
            ) from None

    @property
    def name(self) -> str:
        """The name that the policy was made with."""
        return self._name

    @property
    def compute_dtype(self) -> str:
        """The dtype that inputs are cast to, and so the dtype of outputs."""
        return self._compute

    @property
    def variable_dtype(self) -> str:
        """The dtype of weights."""
        return self._variable

    def get_config(self) -> dict[str, Any]:
        """The constructor's arguments by name."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The policy that `get_config` described."""
        return cls(**config)

    def __repr__(self) -> str:
        return f'<{type(self).__name__} "{self.name}">'


class Settings:
    """The settings of one dialect, and the policy that layers get by default.

    `floats` are the dtypes that `set_floatx` takes. With `keeps_first` the default policy stays
    what it was when it was first asked for; otherwise it follows `set_floatx`.
    """

    def __init__(
        self, policy: type[DTypePolicy], floats: tuple[str, ...], keeps_first: bool
    ) -> None:
        self._policy_class = policy
        self._floats = floats
        self._keeps_first = keeps_first
        self._floatx = "float32"
        self._epsilon: float = 1e-7
        self._image_data_format = "channels_last"
        self._policy: Any = None

    def floatx(self) -> str:
        """The default float dtype, as a name."""
        return self._floatx

    def set_floatx(self, value: str) -> None:
        """Sets the default float dtype. Raises ValueError for any but the dialect's names."""
        if not isinstance(value, str) or value not in self._floats:
            raise ValueError(f"value must be one of {', '.join(self._floats)}, got {value!r}")
        self._floatx = value

    def epsilon(self) -> float:
        """The number that keeps divisors from zero."""
        return self._epsilon

    def set_epsilon(self, value: float) -> None:
        """Sets `epsilon`."""
        self._epsilon = value

    def image_data_format(self) -> str:
        """Where images have their channels: "channels_last" or "channels_first"."""
        return self._image_data_format

    def set_image_data_format(self, data_format: str) -> None:
        """Sets `image_data_format`. Raises ValueError for another than the two."""
        if self._keeps_first:  # Keras 3
            data_format = str(data_format).lower()
        if data_format not in ("channels_last", "channels_first"):
            raise ValueError(
                f"data_format must be 'channels_last' or 'channels_first', got {data_format!r}"
            )
        self._image_data_format = data_format

    def dtype_policy(self) -> Any:
        """The policy of layers that are given none: of `floatx`, unless one was set."""
        policy = self._policy or self._policy_class(self._floatx)
        if self._keeps_first:
            self._policy = policy
        return policy

    def set_dtype_policy(self, policy: Any) -> None:
        """Sets the policy of layers made from now on: a policy, its name, or None for `floatx`.

        Raises ValueError for what names no policy: in Keras 3 None and 8-bit integers too, in
        Keras 2 every dtype that is no float.
        """
        if policy is None and not self._keeps_first:
            self._policy = None
            return
        if not _is_policy(policy):
            quantized = isinstance(policy, str) and policy.startswith("int8")
            if self._keeps_first and (quantized or not isinstance(policy, str)):
                raise ValueError(f"policy must be a policy or the name of one, got {policy!r}")
            policy = self._policy_class(policy)
        if not self._keeps_first and not tf.as_dtype(policy.compute_dtype).is_floating:
            raise ValueError(f"policy must be one of floats, got {policy.name!r}")
        self._policy = policy

    def forget_policy(self) -> None:
        """Sets the policy to that of `floatx`, from the next time it is asked for."""
        self._policy = None

    def policy(self, dtype: Any) -> Any:
        """A layer's `dtype` argument as a policy: None, a policy, its name or record, or a dtype.

        Raises ValueError for anything else, which includes the names that no dtype has.
        """
        if dtype is None:
            return self.dtype_policy()
        if isinstance(dtype, Mapping) and "config" in dtype:
            return self._policy_class.from_config(dict(dtype["config"]))
        if _is_policy(dtype):
            return dtype
        found, aliases = dtype, self._policy_class.takes_aliases and isinstance(dtype, (str, int))
        if isinstance(dtype, (tf.DType, np.dtype, type)) or (aliases and dtype not in _MIXED):
            try:
                found = tf.as_dtype(dtype).name
            except TypeError:
                found = None
        if not isinstance(found, str):
            raise ValueError(f"dtype must be a dtype, its name or a policy, got {dtype!r}")
        return self._policy_class(found)


def _is_policy(value: Any) -> bool:
    return hasattr(value, "compute_dtype")
