"""What the documents say, and who honours it. Where official Keras does not, that is a finding.

Modules: `claims` (documents, claims, and their judgement), `findings`, `expect` (the tests that a claim names,
from `tensors` and `facts`), `answers` (what they look at). Imports `oracle`, `judge`, `subjects`,
`vectors` and `model`.
"""

__all__ = ["claims", "expect", "findings"]
