"""Keras 2, as measured on tf_keras 2.21.0."""

from impl.core import convert, projections
from impl.shared.dialect import Dialect

DIALECT = Dialect(
    norm=projections.float_norm,
    rectify=projections.mask_negative,
    rectify_input=convert.as_float32_unless_tensor,
    none_is_unbounded=True,
    get_reads_custom_names=True,
    get_instantiates=False,
    get_needs_config=True,
    empty_config_may_be_anything=True,
    serialize_warns=True,
)
