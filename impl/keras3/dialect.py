"""Keras 3, as measured on keras 3.15.1."""

from impl.core import convert, penalties, projections, sampling
from impl.keras3.random import next_pair, read_seed
from impl.keras3.saving import REGISTRY
from impl.shared.dialect import Dialect
from impl.shared.saving import read_value

DIALECT = Dialect(
    norm=projections.promoting_norm,
    rectify=projections.rectify,
    rectify_input=convert.as_tensor,
    none_is_unbounded=False,
    get_instantiates=True,
    get_needs_config=False,
    empty_config_may_be_anything=False,
    serialize_warns=False,
    read_seed=read_seed,
    seed_attribute_is_saved=False,
    save_seed=REGISTRY.serialize_keras_object,
    seed_pair=next_pair,
    reuse_warns=False,
    uniform_bound=sampling.recast_scalar,
    none_maxval_is_one=False,
    constant=sampling.broadcast,
    save_constant=REGISTRY.serialize_keras_object,
    read_constant=read_value,
    config_may_have_dtype=False,
    partitions=(),
    matrices_need_floats=False,
    fan_axes=True,
    absolute_penalty=penalties.recast_absolute,
    square_penalty=penalties.recast_square,
    l1_l2_needs_floats=False,
    factors_may_be_negative=False,
    factors_may_be_infinite=False,
    exact_factors=("L2", "L1L2"),
    orthogonal_floor=1e-14,
)
