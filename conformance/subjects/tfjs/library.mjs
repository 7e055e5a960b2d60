// TensorFlow.js, from the folder that the first argument names: its modules are not in the package. The second
// argument is the backend that computes, `cpu` or `wasm`.
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const [folder, backend = "cpu"] = process.argv.slice(2);
const require = createRequire(folder ? join(folder, "package.json") : import.meta.url);

// Standard output belongs to the protocol.
for (const way of ["log", "info", "debug"]) console[way] = (...words) => console.error(...words);
let warnings = 0;
const warn = console.warn;
console.warn = (...words) => {
  warnings += 1;
  warn(...words);
};

// How often the library has warned so far.
export const warned = () => warnings;

export const tf = require("@tensorflow/tfjs-core");
require(`@tensorflow/tfjs-backend-${backend}`);
export const tfl = require("@tensorflow/tfjs-layers");

async function start() {
  if (!(await tf.setBackend(backend))) throw new Error(`the backend ${backend} cannot be started`);
}
await start();
// The first tensor makes the backend advise another one, once. That is no warning of the case with this tensor.
tf.dispose(tf.scalar(0));

// Kernels of WebAssembly write where they should not, and what comes after pays for it: each case gets a new heap.
export async function renew() {
  if (backend !== "wasm") return;
  const factory = tf.findBackendFactory(backend);
  tf.backend().dispose = () => {}; // a broken heap cannot be freed; it goes with its module
  tf.removeBackend(backend);
  tf.registerBackend(backend, factory);
  await start();
}

// The package @tensorflow/tfjs, which bundles all this for users, gives tensors their operations as
// methods, and the layers rely on some: the same is done here, for those that the core has a file for.
const methods = join(dirname(require.resolve("@tensorflow/tfjs-core")), "public", "chained_ops");
for (const file of readdirSync(methods)) {
  const name = file.split(".")[0].replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
  if (typeof tf[name] !== "function") continue;
  tf.Tensor.prototype[name] ??= function method(...given) {
    return tf[name](this, ...given);
  };
}
tf.Tensor.prototype.flatten ??= function flatten() {
  return tf.reshape(this, [this.size]);
};

// The classes that TensorFlow.js has registered, by its own names for them.
const registry = () => tf.serialization.SerializationMap.getMap().classNameMap;
export const registered = (name) => registry()[name]?.[0];

// What `register` has added, until `forget`: a user's classes are known in one case alone.
const added = new Set();
export function register(cls) {
  const before = new Set(Object.keys(registry()));
  tf.serialization.registerClass(cls);
  for (const name of Object.keys(registry())) if (!before.has(name)) added.add(name);
}
export function forget() {
  for (const name of added) delete registry()[name];
  added.clear();
}
