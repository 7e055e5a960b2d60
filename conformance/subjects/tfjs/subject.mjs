// TensorFlow.js under test: `node subject.mjs FOLDER [BACKEND]`, where FOLDER/node_modules has what package.json
// lists. PROTOCOL.md says what the lines mean. Names are translated here, meanings never: whatever
// TensorFlow.js does in its own way is an answer.
import { createInterface } from "node:readline";

import { DOES, outcomes } from "./conversation.mjs";
import { renew, tf, tfl } from "./library.mjs";
import { TARGETS } from "./namespace.mjs";
import { DTYPES, tensor, text } from "./wire.mjs";

const say = (line) => process.stdout.write(`${line}\n`);

async function answer({ id, echo, case: asked }) {
  await renew();
  if (!echo) return `{"id":${id},"outcomes":[${await outcomes(asked)}]}`;
  return tf.tidy(() => {
    const held = Object.entries(echo).map(([name, given]) => [name, tensor(given)]);
    return `{"id":${id},"echo":${text(Object.fromEntries(held))}}`;
  });
}

const provenance = {
  package: "@tensorflow/tfjs-layers",
  version: tfl.version_layers,
  "@tensorflow/tfjs-core": tf.version_core,
  backend: tf.getBackend(),
  node: process.version,
  platform: `${process.platform}-${process.arch}`,
};
const capabilities = {
  classes: TARGETS,
  // The WebAssembly backend has no kernel for complex tensors.
  dtypes: tf.getBackend() === "wasm" ? DTYPES.filter((each) => !each.startsWith("complex")) : DTYPES,
  steps: DOES,
  draws: "tfjs",
  tensors: "tfjs",
};
say(JSON.stringify({ protocol: 2, dialect: "keras2", provenance, capabilities }));

for await (const line of createInterface({ input: process.stdin })) {
  let id = null;
  try {
    const request = JSON.parse(line);
    ({ id } = request);
    say(await answer(request));
  } catch (error) {
    say(JSON.stringify({ id, error: `${error?.message ?? error}` }));
  }
}
