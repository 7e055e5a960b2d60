// Keras' names to those of TensorFlow.js and back. Names alone: whatever a name does not translate
// is handed over as it is, for TensorFlow.js to take, ignore or reject.

const ENUMERATED = {
  dataFormat: ["channels_first", "channels_last"],
  mode: ["fan_in", "fan_out", "fan_avg"],
  distribution: ["truncated_normal"],
  activation: ["hard_sigmoid"],
};
const IDENTIFIERS = {
  constraint: ["max_norm", "min_max_norm", "non_neg", "unit_norm"],
  initializer: [
    ...["random_normal", "random_uniform", "truncated_normal", "variance_scaling"],
    ...["glorot_normal", "glorot_uniform", "he_normal", "he_uniform"],
  ],
  regularizer: [],
};
// Where TensorFlow.js writes a name in its own way.
const IRREGULAR = {
  initializer: {
    lecun_normal: "leCunNormal",
    lecun_uniform: "leCunUniform",
    LecunNormal: "LeCunNormal",
    LecunUniform: "LeCunUniform",
  },
  constraint: {},
  regularizer: { l1_l2: "l1l2" },
};
const CLASSES_BACK = { LeCunNormal: "LecunNormal", LeCunUniform: "LecunUniform" };
const ARGUMENTS = { min_ndim: "minNDim", max_ndim: "maxNDim" };

export const camel = (name) =>
  ARGUMENTS[name] ?? name.replace(/(?<=[^_])_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
export const snake = (name) =>
  name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
export const className = (name) => CLASSES_BACK[name] ?? name;

const isPlain = (value) =>
  value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype;
const kindOf = (key) => /(constraint|initializer|regularizer)$/i.exec(key)?.[1].toLowerCase();

// An identifier of a family: a name, or a description of an object.
export function identifier(kind, value) {
  if (typeof value === "string") {
    if (IDENTIFIERS[kind]?.includes(value)) return camel(value);
    return IRREGULAR[kind]?.[value] ?? value;
  }
  return described(value, kind);
}

function described(value, kind) {
  if (!isPlain(value)) return value;
  const made = {};
  for (const [key, each] of Object.entries(value)) {
    if (key === "class_name") made.className = identifier(kind, each);
    else if (key === "config") made.config = options(each);
    else made[camel(key)] = each;
  }
  return made;
}

// The arguments of a constructor, or a configuration, for TensorFlow.js.
export function options(given) {
  if (!isPlain(given)) return given;
  const entries = Object.entries(given).map(([key, value]) => [
    camel(key),
    option(camel(key), value),
  ]);
  return Object.fromEntries(entries);
}

function option(key, value) {
  const kind = kindOf(key);
  if (kind) return identifier(kind, value);
  if (typeof value === "string") return ENUMERATED[key]?.includes(value) ? camel(value) : value;
  if (Array.isArray(value)) return value.map((each) => option(key, each));
  if (isPlain(value)) return "class_name" in value ? described(value) : options(value);
  return value;
}

// A configuration of TensorFlow.js under Keras' names.
export function back(value, key = "") {
  if (value === undefined) return null; // what JavaScript says for None
  if (typeof value === "string") {
    const known = ENUMERATED[key]?.some((name) => camel(name) === value);
    return known ? snake(value) : value;
  }
  if (Array.isArray(value)) return value.map((each) => back(each, key));
  if (typeof value?.arraySync === "function") return value.arraySync(); // a tensor, as JSON has it
  if (!isPlain(value)) return value;
  const entries = Object.entries(value).map(([name, each]) =>
    name === "className" ? ["class_name", className(each)] : [snake(name), back(each, name)],
  );
  return Object.fromEntries(entries);
}

// Losses and optimizers, which are asked for by one name each.
export const LOSSES = {
  mse: "meanSquaredError",
  sparse_categorical_crossentropy: "sparseCategoricalCrossentropy",
};
