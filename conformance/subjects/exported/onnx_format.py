"""ONNX: written by tf2onnx, run by ONNX Runtime; ONNX's checker and reference evaluator have the second opinion."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import onnx.checker
import onnx.numpy_helper
import onnx.reference
import onnxruntime

from conformance.model import Array
from conformance.subjects.exported.formats import ExportError, blamed, of_several, reason
from conformance.subjects.provenance import version_of

_NO_KERNEL: Final = re.compile(r"Could not find an implementation for (\w+)")
_CODE: Final = re.compile(r"^\[ONNXRuntimeError\] : \d+ : \w+ : (Load model from \S+ failed:)?")
# The dtypes that NumPy has and ONNX Runtime takes no arrays of.
_BFLOAT16: Final = 16


class Onnx:
    """ONNX, run by ONNX Runtime on the CPU."""

    exporter = "tf2onnx"
    runtime = "ONNX Runtime"
    other = "ONNX's reference evaluator"
    elsewhere = True
    package = "onnxruntime"

    def __init__(self) -> None:
        import tf2onnx  # whose absence must show before a case does  # noqa: F401

        self.version: str = onnxruntime.__version__
        # It logs each operator that it does not know; the graph is looked at instead.
        logging.getLogger("tf2onnx").setLevel(logging.CRITICAL)

    def facts(self) -> Mapping[str, Any]:
        """Versions, and where it runs."""
        return {"tf2onnx": version_of("tf2onnx"), "onnx": onnx.__version__, "device": "cpu"}

    def exported(self, model: Any, folder: Path, given: Array) -> OnnxRunner:
        """The model, exported and loaded by ONNX Runtime."""
        file = self._written(model, folder)
        try:
            session = _session(file)
        except Exception as error:
            raise self.blamed(error, file, given) from error
        declared, wanted = session.get_inputs()[0].type, f"tensor({_type(given)})"
        if declared != wanted:
            raise ExportError(f"{self.exporter} wrote an input of {declared} for one of {wanted}")
        return OnnxRunner(self, session, file)

    def ran(self, model: Any, folder: Path, given: Sequence[Array]) -> Sequence[Array]:
        """The outputs of a model of any number of inputs; its own order is that of ONNX."""
        file = self._written(model, folder)
        try:
            session = _session(file)
            names = [each.name for each in session.get_inputs()]
            if len(names) != len(given):
                raise ExportError(
                    f"{self.exporter} wrote {len(names)} inputs of the {len(given)} that there are"
                )
            found: Sequence[Array] = session.run(None, dict(zip(names, given, strict=True)))
        except ExportError:
            raise
        except Exception as error:
            if len(given) > 1:
                raise of_several(self, error) from error
            raise self.blamed(error, file, given[0]) from error
        return found

    def constants(self, model: Any, folder: Path) -> Sequence[Array]:
        """The initializers of the graph."""
        graph = onnx.load(str(self._written(model, folder))).graph
        return [onnx.numpy_helper.to_array(each) for each in graph.initializer]

    def _written(self, model: Any, folder: Path) -> Path:
        """The file of a model that was called before; ExportError where there is none."""
        file = folder / "model.onnx"
        try:
            model.export(str(file), format="onnx", verbose=False)
        except Exception as error:  # tf2onnx and Keras raise whatever they like
            raise ExportError(f"{self.exporter} refuses the model: {reason(error)}") from error
        return file

    def blamed(self, error: Exception, file: Path, given: Array) -> Exception:
        """What a refusal of ONNX Runtime means: whose fault it is, by the checker and the reference evaluator."""
        said = _CODE.sub("", reason(error))
        found = _NO_KERNEL.search(said)

        def checked() -> None:
            onnx.checker.check_model(onnx.load(str(file)), full_check=True)

        return blamed(
            self,
            said,
            checked,
            lambda: evaluated(onnx.load(str(file)), given),
            found[1] if found else None,
        )


def _session(file: Path) -> Any:
    """A file, loaded by ONNX Runtime."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def _type(given: Array) -> str:
    """The dtype of an array as ONNX calls it."""
    name = given.dtype.name
    return {"float32": "float", "float64": "double"}.get(name, name)


class OnnxRunner:
    """A session of ONNX Runtime."""

    def __init__(self, of: Onnx, session: Any, file: Path) -> None:
        self._of = of
        self._session = session
        self._name = session.get_inputs()[0].name
        self._file = file

    def run(self, given: Array) -> Sequence[Array]:
        """The outputs, by ONNX Runtime."""
        try:
            if given.dtype.name != "bfloat16":
                found: Sequence[Array] = self._session.run(None, {self._name: given})
                return found
            made = onnxruntime.OrtValue.ortvalue_from_numpy_with_onnx_type(
                given.view(np.uint16), _BFLOAT16
            )
            outputs = self._session.run_with_ort_values(None, {self._name: made})
            return [each.numpy() for each in outputs]
        except Exception as error:
            raise self._of.blamed(error, self._file, given) from error

    def second(self, given: Array) -> Sequence[Array]:
        """The outputs, by ONNX's reference evaluator."""
        return evaluated(onnx.load(str(self._file)), given)


def evaluated(graph: Any, given: Array) -> Sequence[Array]:
    """The outputs of a graph by ONNX's reference evaluator, which is written in NumPy."""
    name = graph.graph.input[0].name
    with np.errstate(all="ignore"):
        found: Sequence[Array] = onnx.reference.ReferenceEvaluator(graph).run(None, {name: given})
    return found
