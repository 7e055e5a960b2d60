"""Writes, reads and checks the lines of the worker protocol, which PROTOCOL.md defines.

What a worker writes is not trusted. Here everything that breaks the protocol raises `Breach`, so that the rest
of the harness need not expect it.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from conformance.model import (
    DIALECTS,
    STORAGE,
    Case,
    Input,
    Json,
    Outcome,
    Raised,
    Reference,
    Returned,
    Tensor,
    Unsupported,
    Value,
    codec,
)
from conformance.model.texts import clipped
from conformance.subjects.protocol_versions import SUPPORTED, added_case, added_step

VERSION: Final = 2
_TENSOR: Final = frozenset({"dtype", "shape", "data"})
_PACKED: Final = frozenset({"dtype", "shape", "base64"})
_DEPTH: Final = 32
# Larger integers may be too large for a double.
_LARGEST: Final = 10**300
_LONGEST: Final = 200
_LONGEST_REFUSAL: Final = 1000
_NON_FINITE: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
# The library and the generator of a worker that does not state them.
_OWN: Final = "its own"
# Where arguments and steps name a dtype, or a dtype policy.
_NAMED: Final = ("dtype", "floatx", "dtype_policy")
_MIXED: Final = "mixed_"


class Breach(Exception):
    """A line breaks the protocol. The message is a clause that says what the worker did."""


class Refusal(Exception):
    """Instead of a hello the worker says why it cannot run. The message is what it says."""


@dataclass(frozen=True, slots=True)
class Hello:
    """How a worker introduces itself. `classes`, `dtypes`, `steps`: what it offers; None means all."""

    dialect: str
    provenance: Mapping[str, Any]
    version: int = VERSION
    tensors: str = _OWN
    draws: str = _OWN
    modes: tuple[str, ...] = ("eager",)
    classes: tuple[str, ...] | None = None
    dtypes: tuple[str, ...] | None = None
    steps: tuple[str, ...] | None = None

    def lacks(self, case: Case) -> str | None:
        """Why the worker need not be asked this case; None where it must be asked."""
        if self.classes is not None and case.target not in self.classes:
            return f"the worker does not list the class {case.target}"
        if self.dtypes is not None:
            for dtype in _dtypes(case):
                if dtype not in self.dtypes:
                    return f"the worker does not list the dtype {dtype}"
        return self._too_new(added_case(case))

    def shortened(self, case: Case) -> tuple[Case, str | None]:
        """The steps before the first that the worker does not offer, as a case; and why it is not asked that."""
        for number, step in enumerate(case.steps):
            unlisted = self.steps is not None and step.do not in self.steps
            reason = f"the worker does not list the step {step.do}" if unlisted else None
            if reason := reason or self._too_new(added_step(step)):
                return replace(case, steps=case.steps[:number]), reason
        return case, None

    def _too_new(self, added: str | None) -> str | None:
        if added is None or self.version == VERSION:
            return None
        return f"the worker speaks version {self.version} of the protocol, without {added}"


def _dtypes(case: Case) -> list[str]:
    """The dtypes of all tensors that a case passes, and those that its steps ask for or set."""
    found: list[str] = []
    pending: list[Any] = [*case.inputs, case.arguments, *(step.options for step in case.steps)]
    while pending:
        each = pending.pop()
        if isinstance(each, Input):
            found.append(each.tensor.dtype)
        elif isinstance(each, Reference):
            pending.append(each.arguments)
        elif isinstance(each, Mapping):
            named = [each.get(key) for key in _NAMED]
            # The weights of a policy `mixed_float16` are float32, its computations float16.
            texts = [name.removeprefix(_MIXED) for name in named if isinstance(name, str)]
            found += [name for name in texts if name in STORAGE]
            pending += each.values()
        elif isinstance(each, list | tuple):
            pending += each
    return found


def tidy(text: str, longest: int = _LONGEST) -> str:
    """At most a line of `text`, without characters that a terminal would obey or refuse."""
    shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text.strip())
    return clipped(shown, longest)


def line(message: Mapping[str, Any]) -> bytes:
    """A message as it is sent, with its newline."""
    text = json.dumps(message, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.encode() + b"\n"


def question(number: int, case: Case, mode: str) -> bytes:
    """The request to answer a case."""
    asked = {"target": case.target, **codec.case_to_json(case)}
    chosen = {} if mode == "eager" else {"mode": mode}
    return line({"id": number, "case": asked, "packed": True, **chosen})


def echo(number: int, tensors: Mapping[str, Tensor]) -> bytes:
    """The request to return tensors as they are."""
    sent = {name: codec.tensor_to_json(tensor) for name, tensor in tensors.items()}
    return line({"id": number, "echo": sent})


def answer(number: Any, outcomes: Sequence[Outcome], *, packed: bool = False) -> bytes:
    """A worker's answer to a case; `packed`: the elements of tensors as bytes, not as decimals."""
    given = [_outcome_to_json(outcome, packed) for outcome in outcomes]
    return line({"id": number, "outcomes": given})


def _outcome_to_json(outcome: Outcome, packed: bool) -> dict[str, Json]:
    if packed and isinstance(outcome, Returned):
        held = {
            name: _pack(value) if isinstance(value, Tensor) else codec.literal_to_json(value)
            for name, value in outcome.values.items()
        }
        return {"returned": held}
    if isinstance(outcome, Raised) and outcome.classes:
        raised: dict[str, Json] = {
            "phase": outcome.phase,
            "category": outcome.category,
            "type": outcome.classes[0],
            "classes": list(outcome.classes),
            "message": outcome.message,
        }
        return {"raised": raised}
    return codec.outcome_to_json(outcome)


def _pack(tensor: Tensor) -> dict[str, Json]:
    content = base64.b64encode(tensor.data).decode()
    return {"dtype": tensor.dtype, "shape": list(tensor.shape), "base64": content}


def _unpack(given: Mapping[str, Any]) -> Tensor:
    dtype, shape = given["dtype"], given["shape"]
    tensor({"dtype": dtype, "shape": [0, *shape], "data": []})  # the same rules for both
    content = base64.b64decode(given["base64"], validate=True)
    wanted = math.prod(shape) * STORAGE[dtype].itemsize
    if len(content) != wanted:
        raise ValueError(
            f"tensor: base64 must hold {wanted} bytes for shape {list(shape)} of {dtype}; "
            f"received {len(content)}"
        )
    if dtype == "bool" and not set(content) <= {0, 1}:
        raise ValueError("tensor: every byte of bool must be 0 or 1; one is not")
    return Tensor(dtype, tuple(shape), content)


def _refuse(token: str) -> Any:
    raise ValueError(f"{token} is not JSON")


def parse(received: bytes) -> dict[str, Any]:
    """A line as a JSON object; Breach where it is not one."""
    try:
        message = json.loads(received.decode(), parse_constant=_refuse)
        if b"\\u" in received:  # half of a surrogate pair is not text
            json.dumps(message, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        shown = tidy(received[:80].decode(errors="replace"))
        raise Breach(f"wrote a line that is not JSON ({tidy(str(error))}): {shown!r}") from error
    if not isinstance(message, dict):
        raise Breach(f"wrote a line that is not an object: {tidy(str(message)[:80])!r}")
    return message


def hello(received: bytes) -> Hello:
    """The first line of a worker; Breach where it is not a hello of this version, Refusal where it cannot run."""
    said = parse(received)
    if said.keys() == {"error"} and isinstance(said["error"], str):
        raise Refusal(tidy(said["error"], _LONGEST_REFUSAL))
    version = said.get("protocol")
    if type(version) is not int or version not in SUPPORTED:
        known = " or ".join(map(str, SUPPORTED))
        raise Breach(f"must say hello with protocol {known}; it said {_shown(said)}")
    dialect, provenance = said.get("dialect"), said.get("provenance")
    if dialect not in DIALECTS:
        raise Breach(f"must say hello with dialect {' or '.join(DIALECTS)}; it said {dialect!r}")
    if not isinstance(provenance, dict) or not isinstance(provenance.get("package"), str):
        raise Breach("must say hello with provenance, an object with the package at least")
    capabilities = said.get("capabilities", {})
    if not isinstance(capabilities, dict):
        raise Breach("must say hello with capabilities that are an object")
    return Hello(
        dialect,
        {tidy(key): _fact(value) for key, value in provenance.items()},
        version,
        tensors=_word(capabilities, "tensors"),
        draws=_word(capabilities, "draws"),
        modes=_words(capabilities, "modes") or ("eager",),
        classes=_words(capabilities, "classes"),
        dtypes=_words(capabilities, "dtypes"),
        steps=_words(capabilities, "steps"),
    )


def _fact(value: Any) -> Any:
    if isinstance(value, list):
        return [tidy(str(each)) for each in value]
    return value if value is None or isinstance(value, bool | int | float) else tidy(str(value))


def _word(capabilities: Mapping[str, Any], name: str) -> str:
    word = capabilities.get(name, _OWN)
    if not isinstance(word, str) or not word:
        raise Breach(f"must say hello with capabilities.{name} as a name; it said {word!r}")
    return tidy(word)


def _words(capabilities: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    words = capabilities.get(name)
    if words is not None and not (
        isinstance(words, list) and all(isinstance(word, str) for word in words)
    ):
        raise Breach(f"must say hello with capabilities.{name} as a list of names")
    return None if words is None else tuple(words)


def addressed(received: bytes, number: int) -> dict[str, Any]:
    """An answer as an object; Breach where it is not the answer to request `number`."""
    message = parse(received)
    if message.get("id") != number or isinstance(message["id"], bool):
        raise Breach(f"answered request {_shown(message.get('id'))} instead of {number}")
    return message


def outcomes(message: Mapping[str, Any], case: Case) -> list[Outcome]:
    """The outcomes of an answer, one for each step; Breach where they have another form."""
    if "error" in message:
        raise Breach(f"could not answer: {tidy(str(message['error']))}")
    listed = message.get("outcomes")
    if not isinstance(listed, list):
        raise Breach("answered without a list of outcomes")
    found = [_outcome(each, number) for number, each in enumerate(listed)]
    if any(not isinstance(each, Returned) for each in found[:-1]):
        raise Breach("answered a step after one that gave no values")
    ended = bool(found) and not isinstance(found[-1], Returned)
    if not ended and len(found) != len(case.steps):
        raise Breach(f"answered {len(found)} of {len(case.steps)} steps")
    if ended and len(found) > max(len(case.steps), 1):
        raise Breach(f"gave {len(found)} outcomes for {len(case.steps)} steps")
    return found


def _outcome(given: Any, number: int) -> Outcome:
    where = f"outcome {number}"
    if not isinstance(given, dict) or len(given) != 1:
        raise Breach(f"{where} must be an object with one key; received {_shown(given)}")
    ((kind, content),) = given.items()
    if kind == "returned" and isinstance(content, dict):
        return Returned({_name(name): _value(v, name) for name, v in content.items()})
    if kind == "unsupported" and isinstance(content, str):
        return Unsupported(tidy(content))
    if kind == "raised" and isinstance(content, dict):
        texts = [content.get(key) for key in ("phase", "category", "message")]
        classes = content.get("classes", [])
        if all(isinstance(each, str) for each in texts) and isinstance(classes, list):
            phase, category, message = (tidy(str(each)) for each in texts)
            return Raised(phase, category, message, tuple(tidy(str(each)) for each in classes))
        raise Breach(f"{where} was raised without phase, category and message as text")
    raise Breach(f"{where} must be returned, raised or unsupported; received {_shown(given)}")


def _name(name: str) -> str:
    if name != tidy(name):
        raise Breach(f"named a value {tidy(name)!r}")
    return name


def _value(given: Any, name: str) -> Value:
    try:
        if isinstance(given, dict) and given.keys() == _TENSOR:
            return tensor(given)
        if isinstance(given, dict) and given.keys() == _PACKED:
            return _unpack(given)
        return _plain(given, 0)
    except (ValueError, TypeError, OverflowError, LookupError) as error:
        raise Breach(f"answered with a wrong {name}: {tidy(str(error))}") from error


def tensor(given: Any) -> Tensor:
    """A tensor of an answer; ValueError, TypeError, OverflowError or LookupError where it is not one."""
    if not isinstance(given["dtype"], str):
        raise ValueError(f"tensor: dtype must be a name; received {given['dtype']!r:.40}")
    return codec.tensor_from_json(given)


def _plain(given: Any, depth: int) -> Json:
    """JSON of limited depth and size; the strings for non-finite numbers become numbers."""
    if depth > _DEPTH:
        raise ValueError(f"a value must be nested {_DEPTH} deep at most")
    if isinstance(given, list):
        return [_plain(each, depth + 1) for each in given]
    if isinstance(given, dict):
        if given.keys() == {"$float"}:
            return _NON_FINITE[given["$float"]]
        for key in given:
            if key.startswith("$"):
                raise ValueError(f"a key must not start with $; received {key!r:.40}")
        return {key: _plain(each, depth + 1) for key, each in given.items()}
    if isinstance(given, int) and abs(given) > _LARGEST:
        raise ValueError("an integer must have 300 digits at most")
    return given  # type: ignore[no-any-return]


def _shown(given: Any) -> str:
    return repr(tidy(json.dumps(given)))
