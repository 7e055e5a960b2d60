// A small subject (`--subject "command:node subject.mjs"`), to be copied and changed.
// It has NonNeg and UnitNorm of Keras 3. PROTOCOL.md says what the lines mean.
import { createInterface } from "node:readline";

const SPECIAL = { NaN: NaN, Infinity: Infinity, "-Infinity": -Infinity };
const CLASSES = ["constraints.NonNeg", "constraints.UnitNorm"];
const TINY = { float32: 2 ** -126, float64: 2 ** -1022 };
const ROUND = { float32: Math.fround, float64: (x) => x };
class Unsupported extends Error {}

const product = (shape) => shape.reduce((size, each) => size * each, 1);
// The elements of a large tensor follow a formula.
const formula = ({ times, plus, modulo, minus, over }, length) =>
  Array.from({ length }, (_, i) => (((times * i + plus) % modulo) - minus) / over);
const read = (t) => {
  const data = t.formula ? formula(t.formula, product(t.shape)) : t.data;
  return { ...t, data: data.map((v) => ROUND[t.dtype](SPECIAL[v] ?? v)) };
};
// JSON.stringify would lose the sign of zero, and NaN.
const token = (v) => (!Number.isFinite(v) ? `"${v}"` : Object.is(v, -0) ? "-0.0" : `${v}`);
const write = ({ dtype, shape, data }) =>
  `{"dtype":"${dtype}","shape":[${shape}],"data":[${data.map(token)}]}`;

// The value of a step; of a large one as many elements as are asked, and the shape.
function observed(value, sample = Infinity) {
  const size = value.data.length;
  if (size <= sample) return `"value":${write(value)}`;
  const at = (_, j) => value.data[Math.floor((j * (size - 1)) / (sample - 1))];
  const taken = { ...value, shape: [sample], data: Array.from({ length: sample }, at) };
  return `"value":${write(taken)},"shape:value":[${value.shape}]`;
}

// For each element the number of the group that it shares with others along the axes.
function groups({ shape, data }, axes) {
  return data.map((_, index) => {
    let group = 0;
    for (let d = shape.length - 1, size = 1; d >= 0; size *= shape[d--])
      if (!axes.includes(d)) group += size * (Math.floor(index / size) % shape[d]);
    return group;
  });
}

function unitNorm(tensor, axis) {
  const { shape, data, dtype } = tensor, round = ROUND[dtype];
  const given = axis === null ? [...shape.keys()] : [axis].flat();
  const axes = given.map((a) => (a < 0 ? a + shape.length : a));
  if (axes.some((a, i) => !(a in shape) || axes.indexOf(a) < i))
    throw new RangeError(`axis must name axes of ${shape}, each once; received ${axis}`);
  const at = groups(tensor, axes), sums = new Map();
  data.forEach((v, i) => sums.set(at[i], round((sums.get(at[i]) ?? 0) + round(v * v))));
  const norm = (i) => round(round(1e-7) + round(Math.sqrt(sums.get(at[i]))));
  return data.map((v, i) => round(v / norm(i)));
}

function build(name, given, axis = 0) {
  if ("*" in given) throw new Unsupported("positional arguments");
  if (Object.keys(given).some((key) => name === "NonNeg" || key !== "axis"))
    throw new TypeError(`${name} got unexpected arguments: ${Object.keys(given)}`);
  if (![axis ?? 0].flat().every(Number.isInteger)) throw new Unsupported("such an axis");
  if (name === "UnitNorm") return (tensor) => unitNorm(tensor, axis);
  return ({ data }) => data.map((v) => (v < 0 ? 0 : v));
}

// One outcome a step, up to and including the first that has no values.
function answer({ target, custom, arguments: given = {}, inputs = [], steps }) {
  const outcomes = [];
  let phase = "construct";
  try {
    if (custom || inputs.some((t) => ["list", "scalar"].includes(t.given)))
      throw new Unsupported("user-defined classes, lists and scalars");
    const call = build(target.split(".")[1], given, given.axis);
    for (const step of steps) {
      phase = step.do;
      const tensor = read(inputs[step.input]);
      if (tensor.data.some((v) => v && Math.abs(v) < TINY[tensor.dtype]))
        throw new Unsupported("subnormal numbers, which official Keras flushes to zero");
      const value = observed({ ...tensor, data: call(tensor) }, step.sample);
      outcomes.push(`{"returned":{${value},"input":"unchanged"}}`);
    }
  } catch (error) {
    const raised = { phase, category: "value", type: error.name, message: error.message };
    const unsupported = error instanceof Unsupported && error.message;
    outcomes.push(JSON.stringify(unsupported ? { unsupported } : { raised }));
  }
  return outcomes;
}

const provenance = { package: "my-package", version: "0.1", node: process.version };
const capabilities = { classes: CLASSES, dtypes: Object.keys(ROUND), steps: ["call"] };
console.log(JSON.stringify({ protocol: 2, dialect: "keras3", provenance, capabilities }));
for await (const line of createInterface({ input: process.stdin })) {
  const { id, echo, case: asked } = JSON.parse(line);
  const same = ([name, tensor]) => `${JSON.stringify(name)}:${write(read(tensor))}`;
  const held = echo ? `"echo":{${Object.entries(echo).map(same)}}` : `"outcomes":[${answer(asked)}]`;
  console.log(`{"id":${id},${held}}`);
}
