"""How much the suite catches: which part of the API it asks.

`api` measures it, `inventory` says by introspection what there is. It imports rooms below it, up to `changes`.
"""

from conformance.strength import api, inventory

__all__ = ["api", "inventory"]
