"""LiteRT: written by the converter of TensorFlow, run by LiteRT; its reference kernels have the second opinion."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from ai_edge_litert.interpreter import Interpreter, OpResolverType

from conformance.model import Array
from conformance.subjects.exported.formats import ExportError, blamed, of_several, reason
from conformance.subjects.provenance import version_of

# An operator that the converter has no translation of, in the account that it gives.
_UNKNOWN: Final = re.compile(r"'(tf\.\w+)' op is neither a custom op nor a flex op")
# An output that the model does not name.
_NUMBER: Final = re.compile(r"output_(\d+)")
_FLEX: Final = re.compile(r"\((Flex\w+)\)")


class LiteRT:
    """LiteRT on the CPU, as it is installed: with XNNPACK, without TensorFlow's own operators."""

    exporter = "the converter"
    runtime = "LiteRT"
    other = "the reference kernels of LiteRT"
    elsewhere = False
    package = "ai-edge-litert"

    def __init__(self) -> None:
        self.version = str(version_of(self.package))

    def facts(self) -> Mapping[str, Any]:
        """Where it runs."""
        return {"device": "cpu"}

    def exported(self, model: Any, folder: Path, given: Array) -> LiteRTRunner:
        """The model, exported and loaded by LiteRT."""
        file = self._written(model, folder)
        try:
            return LiteRTRunner(self, file)
        except Exception as error:
            raise self.blamed(error, file, given) from error

    def ran(self, model: Any, folder: Path, given: Sequence[Array]) -> Sequence[Array]:
        """The outputs of a model of any number of inputs, which LiteRT knows by their names."""
        file = self._written(model, folder)
        names = [str(each.name) for each in model.inputs]
        try:
            asked = interpreter(file)
            ((_, signature),) = asked.get_signature_list().items()
            known = list(signature["inputs"])
            if set(names) != set(known) and len(names) > 1:
                raise ExportError(f"{self.exporter} renames inputs: {', '.join(known)}")
            run = asked.get_signature_runner()
            fed = dict(zip(names if len(names) > 1 else known, given, strict=True))
            found = run(**fed)
        except ExportError:
            raise
        except Exception as error:
            if len(given) > 1:
                raise of_several(self, error) from error
            raise self.blamed(error, file, given[0]) from error
        return [np.array(found[name]) for name in sorted(found, key=_place)]

    def constants(self, model: Any, folder: Path) -> Sequence[Array]:
        """The tensors that have a value before anything is computed."""
        file, found = self._written(model, folder), []
        try:
            interpreter(file, reference=True).allocate_tensors()
        except (
            Exception
        ) as error:  # of an operator that LiteRT lacks, and then it ends the process when asked
            raise ExportError(reason(error)) from error
        asked = interpreter(file, reference=True)
        for each in asked.get_tensor_details():
            with contextlib.suppress(ValueError):  # of what is computed there is none yet
                found.append(np.array(asked.get_tensor(each["index"])))
        return found

    def _written(self, model: Any, folder: Path) -> Path:
        """The file of a model; ExportError where there is none."""
        file = folder / "model.tflite"
        try:
            model.export(str(file), format="litert", verbose=False)
        except Exception as error:  # TensorFlow and Keras raise whatever they like
            found = _UNKNOWN.search(str(error))
            why = f"it has no translation of {found[1]}" if found else reason(error)
            raise ExportError(f"{self.exporter} refuses the model: {why}") from error
        return file

    def blamed(self, error: Exception, file: Path, given: Array) -> Exception:
        """What a refusal of LiteRT means: whose fault it is."""
        flex = _FLEX.search(str(error))

        def checked() -> None:
            if flex:
                raise ValueError(
                    f"{flex[1]}, an operator of TensorFlow, which LiteRT does not have"
                )

        return blamed(
            self, reason(error), checked, lambda: ran(interpreter(file, reference=True), given)
        )


def _place(name: str) -> tuple[int, str]:
    """Where an output has its place by its name: `output_2` by the number, those that a model names by the name."""
    number = _NUMBER.fullmatch(name)
    return (int(number[1]), "") if number else (0, name)


class LiteRTRunner:
    """An interpreter of LiteRT."""

    def __init__(self, of: LiteRT, file: Path) -> None:
        self._of = of
        self._file = file
        self._interpreter = interpreter(file)

    def run(self, given: Array) -> Sequence[Array]:
        """The outputs, by LiteRT."""
        try:
            return ran(self._interpreter, given)
        except Exception as error:
            raise self._of.blamed(error, self._file, given) from error

    def second(self, given: Array) -> Sequence[Array]:
        """The outputs, by the reference kernels of LiteRT."""
        return ran(interpreter(self._file, reference=True), given)


def interpreter(file: Path, *, reference: bool = False) -> Any:
    """A model, loaded by LiteRT; with `reference` without optimised kernels and without XNNPACK."""
    kernels = OpResolverType.BUILTIN_REF if reference else OpResolverType.AUTO
    return Interpreter(model_path=str(file), experimental_op_resolver_type=kernels)


def ran(made: Any, given: Array) -> Sequence[Array]:
    """The outputs of an interpreter for an input of this shape."""
    (asked,) = made.get_input_details()
    made.resize_tensor_input(asked["index"], given.shape)
    made.allocate_tensors()
    made.set_tensor(asked["index"], given)
    made.invoke()
    return [made.get_tensor(each["index"]) for each in made.get_output_details()]
