"""Keras 2, as measured on tf_keras 2.21.0."""

from impl.core import convert, penalties, projections, sampling
from impl.shared.dialect import Dialect
from impl.shared.initializers import any_seed, as_given

DIALECT = Dialect(
    norm=projections.float_norm,
    rectify=projections.mask_negative,
    rectify_input=convert.as_float32_unless_tensor,
    none_is_unbounded=True,
    get_instantiates=False,
    get_needs_config=True,
    empty_config_may_be_anything=True,
    serialize_warns=True,
    read_seed=any_seed,
    seed_attribute_is_saved=True,
    save_seed=as_given,
    seed_pair=sampling.seed_pair,
    reuse_warns=True,
    uniform_bound=sampling.scalar,
    none_maxval_is_one=True,
    constant=sampling.fill,
    save_constant=as_given,
    read_constant=as_given,
    config_may_have_dtype=True,
    partitions=("partition_shape", "partition_offset", "layout"),
    matrices_need_floats=True,
    fan_axes=False,
    absolute_penalty=penalties.absolute,
    square_penalty=penalties.halved_square,
    l1_l2_needs_floats=True,
    factors_may_be_negative=True,
    factors_may_be_infinite=True,
    exact_factors=(),
    orthogonal_floor=1e-12,
)
