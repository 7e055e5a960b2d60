"""How much the suite catches, and how exact subjects are.

`api` measures which part of the API is asked, `inventory` says by introspection what there is. `ulp` measures the
activations over whole dtypes. It imports rooms below it, up to `changes`.
"""

from conformance.strength import api, inventory, ulp

__all__ = ["api", "inventory", "ulp"]
