"""Near misses: what a wrong answer would be right for.

Modules: `near` (all that is told of an answer), `numbers` (number for number: half, negated, ...), `places` (the
same numbers elsewhere: transposed, flipped, ...), `special` (NaN, infinities, zeros), `records` (configurations),
`draws` (laws of random values), `refusals` (what an error message says). Each is pure, and tells a hint only where it
accounts for everything that differs. Hints for which the definition must be asked again are in `oracle.variants`.
"""

from conformance.judge.hints.hint import Hint, Pair

__all__ = ["Hint", "Pair"]
