"""Makes mutants: the source of a module with one change in it that a mistake could have made.

Changed are operators, comparisons, conditions, constants (defaults too), strings that are names, arguments (swapped,
left out), statements and context managers (dropped), and returned values. Left alone are docstrings, type hints,
imports, decorators, and all that words a message: strings with a space in them, the arguments of exceptions, and
functions that give an exception to be raised.

Each operator makes one mutant of a place, the smallest that it can: a suite which sees `<=` for `<` sees `>` too.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from conformance.strength.mutation.replacements import BINARY, COMPARED, NEGATED

# Calls whose arguments are types or messages, or whose swap Python itself refuses.
_LEFT_ALONE: Final = frozenset({"TypeVar", "cast", "warn", "isinstance", "issubclass"})
# In the names of decorators that keep results.
_KEEPING: Final = ("cache", "made_once")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module.

    Attributes:
        id: module, function, operator, and the how manieth of its kind there: what else a file holds does not move it.
        module: its dotted name.
        owner: the class or function at the top of the module in which it is; empty for the module itself.
        operator: the kind of the change.
        line: of the change, from 1.
        reached: the lines of which a case runs one if the change can matter to it; none, where it matters at import.
        kept: whether it is in a function whose results are kept, so that it matters to who did not run it, too.
        before, after: the changed line, or lines, without indent.
        start, end: the bytes of the source which are replaced.
        text: what they are replaced with.

    """

    id: str
    module: str
    owner: str
    operator: str
    line: int
    reached: frozenset[int]
    kept: bool
    before: str
    after: str
    start: int
    end: int
    text: str

    def source(self, original: bytes) -> bytes:
        """The source of the mutant."""
        return original[: self.start] + self.text.encode() + original[self.end :]


def mutants(module: str, source: bytes) -> list[Mutant]:
    """All mutants of a module, in the order of its lines."""
    maker = _Maker(module, source)
    maker.visit(ast.parse(source))
    return sorted(maker.made, key=lambda mutant: (mutant.start, mutant.end))


class _Maker(ast.NodeVisitor):
    """Walks a module, and keeps what it is in: the functions and classes, the statement."""

    def __init__(self, module: str, source: bytes) -> None:
        self.made: list[Mutant] = []
        self._module = module
        self._source = source
        self._starts = [0]
        for line in source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self._names: list[str] = []
        self._functions = 0
        self._lines: frozenset[int] = frozenset()
        self._kept = False
        self._counts: Counter[tuple[str, str]] = Counter()

    # Where things are.

    def _at(self, line: int, column: int) -> int:
        return self._starts[line - 1] + column

    def _begin(self, node: ast.expr | ast.stmt) -> int:
        return self._at(node.lineno, node.col_offset)

    def _end(self, node: ast.expr | ast.stmt) -> int:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._at(node.end_lineno, node.end_col_offset)

    def _text(self, node: ast.expr | ast.stmt) -> str:
        return self._source[self._begin(node) : self._end(node)].decode()

    def _make(self, operator: str, start: int, end: int, text: str) -> None:
        if self._source[start:end].decode() == text:
            return
        where = ".".join(self._names)
        self._counts[where, operator] += 1
        line = next(n for n, first in enumerate(self._starts) if first > start)
        first, last = self._starts[line - 1], self._source.find(b"\n", end)
        before = self._source[first:last]
        after = self._source[first:start] + text.encode() + self._source[end:last]
        self.made.append(
            Mutant(
                id=f"{self._module}:{where}:{operator}:{self._counts[where, operator]}",
                module=self._module,
                owner=self._names[0] if self._names else "",
                operator=operator,
                line=line,
                reached=self._lines if self._functions else frozenset(),
                kept=self._kept,
                before=" ".join(before.decode().split()),
                after=" ".join(after.decode().split()),
                start=start,
                end=end,
                text=text,
            )
        )

    def _between(self, left: ast.expr, right: ast.expr, pattern: str, text: str, name: str) -> None:
        """A mutant with another operator: the one that stands between two operands."""
        start = self._end(left)
        found = re.search(pattern, self._source[start : self._begin(right)].decode())
        assert found is not None
        self._make(name, start + found.start(), start + found.end(), text)

    # Statements.

    def visit(self, node: ast.AST) -> None:
        """Walks a node; of a statement it notes the lines."""
        if not isinstance(node, ast.stmt):
            super().visit(node)
            return
        outside = self._lines
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self._lines = frozenset(_own_lines(node))
        super().visit(node)
        self._lines = outside

    def _drop(self, node: ast.stmt, name: str = "statement") -> None:
        self._make(name, self._begin(node), self._end(node), "pass")

    def visit_Import(self, node: ast.Import) -> None:
        """Left alone."""

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Left alone."""

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Its body; not its bases, without which it does not import."""
        self._names.append(node.name)
        for keyword in node.keywords:
            self.visit(keyword)
        for statement in node.body:
            self.visit(statement)
        self._names.pop()

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Its defaults and its body; not of a function that only words an error: one that gives an exception."""
        if node.returns is not None and "Exception" in self._text(node.returns):
            return
        self._function(node, node.body)

    def _function(self, node: ast.FunctionDef, body: list[ast.stmt]) -> None:
        self._names.append(node.name)
        outside, kept = self._lines, self._kept
        decorators = " ".join(map(self._text, node.decorator_list))
        self._kept = kept or any(word in decorators for word in _KEEPING)
        # Whoever calls it runs one of its lines; defaults are read then, though they were made at import.
        self._lines = frozenset(n for line in body for n in _all_lines(line))
        self._functions += 1
        for default in [*node.args.defaults, *filter(None, node.args.kw_defaults)]:
            self.visit(default)
        for statement in body:
            self.visit(statement)
        self._functions -= 1
        self._lines, self._kept = outside, kept
        self._names.pop()

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """Its defaults and its body."""
        for default in [*node.args.defaults, *filter(None, node.args.kw_defaults)]:
            self.visit(default)
        self.visit(node.body)

    def visit_If(self, node: ast.If) -> None:
        """The condition, negated; not what only type checkers read."""
        if self._text(node.test) == "TYPE_CHECKING":
            return
        self._condition(node.test)
        self.generic_visit(node)

    def visit_While(self, node: ast.While) -> None:
        """The condition, negated."""
        self._condition(node.test)
        self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> None:
        """Left alone: it tells a type checker what always holds."""

    def visit_Expr(self, node: ast.Expr) -> None:
        """A call for its effect is dropped; a docstring is left alone."""
        if isinstance(node.value, ast.Constant):
            return
        if isinstance(node.value, ast.Call):
            self._drop(node)
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        """What is written to an attribute or an element is dropped; without a name nothing would run."""
        if any(isinstance(t, ast.Name) and t.id == "__all__" for t in node.targets):
            return
        if all(isinstance(target, ast.Attribute | ast.Subscript) for target in node.targets):
            self._drop(node)
        self.visit(node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """As an assignment; the hint is left alone."""
        if node.value is None or "TypeAlias" in self._text(node.annotation):
            return
        if isinstance(node.target, ast.Attribute | ast.Subscript):
            self._drop(node)
        self.visit(node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """Dropped, and with another operator."""
        self._drop(node)
        old, new = BINARY[type(node.op)]
        self._between(node.target, node.value, re.escape(old), new, "operator")
        self.visit(node.value)

    def visit_Delete(self, node: ast.Delete) -> None:
        """Dropped."""
        self._drop(node)

    def visit_Raise(self, node: ast.Raise) -> None:
        """Dropped: the error is not raised. What it says is left alone."""
        self._drop(node, "raise")

    def visit_Continue(self, node: ast.Continue) -> None:
        """The loop ends."""
        self._make("loop", self._begin(node), self._end(node), "break")

    def visit_Break(self, node: ast.Break) -> None:
        """The loop goes on."""
        self._make("loop", self._begin(node), self._end(node), "continue")

    def visit_Return(self, node: ast.Return) -> None:
        """None is returned."""
        if node.value is None:
            return
        if self._text(node.value) != "None":
            self._make("return", self._begin(node.value), self._end(node.value), "None")
        self.visit(node.value)

    def visit_With(self, node: ast.With) -> None:
        """Without the context managers that give nothing."""
        for item in node.items:
            if item.optional_vars is None:
                manager = item.context_expr
                nothing = '__import__("contextlib").nullcontext()'
                self._make("context", self._begin(manager), self._end(manager), nothing)
        self.generic_visit(node)

    # Expressions.

    def _condition(self, node: ast.expr) -> None:
        compared = isinstance(node, ast.Compare) and len(node.ops) == 1
        if compared and isinstance(node.ops[0], NEGATED):  # type: ignore[attr-defined]
            return
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return
        negated = f"(not ({self._text(node)}))"
        self._make("condition", self._begin(node), self._end(node), negated)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        """The condition, negated."""
        self._condition(node.test)
        self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> None:
        """The conditions, negated."""
        for test in node.ifs:
            self._condition(test)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """Another operator."""
        if (change := BINARY.get(type(node.op))) is not None:
            self._between(node.left, node.right, re.escape(change[0]), change[1], "operator")
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        """`or` for `and`, `and` for `or`, one at a time."""
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            self._between(left, right, rf"\b{old}\b", new, "boolean")
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        """The neighbour of a comparison, or its opposite."""
        operands = [node.left, *node.comparators]
        for left, op, right in zip(operands, node.ops, operands[1:], strict=False):
            self._between(left, right, *COMPARED[type(op)], "comparison")
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        """Without its sign, or its `not`."""
        start = self._begin(node)
        if isinstance(node.op, ast.Not):
            self._make("unary", start, start + len("not"), "")
        elif isinstance(node.op, ast.USub):
            self._make("unary", start, start + len("-"), "+")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """Two arguments swapped; one by keyword left out."""
        called = self._text(node.func).rpartition(".")[2]
        if called in _LEFT_ALONE:
            if called in ("isinstance", "issubclass"):
                self.visit(node.args[0])
            elif called == "cast":
                self.visit(node.args[1])
            return
        plain = [a for a in node.args if not isinstance(a, ast.Starred)]
        if len(plain) == len(node.args) >= 2:
            a, b = node.args[:2]
            if (first := self._text(a)) != (second := self._text(b)):
                swapped = second + self._source[self._end(a) : self._begin(b)].decode() + first
                self._make("swap", self._begin(a), self._end(b), swapped)
        for keyword in node.keywords:
            if keyword.arg is not None:
                self._leave_out(node, keyword)
        self.generic_visit(node)

    def _leave_out(self, node: ast.Call, keyword: ast.keyword) -> None:
        assert keyword.end_lineno is not None
        assert keyword.end_col_offset is not None
        start = self._at(keyword.lineno, keyword.col_offset)
        end = self._at(keyword.end_lineno, keyword.end_col_offset)
        # With the comma that follows it, if there is one.
        if found := re.match(r"\s*,\s*", self._source[end : self._end(node)].decode()):
            end += found.end()
        self._make("argument", start, end, "")

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """A name that is made of parts; a message is left alone."""
        literal = "".join(str(v.value) for v in node.values if isinstance(v, ast.Constant))
        if any(c.isspace() for c in literal):
            return
        self._make("text", self._end(node), self._end(node), ' + "X"')
        for value in node.values:
            if isinstance(value, ast.FormattedValue):
                self.visit(value.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        """A neighbour of a number, the other boolean, another name."""
        value, start, end = node.value, self._begin(node), self._end(node)
        if isinstance(value, bool):
            self._make("constant", start, end, str(not value))
        elif isinstance(value, int):
            self._make("constant", start, end, str(value + 1))
        elif isinstance(value, float):
            self._make("constant", start, end, repr(value * 2 if value else 1.0))
        elif isinstance(value, str) and value and not any(c.isspace() for c in value):
            self._make("text", start, end, repr(value + "X"))

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """An element; a type with parameters is left alone."""
        if not _is_type(self._text(node.value)):
            self.generic_visit(node)


def _is_type(text: str) -> bool:
    return text in {"type", "tuple", "list", "dict", "Callable", "Mapping", "Sequence", "Any"}


def _own_lines(node: ast.stmt) -> Iterator[int]:
    """The lines of a statement without those of the statements in it."""
    end = node.end_lineno or node.lineno
    inner = [
        n
        for child in ast.walk(node)
        if isinstance(child, ast.stmt) and child is not node
        for n in _all_lines(child)
    ]
    yield from sorted({*range(node.lineno, end + 1)} - {*inner})


def _all_lines(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)
