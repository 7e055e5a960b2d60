"""Searches for what no case asks, with Hypothesis, and tells each cause once.

`exploring` is the whole: `Exploration` searches the classes of `domain` (by `searching`) in the lanes of `asking`,
compares each failure with what `causes` knows, and keeps its `state`. `elsewhere` is the whole on a cluster, of which
a worker is told by `travelling`. `coverage` counts what was asked. Needs the
package hypothesis.
"""
