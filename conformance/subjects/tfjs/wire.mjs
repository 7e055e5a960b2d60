// Values of the worker protocol: tensors, and JSON with what JSON lacks.
import { tf } from "./library.mjs";

export class Unsupported extends Error {}

const SPECIAL = { NaN: NaN, Infinity: Infinity, "-Infinity": -Infinity };
const ARRAYS = {
  float32: Float32Array,
  int32: Int32Array,
  bool: Uint8Array,
  complex64: Float32Array,
};
export const DTYPES = Object.keys(ARRAYS);

const product = (shape) => shape.reduce((size, each) => size * each, 1);

// The elements of a large input follow a formula.
const elements = ({ shape, data, formula: f }) =>
  f
    ? Array.from(
        { length: product(shape) },
        (_, i) => (((f.times * i + f.plus) % f.modulo) - f.minus) / f.over,
      )
    : data;

// A tensor of TensorFlow.js.
export function tensor(given) {
  const { dtype, shape } = given;
  const data = elements(given);
  if (!(dtype in ARRAYS)) throw new Unsupported(`TensorFlow.js has no ${dtype}`);
  // A typed array rounds once, from the double.
  const values = ARRAYS[dtype].from(data, (v) => SPECIAL[v] ?? Number(v));
  if (dtype !== "complex64") return tf.tensor(values, shape, dtype);
  const part = (odd) =>
    tf.tensor(
      values.filter((_, i) => i % 2 === odd),
      shape,
      "float32",
    );
  return tf.complex(part(0), part(1));
}

// The object that a case hands over: a tensor, a variable, or nested arrays of numbers.
export function handed(given) {
  if (given.given === "scalar") throw new Unsupported("JavaScript has no NumPy scalars");
  if (given.given === "list")
    return nested(
      given.shape,
      elements(given).map((v) => SPECIAL[v] ?? v),
    );
  return given.given === "variable" ? tf.variable(tensor(given)) : tensor(given);
}

function nested(shape, data) {
  if (shape.length === 0) return data[0];
  const size = product(shape.slice(1));
  return Array.from({ length: shape[0] }, (_, i) =>
    nested(shape.slice(1), data.slice(i * size, (i + 1) * size)),
  );
}

// What a step that asks for `count` elements of large tensors is answered: these, and the whole shapes.
export function sampled(values, count) {
  const found = {};
  for (const [name, value] of Object.entries(values)) {
    found[name] = value;
    if (!(value instanceof tf.Tensor) || value.size <= count) continue;
    const at = (_, j) => Math.floor((j * (value.size - 1)) / (count - 1));
    const places = tf.tensor1d(Array.from({ length: count }, at), "int32");
    found[name] = tf.gather(value.flatten(), places);
    found[`shape:${name}`] = value.shape;
  }
  return found;
}

// The bits of a tensor, as text: equal for equal ones, NaN included.
export const bits = (value) => Buffer.from(value.dataSync().buffer.slice(0)).toString("latin1");

// JSON.stringify would lose the sign of zero, and NaN.
function number(value, finite) {
  if (!Number.isFinite(value)) return finite(`"${value}"`);
  return Object.is(value, -0) ? "-0.0" : `${value}`;
}

function tensorText(value) {
  const { dtype, shape } = value;
  let data = [...value.dataSync()];
  if (dtype === "bool") data = data.map(Boolean);
  else data = data.map((v) => number(v, (text) => text));
  return `{"dtype":"${dtype}","shape":[${shape}],"data":[${data}]}`;
}

// A value as JSON text. What it is inside of configurations has been translated before.
export function text(value) {
  if (value === null || value === undefined) return "null";
  if (typeof value === "number") return number(value, (special) => `{"$float":${special}}`);
  if (typeof value === "boolean" || typeof value === "string") return JSON.stringify(value);
  if (value instanceof tf.Tensor) return tensorText(value);
  if (Array.isArray(value)) return `[${value.map(text)}]`;
  if (typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
    const entries = Object.entries(value).map(
      ([key, each]) => `${JSON.stringify(key)}:${text(each)}`,
    );
    return `{${entries}}`;
  }
  return JSON.stringify({
    object: typeof value === "function" ? "function" : value.constructor.name,
  });
}
