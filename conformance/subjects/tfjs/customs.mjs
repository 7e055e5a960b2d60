// The user-defined classes and functions of the cases (golden/README.md defines them), written as
// users of TensorFlow.js write theirs: on its base classes, with its names.
import { tf } from "./library.mjs";
import { BASES, resolve } from "./namespace.mjs";
import { Unsupported } from "./wire.mjs";

const only = (inputs) => (Array.isArray(inputs) ? inputs[0] : inputs);
const size = (shape) => shape.reduce((product, each) => product * each, 1);
const line = (start, step, shape, dtype) =>
  tf.tensor(
    Array.from({ length: size(shape) }, (_, i) => start + step * i),
    shape,
    dtype ?? "float32",
  );

class CenterAround extends BASES.constraints {
  static className = "CenterAround";
  constructor({ refValue }) {
    super();
    this.refValue = refValue;
  }
  apply(w) {
    return tf.add(tf.sub(w, tf.mean(w)), this.refValue);
  }
  getConfig() {
    return { refValue: this.refValue };
  }
}

class NonNegative extends BASES.constraints {
  static className = "NonNegative";
  apply(w) {
    return tf.mul(w, tf.cast(tf.greaterEqual(w, 0), w.dtype));
  }
}

class Forgetful extends BASES.constraints {
  static className = "Forgetful";
  constructor({ factor = 2 } = {}) {
    super();
    this.factor = factor;
  }
  apply(w) {
    return tf.mul(w, this.factor);
  }
}

class ExampleRandomNormal extends BASES.initializers {
  static className = "ExampleRandomNormal";
  constructor({ mean, stddev }) {
    super();
    Object.assign(this, { mean, stddev });
  }
  apply(shape, dtype) {
    return tf.randomNormal(shape, this.mean, this.stddev, dtype);
  }
  getConfig() {
    return { mean: this.mean, stddev: this.stddev };
  }
}

class Ramp extends BASES.initializers {
  static className = "Ramp";
  constructor({ start, step }) {
    super();
    Object.assign(this, { start, step });
  }
  apply(shape, dtype) {
    return line(this.start, this.step, shape, dtype);
  }
  getConfig() {
    return { start: this.start, step: this.step };
  }
}

class Countdown extends BASES.initializers {
  static className = "Countdown";
  constructor({ start = 10 } = {}) {
    super();
    this.start = start;
  }
  apply(shape, dtype) {
    return line(this.start, -1, shape, dtype);
  }
}

class L2Regularizer extends BASES.regularizers {
  static className = "L2Regularizer";
  constructor({ l2 = 0 } = {}) {
    super();
    this.l2 = l2;
  }
  apply(x) {
    return tf.mul(this.l2, tf.sum(tf.mul(x, x)));
  }
  getConfig() {
    return { l2: this.l2 };
  }
}

class MyRegularizer extends BASES.regularizers {
  static className = "MyRegularizer";
  constructor({ strength }) {
    super();
    this.strength = strength;
  }
  apply(x) {
    return tf.mul(this.strength, tf.sum(tf.mul(x, x)));
  }
  getConfig() {
    return { strength: this.strength };
  }
}

class Unsaved extends BASES.regularizers {
  static className = "Unsaved";
  constructor({ strength = 2 } = {}) {
    super();
    this.strength = strength;
  }
  apply(x) {
    return tf.mul(this.strength, tf.sum(tf.abs(x)));
  }
}

// `addWeight` takes objects, where `add_weight` takes their names too.
const object = (family, value) => (typeof value === "string" ? resolve(family, value) : value);

class Layer extends BASES.layers {
  weight(name, shape, initializer, { regularizer, trainable } = {}) {
    const penalty = object("regularizers", regularizer);
    const start = object("initializers", initializer);
    return this.addWeight(name, shape, "float32", start, penalty, trainable);
  }
}

const affine = (inputs, kernel, bias) => tf.add(tf.matMul(inputs, kernel.read()), bias.read());

class SimpleDense extends Layer {
  static className = "SimpleDense";
  constructor({ units = 32 } = {}) {
    super({});
    this.units = units;
  }
  build(inputShape) {
    this.kernel = this.weight("kernel", [inputShape.at(-1), this.units], "glorotUniform");
    this.bias = this.weight("bias", [this.units], "zeros");
    this.built = true;
  }
  call(inputs) {
    return affine(only(inputs), this.kernel, this.bias);
  }
}

class ComputeSum extends Layer {
  static className = "ComputeSum";
  constructor() {
    super({});
    this.total = this.weight("total", [], "zeros", { trainable: false });
  }
  call(inputs) {
    this.total.write(tf.add(this.total.read(), tf.sum(only(inputs))));
    return this.total.read();
  }
}

class MyLayer extends Layer {
  static className = "MyLayer";
  call(inputs) {
    const x = only(inputs);
    this.addLoss(() => tf.sum(x));
    return x;
  }
}

class Linear extends Layer {
  static className = "Linear";
  constructor({ units, kernelRegularizer = null, ...rest }) {
    super(rest);
    this.units = units;
    this.penalty = kernelRegularizer;
  }
  build(inputShape) {
    const shape = [inputShape.at(-1), this.units];
    this.kernel = this.weight("kernel", shape, "ones", { regularizer: this.penalty });
    this.bias = this.weight("bias", [this.units], "zeros");
    super.build(inputShape);
  }
  call(inputs) {
    return affine(only(inputs), this.kernel, this.bias);
  }
  computeOutputShape(inputShape) {
    return [...inputShape.slice(0, -1), this.units];
  }
  getConfig() {
    return { ...super.getConfig(), units: this.units, kernelRegularizer: this.penalty };
  }
}

class Block extends Layer {
  static className = "Block";
  constructor({ units, kernelRegularizer = null, ...rest }) {
    super(rest);
    this.units = units;
    this.parts = [
      new Linear({ units: 2, kernelRegularizer, name: "first" }),
      new Linear({ units, kernelRegularizer, name: "second" }),
    ];
    this.count = this.weight("count", [], "zeros", { trainable: false });
    this.scale = this.weight("scale", [], "ones");
  }
  call(inputs) {
    const last = this.parts.reduce((value, part) => part.apply(value), only(inputs));
    return tf.mul(last, this.scale.read());
  }
}

class Around extends Layer {
  static className = "Around";
  constructor({ inner, ...rest }) {
    super(rest);
    this.inner = inner;
  }
  call(inputs) {
    return this.inner.apply(only(inputs));
  }
}

class Switch extends Layer {
  static className = "Switch";
  call(inputs, { training, mask } = {}) {
    const outputs = training ? tf.mul(only(inputs), 2) : only(inputs);
    return mask === undefined || mask === null ? outputs : tf.mul(outputs, 3);
  }
}

class Mixed extends Layer {
  static className = "Mixed";
  constructor(given) {
    super(given);
    this.a = this.weight("a", [1], "ones", { trainable: false });
    this.b = this.weight("b", [2], "ones");
  }
  build() {
    this.c = this.weight("c", [3], "ones");
    this.d = this.weight("d", [4], "ones", { trainable: false });
  }
  call(inputs) {
    return tf.mul(only(inputs), this.a.read());
  }
}

const WEIGHT = ["name", "shape", "dtype", "initializer", "regularizer", "trainable", "constraint"];

class Weighted extends Layer {
  static className = "Weighted";
  constructor({ weight, ...rest }) {
    super(rest);
    for (const key of Object.keys(weight))
      if (!WEIGHT.includes(key))
        throw new Unsupported(`addWeight of TensorFlow.js takes no ${key}`);
    const given = WEIGHT.map((key) =>
      ["initializer", "regularizer", "constraint"].includes(key)
        ? object(`${key}s`, weight[key])
        : weight[key],
    );
    this.w = this.addWeight(...given);
  }
  call(inputs) {
    return tf.mul(only(inputs), this.w.read());
  }
}

class Alone extends Weighted {
  static className = "Alone";
  call() {
    return tf.add(this.w.read(), this.w.read());
  }
}

class Reach extends Weighted {
  static className = "Reach";
  constructor({ weight, limit, ...rest }) {
    super({ weight, ...rest });
    const largest = Math.max(...this.getWeights()[0].dataSync().map(Math.abs));
    this.reached = 0.98 * limit < largest && largest <= limit;
  }
  call(inputs) {
    return tf.mul(only(inputs), Number(this.reached));
  }
}

class Both extends Layer {
  static className = "Both";
  call(inputs, { other }) {
    return [tf.add(only(inputs), other), tf.sub(only(inputs), other)];
  }
}

class Times extends Layer {
  static className = "Times";
  constructor({ factor = 2, ...rest } = {}) {
    super(rest);
    this.factor = factor;
  }
  call(inputs) {
    return tf.mul(only(inputs), this.factor);
  }
}

const GIVEN = {
  constraints: [CenterAround, NonNegative, Forgetful],
  initializers: [ExampleRandomNormal, Ramp, Countdown],
  regularizers: [L2Regularizer, MyRegularizer, Unsaved],
};
const LAYERS = [
  ...[SimpleDense, ComputeSum, MyLayer, Linear, Block, Around, Switch],
  ...[Mixed, Weighted, Alone, Reach, Both, Times],
];
const byName = (classes) => Object.fromEntries(classes.map((cls) => [cls.className, cls]));
const EVERY = byName([...LAYERS, ...Object.values(GIVEN).flat()]);

// The user-defined classes of a family; layers and models take those of the others as well.
export const customs = (family) => (family in GIVEN ? byName(GIVEN[family]) : EVERY);

export const functions = {
  double: (w) => tf.add(w, w),
  count_up: (shape, dtype) => line(0, 1, shape, dtype),
  twos: (shape) => tf.fill(shape, 2),
  my_init: (shape, dtype) => tf.randomNormal(shape, 0, 1, dtype),
  l1_reg: (weightMatrix) => tf.mul(0.01, tf.sum(tf.abs(weightMatrix))),
  my_regularizer: (x) => tf.mul(1e-3, tf.sum(tf.mul(x, x))),
};
