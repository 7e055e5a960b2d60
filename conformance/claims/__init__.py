"""What the documents say, and who honours it; where official Keras does not, that is a finding.

Modules: `claims` (documents, claims, findings, and their judgement), `expect` (the small tests that a claim
names). Imports `oracle`, `judge`, `subjects`, `vectors` and `model`.
"""

__all__ = ["claims", "expect"]
