"""Does an implementation compute what Keras computes, and if not, where and by how much?"""

__version__ = "0.1.0"
