// What TensorFlow.js has under the names of Keras, and its ways to resolve identifiers.
import { registered, tf, tfl } from "./library.mjs";
import { className, identifier, options } from "./names.mjs";
import { Unsupported } from "./wire.mjs";

const { constraints, initializers, layers, regularizers } = tfl;
const base = (name) => Object.getPrototypeOf(registered(name));

// The classes that users derive their own from.
export const BASES = {
  constraints: base("NonNeg"),
  initializers: base("Zeros"),
  regularizers: base("L1L2"),
  layers: layers.Layer,
};
const made = (cls) => (given) => new cls(given);

// Options that an optimizer of TensorFlow.js does not have, and would not notice.
function without(others, optimizer) {
  const [name] = Object.keys(others);
  if (name) throw new Unsupported(`${optimizer} of TensorFlow.js has no ${name}`);
}

const FACTORIES = {
  "constraints.Constraint": made(BASES.constraints),
  "constraints.MaxNorm": constraints.maxNorm,
  "constraints.MinMaxNorm": constraints.minMaxNorm,
  "constraints.NonNeg": constraints.nonNeg,
  "constraints.UnitNorm": constraints.unitNorm,
  "initializers.Constant": initializers.constant,
  "initializers.GlorotNormal": initializers.glorotNormal,
  "initializers.GlorotUniform": initializers.glorotUniform,
  "initializers.HeNormal": initializers.heNormal,
  "initializers.HeUniform": initializers.heUniform,
  "initializers.Identity": initializers.identity,
  "initializers.Initializer": made(BASES.initializers),
  "initializers.LecunNormal": initializers.leCunNormal,
  "initializers.LecunUniform": initializers.leCunUniform,
  "initializers.Ones": initializers.ones,
  "initializers.Orthogonal": initializers.orthogonal,
  "initializers.RandomNormal": initializers.randomNormal,
  "initializers.RandomUniform": initializers.randomUniform,
  "initializers.TruncatedNormal": initializers.truncatedNormal,
  "initializers.VarianceScaling": initializers.varianceScaling,
  "initializers.Zeros": initializers.zeros,
  "layers.Conv1D": layers.conv1d,
  "layers.Conv2D": layers.conv2d,
  "layers.Conv2DTranspose": layers.conv2dTranspose,
  "layers.Conv3D": layers.conv3d,
  "layers.Conv3DTranspose": layers.conv3dTranspose,
  "layers.Dense": layers.dense,
  "layers.DepthwiseConv2D": layers.depthwiseConv2d,
  "layers.Layer": made(layers.Layer),
  "layers.SeparableConv2D": layers.separableConv2d,
  "models.Sequential": tfl.sequential,
  "regularizers.L1": regularizers.l1,
  "regularizers.L1L2": regularizers.l1l2,
  "regularizers.L2": regularizers.l2,
  "regularizers.Regularizer": made(BASES.regularizers),
  "regularizers.l1_l2": regularizers.l1l2,
};
const FUNCTIONS = ["constraints", "initializers", "layers", "regularizers"].flatMap((family) =>
  (family === "layers" ? [] : ["get"])
    .concat("deserialize", "serialize")
    .map((name) => `${family}.${name}`),
);
// What only arguments of other things name.
const PARTS = {
  Input: ({ shape, ...rest }) => layers.inputLayer({ inputShape: shape, ...rest }),
  "layers.InputSpec": made(tfl.InputSpec),
  "constraints.max_norm": constraints.maxNorm,
  "constraints.min_max_norm": constraints.minMaxNorm,
  "constraints.non_neg": constraints.nonNeg,
  "constraints.unit_norm": constraints.unitNorm,
  "optimizers.Adam": (given) => {
    const { learningRate, beta1, beta2, epsilon, ...others } = given;
    without(others, "Adam");
    return tf.train.adam(learningRate, beta1, beta2, epsilon);
  },
  "optimizers.SGD": (given) => {
    const { learningRate, momentum, nesterov, ...others } = given;
    without(others, "SGD");
    return momentum === undefined && nesterov === undefined
      ? tf.train.sgd(learningRate)
      : tf.train.momentum(learningRate, momentum ?? 0, nesterov);
  },
};
// The targets of cases that this program can be asked about.
export const TARGETS = [...Object.keys(FACTORIES), ...FUNCTIONS].sort();

// An object of TensorFlow.js for a class of Keras and its arguments, under Keras' names.
export function construct(name, given) {
  const factory = FACTORIES[name] ?? PARTS[name];
  if (!factory) throw new Unsupported(`TensorFlow.js has no ${name}`);
  return factory(named(given));
}

// TensorFlow.js takes its arguments in one object.
export function named(given) {
  if ("*" in given) throw new Unsupported("TensorFlow.js takes arguments by name alone");
  return options(given);
}

// The class that a name of Keras stands for; a function where TensorFlow.js has one in its place.
export function classOf(name) {
  const [family, last] = name.split(".");
  const cls = name in FACTORIES && last === BASES[family]?.name ? BASES[family] : registered(last);
  const found = cls ?? FACTORIES[name];
  if (!found) throw new Unsupported(`TensorFlow.js has no ${name}`);
  return found;
}

// TensorFlow.js resolves and describes objects where a layer is given them, and nowhere else that
// users can reach: so a layer is asked.
const kindOf = (family) => family.replace(/s$/, "");
const argumentOf = (family) => `kernel${kindOf(family)[0].toUpperCase()}${kindOf(family).slice(1)}`;

export function resolve(family, value) {
  if (family === "initializers" && !value)
    throw new Unsupported(
      "a layer of TensorFlow.js takes its default initializer for an empty one",
    );
  if (family === "layers") {
    const cls = registered("TimeDistributed");
    return cls.fromConfig(cls, { layer: value }).layer;
  }
  if (family === "models") throw new Unsupported("TensorFlow.js reads models from files alone");
  const key = argumentOf(family);
  return layers.dense({ units: 1, [key]: value })[key];
}

export function describe(family, object) {
  if (family === "layers" || family === "models")
    return { className: object.getClassName(), config: object.getConfig() };
  if (family === "initializers" && !object)
    throw new Unsupported(
      "a layer of TensorFlow.js takes its default initializer for an empty one",
    );
  const key = argumentOf(family);
  return layers.dense({ units: 1, [key]: object }).getConfig()[key];
}

// An identifier of Keras, resolved.
export const found = (family, value) => resolve(family, identifier(kindOf(family), value));

// The name of the class of an object, as Keras has it.
export const nameOf = (cls) => className(cls.className ?? cls.name);
