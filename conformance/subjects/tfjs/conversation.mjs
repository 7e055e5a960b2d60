// One case put to TensorFlow.js: the object under test, and what the steps do with it.
import { forget, register, tf, tfl, warned } from "./library.mjs";
import { LOSSES, back, camel, options } from "./names.mjs";
import { classOf, construct, describe, found, named, nameOf, resolve } from "./namespace.mjs";
import { customs, functions } from "./customs.mjs";
import { Unsupported, bits, handed, sampled, text } from "./wire.mjs";

const FLOATS = ["float32", "complex64"];
const CATEGORIES = {
  TypeError: "type",
  ValueError: "value",
  RangeError: "value",
  IndexError: "lookup",
  AttributeError: "attribute",
  NotImplementedError: "not-implemented",
};

// The outcomes of a case as JSON texts, one a step, up to and including the first that has no values.
export async function outcomes(asked) {
  const conversation = new Conversation(asked);
  const answered = [];
  let phase = "construct";
  tf.engine().startScope();
  try {
    conversation.construct();
    for (const step of asked.steps) {
      phase = step.do;
      const action = STEPS[phase];
      if (!action) throw new Unsupported(`this program cannot do the step ${phase}`);
      const { sample, ...others } = step;
      const whole = await action(conversation, others);
      const values = sample === undefined ? whole : sampled(whole, sample);
      answered.push(`{"returned":${text(values)}}`);
    }
  } catch (error) {
    answered.push(JSON.stringify(rejection(error, phase)));
  } finally {
    tf.engine().endScope();
    tf.disposeVariables();
    forget();
  }
  return answered;
}

function rejection(error, phase) {
  if (error instanceof Unsupported) return { unsupported: error.message };
  const classes = [];
  for (let cls = Object(error).constructor; cls && cls.name; cls = Object.getPrototypeOf(cls))
    classes.push(cls.name);
  const category = CATEGORIES[classes[0]] ?? "other";
  const message = `${error?.message ?? error}`.trim().split("\n")[0].slice(0, 200) || classes[0];
  return { raised: { phase, category, message, type: classes[0], classes } };
}

class Conversation {
  constructor({ target, custom, arguments: given = {}, inputs = [] }) {
    this.path = target;
    this.family = target.split(".")[0];
    this.custom = custom;
    this.given = given;
    this.inputs = inputs;
    this.target = null;
    // Objects that stand in several places of the case, by their keys.
    this.shared = new Map();
    this.wrapped = null;
  }

  construct() {
    // The steps of a function ask for it, unless there are arguments to call it with.
    const isFunction = /\.[a-z]/.test(this.path) && Object.keys(this.given).length === 0;
    if (!isFunction) this.target = this.build(this.given);
  }

  build(given) {
    return this.make(real(given, this));
  }

  // The target made of arguments that are objects already.
  make(given) {
    return this.custom ? this.customized(this.custom, given) : construct(this.path, given);
  }

  customized(name, given) {
    const cls = customs(this.family)[name];
    if (!cls) throw new Unsupported(`this program has no user-defined ${name}`);
    return new cls(named(given));
  }

  input(step) {
    return handed(this.inputs[step.input]);
  }

  registerAll(names) {
    for (const name of names ?? []) {
      const cls = customs(this.family)[name];
      if (!cls) throw new Unsupported("TensorFlow.js registers classes, not functions");
      register(cls);
    }
  }

  // The target, or a model around it that is kept for as long as the target is the same object.
  model(shape) {
    const { target } = this;
    if (target instanceof tfl.LayersModel) return target;
    if (this.wrapped?.layers.at(-1) === target) return this.wrapped;
    if (!shape) throw new Unsupported("a model of TensorFlow.js around a layer must be told its shape");
    const inputs = tfl.layers.inputLayer({ batchInputShape: [null, ...shape.slice(1)] });
    this.wrapped = tfl.sequential({ layers: [inputs, target] });
    return this.wrapped;
  }

  // The object that has the last part of a dotted path, and this part in the spelling of TensorFlow.js.
  owner(path) {
    const parts = path.split(".");
    let object = this.target;
    if (parts[0] === "model" && parts.length > 1) {
      object = this.model();
      parts.shift();
    }
    const name = camel(parts.pop());
    for (const part of parts) {
      const own = camel(part);
      if (!(own in object))
        throw new Unsupported(`${nameOf(object.constructor)} of TensorFlow.js has no ${own}`);
      object = object[own];
    }
    return [object, name];
  }

  // The target called as Keras' objects are.
  called(value, extra) {
    if (this.family !== "layers" && this.family !== "models") return this.target.apply(value);
    return this.target.apply(value, extra);
  }
}

// What a literal of a case stands for, under Keras' names still.
function real(literal, conversation) {
  const go = (each) => real(each, conversation);
  if (Array.isArray(literal)) return literal.map(go);
  if (literal === null || typeof literal !== "object") return literal;
  if ("dtype" in literal && "shape" in literal && ("data" in literal || "formula" in literal))
    return handed(literal);
  const [key] = Object.keys(literal);
  const value = literal[key];
  switch (key) {
    case "$float":
      return Number(value);
    case "$tuple":
      return value.map(go);
    case "$class":
      return classOf(value);
    case "$function":
      return functions[value];
    case "$instance":
      return construct(value.class, go(value.arguments));
    case "$custom":
      return conversation.customized(value.class, go(value.arguments));
    case "$shared": {
      const { shared } = conversation;
      if (!shared.has(value.class)) shared.set(value.class, go(value.arguments.object));
      return shared.get(value.class);
    }
    default:
      return Object.fromEntries(Object.entries(literal).map(([name, each]) => [name, go(each)]));
  }
}

const rest = (step, conversation) => {
  const { do: _, input, ...others } = step;
  return real(others, conversation);
};

// What an identifier was resolved to.
function resolved(object) {
  if (object === null || object === undefined) return null;
  if (typeof object === "function")
    return "className" in object ? { class: nameOf(object) } : { function: object.name };
  if (typeof object.getConfig === "function")
    return { instance: nameOf(object.constructor), config: back(object.getConfig()) };
  return { literal: back(object) };
}

// What the target gave back: a tensor, or several as nested lists.
const observed = (value) =>
  Array.isArray(value)
    ? value.map((each) => (each instanceof tf.Tensor ? each.arraySync() : each))
    : value;

const numbered = (name, values) =>
  Object.assign(
    { count: values.length },
    ...values.map((value, i) => ({ [`${name}:${i}`]: value })),
  );

// The name that the layer gave: what precedes it, and a number after it, count objects of the process.
const lastName = (weight) => weight.originalName.split("/").at(-1);
const weightsOf = (layer) =>
  layer.weights.map((weight) => ({
    name: lastName(weight),
    shape: weight.shape,
    dtype: weight.dtype,
  }));

function draw(target, step, conversation) {
  for (const name of ["partition_shape", "partition_offset", "layout"])
    if (step[name] !== undefined)
      throw new Unsupported("initializers of TensorFlow.js know no partitions");
  const drawn = target.apply(real(step.shape, conversation), step.dtype);
  if (!(drawn instanceof tf.Tensor))
    throw new TypeError(`an initializer must return a tensor; received ${drawn}`);
  return drawn;
}

// (7 i mod 11 - 5) / 4: both signs, exact.
const cotangent = ({ shape, size }) =>
  tf.tensor(
    Array.from({ length: size }, (_, i) => (((7 * i) % 11) - 5) / 4),
    shape,
  );

function lossOf(name) {
  const loss = LOSSES[name];
  if (!loss) throw new Unsupported("TensorFlow.js has no loss like that");
  return loss;
}

const STEPS = {
  call(conversation, step) {
    const value = conversation.input(step);
    const before = value instanceof tf.Tensor ? bits(value) : text(value);
    const given = conversation.called(value, options(rest(step, conversation)));
    const after = value instanceof tf.Tensor ? bits(value) : text(value);
    return { value: observed(given), input: after === before ? "unchanged" : "changed" };
  },

  config: ({ target }) => ({ config: back(target.getConfig()) }),

  roundtrip(conversation, { via = "serialize" }) {
    const { target, family } = conversation;
    if (via === "from_config") {
      const config = target.getConfig();
      const serialized = back(config);
      conversation.target = target.constructor.fromConfig(target.constructor, config);
      return { serialized };
    }
    const described = describe(family, target);
    const serialized = back(described);
    if (conversation.custom) conversation.registerAll(Object.keys(customs(family)));
    conversation.target = resolve(family, described);
    return { serialized };
  },

  from_config(conversation, { config }) {
    const cls = conversation.target.constructor;
    conversation.target = cls.fromConfig(cls, options(real(config, conversation)));
    return { config: back(conversation.target.getConfig()) };
  },

  set(conversation, step) {
    for (const [path, value] of Object.entries(rest(step, conversation))) {
      const [object, name] = conversation.owner(path);
      const given = options({ [path.split(".").at(-1)]: value })[name];
      object[name] = given instanceof tfl.InputSpec ? [given] : given;
    }
    return {};
  },

  get(conversation, step) {
    conversation.registerAll(step.scope);
    const identifier = real(step.identifier, conversation);
    conversation.target = found(conversation.family, identifier);
    return { resolved: resolved(conversation.target), same: conversation.target === identifier };
  },

  deserialize(conversation, step) {
    conversation.registerAll(step.scope);
    conversation.registerAll(step.custom_objects);
    conversation.target = found(conversation.family, real(step.config, conversation));
    return { resolved: resolved(conversation.target) };
  },

  serialize(conversation, step) {
    const before = warned();
    const described = describe(conversation.family, real(step.object, conversation));
    return { serialized: back(described), warned: warned() > before };
  },

  initialize: (conversation, step) => ({ value: draw(conversation.target, step, conversation) }),

  repeats(conversation, step) {
    const { target, given } = conversation;
    const shared = real(given, conversation);
    const next = {
      instance: () => target,
      fresh: () => conversation.build(given),
      shared: () => conversation.make(shared),
      config: () => target.constructor.fromConfig(target.constructor, target.getConfig()),
    }[step.of];
    const seen = new Map();
    const repeats = [];
    const warnings = [];
    for (let number = 0; number < step.calls; number += 1) {
      const before = warned();
      const drawn = bits(draw(next(), step, conversation));
      warnings.push(warned() > before);
      if (!seen.has(drawn)) seen.set(drawn, number);
      repeats.push(seen.get(drawn));
    }
    return { repeats, warned: warnings };
  },

  sample(conversation, step) {
    const { target, given } = conversation;
    if (step.weight !== undefined) {
      const fresh = Array.from({ length: step.calls ?? 1 }, () => conversation.build(given));
      fresh.forEach((layer) => layer.build(real(step.shape, conversation)));
      return { sample: tf.stack(fresh.map((layer) => layer.getWeights()[step.weight])) };
    }
    const targets =
      step.seeds === undefined
        ? Array(step.calls ?? 1).fill(target)
        : Array.from({ length: step.seeds }, (_, seed) => conversation.build({ ...given, seed }));
    return { sample: tf.stack(targets.map((each) => draw(each, step, conversation))) };
  },

  build(conversation, { shape }) {
    conversation.target.build(real(shape, conversation));
    return { weights: weightsOf(conversation.target) };
  },

  weights({ target }) {
    const trained = new Set(target.trainableWeights);
    const weights = weightsOf(target);
    target.weights.forEach((weight, i) => (weights[i].trained = trained.has(weight)));
    return { weights };
  },

  // `overwrite` asks for nothing here: the values of tensors cannot be written to.
  get_weights: ({ target }) => numbered("weights", target.getWeights()),

  set_weights(conversation, { values }) {
    conversation.target.setWeights(real(values, conversation));
    return {};
  },

  new(conversation) {
    conversation.construct();
    return {};
  },

  losses: ({ target }) => numbered("losses", target.calculateLosses()),

  gradient(conversation, step) {
    const { target } = conversation;
    const value = conversation.input(step);
    const input = FLOATS.includes(value.dtype) ? tf.variable(value) : value;
    const extra = options(rest(step, conversation));
    const weights = target.trainableWeights;
    const variables = [
      ...(input instanceof tf.Variable ? [input] : []),
      ...weights.map((each) => each.read()),
    ];
    const total = () => {
      const output = conversation.called(input, extra);
      return tf.sum(tf.mul(output, cotangent(output)));
    };
    const { grads } = tf.variableGrads(total, variables);
    const gradients = [input, ...weights.map((each) => each.read())].map(
      (each) => grads[each.name] ?? null,
    );
    const names = ["input", ...weights.map(lastName)];
    return Object.fromEntries(names.map((name, i) => [`gradient:${i}-${name}`, gradients[i]]));
  },

  output_shape: (conversation, { shape }) => ({
    shape: conversation.target.computeOutputShape(real(shape, conversation)),
  }),

  attributes(conversation, { names }) {
    const attributes = {};
    for (const name of names) {
      const [object, own] = conversation.owner(name);
      if (!(own in object))
        throw new Unsupported(`${nameOf(object.constructor)} of TensorFlow.js has no ${own}`);
      attributes[name] = back(object[own], own);
    }
    return { attributes };
  },

  async fit(conversation, step) {
    const given = rest(step, conversation);
    const x = conversation.input(step);
    const y = handed(conversation.inputs[step.target]);
    const model = conversation.model(x.shape);
    model.compile({ optimizer: given.optimizer, loss: lossOf(given.loss) });
    const values = {};
    for (let epoch = 0; epoch < given.epochs; epoch += 1) {
      const how = {
        batchSize: given.batch_size,
        epochs: 1,
        shuffle: false,
        verbose: 0,
        yieldEvery: "never",
      };
      const { history } = await model.fit(x, y, how);
      values[`losses:${epoch}`] = tf.tensor(history.loss, [1]);
      model
        .getWeights()
        .forEach((weight, i) => (values[`weights:${epoch}-${i}`] = tf.clone(weight)));
    }
    return values;
  },
};

// The steps that this program can do.
export const DOES = Object.keys(STEPS);
