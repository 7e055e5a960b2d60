"""Saved models in the process of a subject: they are loaded, run, and recorded layer by layer.

Modules that others may import: `client` (starts a worker and asks it). The rest runs in the worker: `serving` (the
requests), `loading` (model files), `tracing` (what each layer was called with), `building` (one layer, from its
configuration), `wide` (the same in float64, and how far roundings move it), `side` (several layers in one exported
model). Tensors go through .npz files in a folder that both sides have, not through the lines: they are large.
"""
