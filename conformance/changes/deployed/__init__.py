"""A saved model, layer by layer: who computes what official Keras computes, and whose fault it is where not.

Modules: `files` (what a file is, before anything of it runs), `feeding` (its inputs), `results` (what was found), `judging` (one
tensor, and how far it may be off), `truth` (the suite's oracle, asked about a layer of a model), `asking` (all of it, in order), `vectors` (golden
vectors of the model), `answering` (what a subject gives), `pairs` (what two of them give).
"""

__all__ = ["asking", "feeding", "files", "judging", "pairs", "results", "truth", "vectors"]
