"""What differs between two runs, two sets of golden files, or two subjects, and whom it concerns.

`reports` compares two runs or golden sets. `subjects` asks two subjects every case: `answers` compares what
they answer (`tensors`, `configurations`), `differences` are the results, and `rows` put them together,
each with its `severity`. `used` says what matters to a model. `mending` tells which findings a version of Keras
closes. `deployed` asks subjects the layers of a saved model. Imports `runner`, `record` and what lies below.
"""

__all__ = ["deployed", "differences", "mending", "reports", "rows", "severity", "subjects", "used"]
