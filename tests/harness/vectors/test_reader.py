"""The reader of golden files that `golden/README.md` shows: it reads all of them, and judges as it says."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from conformance.model import FLOATS, SHAPE, FormulaTensor, Returned, Tensor
from conformance.oracle.tolerance import tensors_of
from conformance.vectors import store
from conformance.vectors.store import GoldenCase

PROBE = """
import {{ readdirSync }} from "node:fs";
import {{ read, expected, alternatives, number, passes, permitted, elements, sampled }} from {reader};

const found = {{ cases: 0, tensors: 0, wrong: 0, undetected: 0, truths: 0, untrue: 0, official: 0 }};
Object.assign(found, {{ formulas: 0, total: 0, whole: 0, samples: 0 }});
const given = (value) => {{
  if (value?.formula) {{
    const all = elements(value);
    found.formulas += 1;
    found.total += all.reduce((sum, each) => sum + each, 0);
    if (all.length === value.shape.reduce((size, each) => size * each, 1)) found.whole += 1;
  }} else if (value && typeof value === "object") Object.values(value).forEach(given);
}};
for (const family of readdirSync({golden}, {{ withFileTypes: true }}).filter((e) => e.isDirectory())) {{
  for (const file of readdirSync(`${{{golden}}}/${{family.name}}`)) {{
    for (const entry of read(`${{{golden}}}/${{family.name}}/${{file}}`)) {{
      found.cases += 1;
      [entry.inputs, entry.steps].forEach(given);
      for (const dialect of entry.dialects ?? ["keras2", "keras3"]) {{
        expected(entry, dialect).forEach((outcome, step) => {{
          for (const [name, value] of Object.entries(outcome.returned ?? {{}})) {{
            if (!value?.data || !{floats}.includes(value.dtype)) continue;
            const same = value.data.map(number);
            const n = entry.steps[step].sample;
            if (n && outcome.returned[`shape:${{name}}`]) {{
              const size = outcome.returned[`shape:${{name}}`].reduce((s, each) => s * each, 1);
              if (sampled([...Array(size).keys()], n).length === same.length) found.samples += 1;
            }}
            found.tensors += 1;
            if (!passes(entry, dialect, step, name, same)) found.wrong += 1;
            // Beyond every tolerance: ten times what is largest, and one more.
            const largest = Math.max(0, ...same.filter(Number.isFinite).map(Math.abs));
            const off = same.map((v) => (Number.isFinite(v) ? v + 10 * largest + 1 : 0));
            if (same.length && passes(entry, dialect, step, name, off)) found.undetected += 1;
            if (permitted(entry, dialect, step, name, same)) found.official += 1;
          }}
        }});
        for (const a of alternatives(entry, dialect)) {{
          for (const [name, near] of Object.entries(a.returned ?? {{}})) {{
            found.truths += 1;
            if (!permitted(entry, dialect, a.step, name, near.data.map(number))) found.untrue += 1;
          }}
        }}
      }}
    }}
  }}
}}
console.log(JSON.stringify(found));
"""


def is_by_formula(tensor: Tensor) -> bool:
    return isinstance(tensor, FormulaTensor)


def _sampled(entries: Iterable[GoldenCase]) -> int:
    """How many tensors of golden answers are samples."""
    return sum(
        f"{SHAPE}{name}" in outcome.values
        for entry in entries
        for dialect in entry.case.dialects
        for outcome in entry.expected[dialect]
        if isinstance(outcome, Returned)
        for name in outcome.values
    )


def test_the_reader_of_the_readme_reads_and_judges_all_golden_files(tmp_path: Path) -> None:
    golden = store.default_directory()
    text = (golden / "README.md").read_text()
    (reader,) = re.findall(r"## A reader in JavaScript\n.*?```js\n(.*?)```", text, re.DOTALL)
    (tmp_path / "reader.mjs").write_text(reader)
    probe = PROBE.format(
        reader=json.dumps("./reader.mjs"),
        golden=json.dumps(str(golden)),
        floats=json.dumps(list(FLOATS)),
    )
    (tmp_path / "probe.mjs").write_text(probe)
    ended = subprocess.run(
        ["node", "probe.mjs"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.stderr == ""
    found = json.loads(ended.stdout)
    entries = [entry for file in store.load_all(golden) for entry in file.cases]
    tensors = sum(
        value.dtype in FLOATS
        for entry in entries
        for outcomes in entry.expected.values()
        for outcome in outcomes
        if isinstance(outcome, Returned)
        for value in outcome.values.values()
        if isinstance(value, Tensor)
    )
    truths = sum(
        len(alternative.returned or ())
        for entry in entries
        for several in entry.alternatives.values()
        for alternative in several
    )
    assert (found["whole"], found["samples"]) == (found["formulas"], _sampled(entries))
    formulas = [t for entry in entries for t in tensors_of(entry.case) if is_by_formula(t)]
    assert found["formulas"] == len(formulas)
    # Sums of few bits are exact in whatever order.
    total = sum(float(t.values().astype(np.float64).sum()) for t in formulas)
    assert np.isclose(found["total"], total, rtol=1e-12, atol=1e-6)
    assert (found["cases"], found["tensors"], found["truths"]) == (len(entries), tensors, truths)
    assert (found["wrong"], found["undetected"], found["untrue"]) == (0, 0, 0)
    # Official Keras left its budget there: what it answered is expected, and is no truth.
    assert found["official"] == 0
