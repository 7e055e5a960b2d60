"""What a repro of an exported model has instead of calls: the export, and the runtime."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from conformance.subjects import environments

# By format: what is imported, and what runs the file.
_IMPORTS: Final = {
    "onnx": "import onnxruntime",
    "litert": "from ai_edge_litert.interpreter import Interpreter",
}
_RUNS: Final = {
    "onnx": """\
    session = onnxruntime.InferenceSession("model.onnx")
    found = session.run(None, {session.get_inputs()[0].name: x.numpy()})""",
    "litert": """\
    made = Interpreter("model.tflite")
    index = made.get_input_details()[0]["index"]
    made.resize_tensor_input(index, x.shape)
    made.allocate_tensors()
    made.set_tensor(index, x.numpy())
    made.invoke()
    found = [made.get_tensor(each["index"]) for each in made.get_output_details()]""",
}
_FILES: Final = {"onnx": "model.onnx", "litert": "model.tflite"}
_EXPORTED: Final = """\
def exported(c, x, **options):
    x = tf.convert_to_tensor(x)
    given = K.Input(x.shape[1:], dtype=x.dtype.name)
    model = K.Model(given, c(given, **options))
    model(x)
    model.export("{file}", format="{name}", verbose=False)
{runs}
    return found[0] if len(found) == 1 else found
"""
_CALLED: Final = re.compile(r"(?<![\w.])c\((?=x\d)")
_PREDICTED: Final = re.compile(r"\bm\.predict\((x\d+)\b[^()]*\)")


def head(name: str) -> list[str]:
    """What must be installed, and what is imported of it."""
    pins = [line for line in environments.pinned(name).splitlines() if "==" in line]
    return [
        f"# pip install --no-deps {' '.join(pins)}  # beside Keras and TensorFlow",
        _IMPORTS[name],
    ]


def definition(name: str) -> list[str]:
    """The function that exports a layer in a model and runs it."""
    return _EXPORTED.format(file=_FILES[name], name=name, runs=_RUNS[name]).splitlines()


def calls(body: Sequence[str]) -> list[str]:
    """The statements, with calls of the target and predictions by the exported model."""
    called = [_CALLED.sub("exported(c, ", line) for line in body]
    return [_PREDICTED.sub(r"exported(m, \1)", line) for line in called]
