"""Keras 3, as measured on keras 3.15.1."""

from impl.core import convert, projections
from impl.shared.dialect import Dialect

DIALECT = Dialect(
    norm=projections.promoting_norm,
    rectify=projections.rectify,
    rectify_input=convert.as_tensor,
    none_is_unbounded=False,
    get_reads_custom_names=False,
    get_instantiates=True,
    get_needs_config=False,
    empty_config_may_be_anything=False,
    serialize_warns=False,
)
