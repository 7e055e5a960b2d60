"""The steps of a case as lines of source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.model import SAMPLE, Case, Step
from conformance.report.repro.asserting import asserted
from conformance.report.repro.failing import Failing
from conformance.report.repro.gradients import GRADIENTS
from conformance.report.repro.literals import Literals


def _is_sampled(step: Step) -> bool:
    """Whether elements of large tensors are asked; an initializer's `sample` is another thing."""
    return SAMPLE in step.options and step.do in ("call", "gradient")


# The steps which change the target for another.
_REPLACING = (
    *("new", "roundtrip", "from_config", "get", "deserialize", "copy", "lookup", "register"),
)


def _needs_model(step: Step) -> bool:
    """Whether a step is one of a model, which a single layer must be put into."""
    names: Any = step.options if step.do == "set" else step.options.get("names", ())
    paths = step.do in ("set", "attributes") and any(n.startswith("model.") for n in names)
    paths = paths or (step.do == "method" and str(step.options["name"]).startswith("model."))
    return paths or step.do in ("compile", "fit", "evaluate", "predict", "save")


class Steps:
    """Writes the steps of cases for one tensor library; see `Literals`."""

    def __init__(self, tensors: str, backend: str | None = None, *, keras2: bool = False) -> None:
        self._literals = Literals(tensors, backend)
        self._backend = backend
        self._keras2 = keras2

    def lines(self, case: Case, failing: Failing | None = None) -> list[str]:
        """The lines that build the target and perform every step, or end by asserting what fails."""
        lines = self._literals.shared([case.arguments, [step.options for step in case.steps]])
        built = self._built(case)
        if failing is not None and failing.constructs and built:
            return lines + asserted(case, built, case.steps[failing.step], failing, "")
        lines += built
        lines += [f"x{n} = {self._literals.source(given)}" for n, given in enumerate(case.inputs)]
        lines += self._sampling(case)
        wrapped = False
        for number, step in enumerate(case.steps):
            if not wrapped and _needs_model(step):
                lines += self._wrapped(case)
                wrapped = True
            done = self._step(step, case)
            if failing is not None and number == failing.step:
                convert = "np.asarray" if self._backend is None else "K.ops.convert_to_numpy"
                return lines + asserted(case, done, step, failing, convert)
            lines += done
            # What is a new target has no model around it yet, unless it was read with its model.
            wrapped = (wrapped and step.do not in _REPLACING) or step.do == "save"
        return lines

    def _built(self, case: Case) -> list[str]:
        """What builds the target; nothing for a function that is only asked for."""
        if not (case.target.rpartition(".")[2][:1].isupper() or case.arguments):
            return []
        return [f"c = {self._target(case)}({self._literals.arguments(case.arguments)})"]

    def _sampling(self, case: Case) -> list[str]:
        """What takes the elements of large tensors that a case asks for, if it asks for some."""
        if not any(map(_is_sampled, case.steps)):
            return []
        convert = "np.asarray" if self._backend is None else "K.ops.convert_to_numpy"
        return [
            "def sample(y, count):",
            f"    flat = {convert}(y).ravel()",
            "    places = np.arange(count) * (flat.size - 1) // (count - 1)",
            "    return tuple(y.shape), flat[places] if flat.size > count else flat",
        ]

    def _step(self, step: Step, case: Case) -> list[str]:
        module = "K.layers" if case.family == "models" else f"K.{case.family}"
        given = {k: v for k, v in step.options.items() if k != SAMPLE or not _is_sampled(step)}
        options = {k: self._literals.source(v) for k, v in given.items()}
        saving = "K.saving.custom_object_scope"
        scope = (
            f"with {saving}({self._known(step.options['scope'])}):\n    "
            if "scope" in options
            else ""
        )
        match step.do:
            case "call":
                called = f"c({self._call(step, options)})"
                return [f"print({self._sampled(step, called)})"]
            case "build":
                return [
                    f"c.build({options['shape']})",
                    "print([(w.name, w.shape) for w in c.weights])",
                ]
            case "weights":
                return [
                    "trained = {id(w) for w in c.trainable_weights}",
                    "print([(w.name, w.shape, w.dtype, id(w) in trained) for w in c.weights])",
                ]
            case "get_weights":
                return self._spoilt(step, ["held = c.get_weights()", "print(held)"])
            case "set_weights":
                lines = [f"held = {options['values']}", "c.set_weights(held)"]
                return self._spoilt(step, lines)
            case "losses":
                return ["print(c.losses)"]
            case "output_shape":
                return [f"print(c.compute_output_shape({options['shape']}))"]
            case "attributes":
                names: Any = step.options["names"]
                return [f"print([{', '.join(self._path(n) for n in names)}])"]
            case "gradient":
                return self._gradient(step, options)
            case "fit":
                return self._fit(step, options)
            case "initialize":
                return [f"print(c({self._drawn(options)}))"]
            case "repeats":
                return self._repeats(step, case, self._drawn(options))
            case "sample":
                return self._sample(step, case, self._drawn(options))
            case "config":
                return ["print(c.get_config())"]
            case "set":
                return [f"{self._path(name)} = {value}" for name, value in options.items()]
            case "new":
                return self._built(case)
            case "setting":
                return [f"{self._setter(name)}({value})" for name, value in options.items()]
            case "compile":
                return [self._compiled(options)]
            case "evaluate" | "predict" | "symbolic" | "copy" | "save":
                return self._later(step, case, options)
            case "export":
                spec = f"tensorflow.TensorSpec({options['shape']}, {options['dtype']})"
                return [
                    "import tensorflow",
                    "m, layer = tensorflow.Module(), c",
                    "m.layer = layer",
                    f"m.call = tensorflow.function(lambda x: layer(x), input_signature=[{spec}])",
                    'tensorflow.saved_model.save(m, "saved")',
                    'm = tensorflow.saved_model.load("saved")',
                    "c = m.call",
                ]
            case "from_config":
                return [f"c = type(c).from_config({options['config']})", "print(c.get_config())"]
            case "roundtrip" if step.options.get("via") == "from_config":
                return ["c = type(c).from_config(c.get_config())"]
            case "roundtrip":
                legacy = ", use_legacy_format=True" if step.options.get("via") == "legacy" else ""
                known = self._objects(case) or "None"
                serialized = f"{module}.serialize(c{legacy})"
                return [f"c = {module}.deserialize({serialized}, custom_objects={known}{legacy})"]
            case "get":
                return [f"{scope}c = {module}.get({options['identifier']})", "print(c)"]
            case "deserialize":
                objects = step.options.get("custom_objects")
                known = f", custom_objects={self._known(objects)}" if objects else ""
                return [f"{scope}c = {module}.deserialize({options['config']}{known})", "print(c)"]
            case "serialize":
                legacy = ", use_legacy_format=True" if step.options.get("legacy") else ""
                return [f"print({module}.serialize({options['object']}{legacy}))"]
            case "lookup":
                return [f"print({module}.{step.options['name']})"]
            case "method":
                return self._method(step)
            case "register":
                return self._register(step)
        raise ValueError(f"a repro must know the step; received {step.do!r}")

    def _method(self, step: Step) -> list[str]:
        """Prints what a method returns."""
        of, name = step.options.get("of"), str(step.options["name"])
        called = self._path(name) if of is None else f"{self._literals.source(of)}.{name}"
        before = []
        if "rebuilt" in step.options:
            before = [f"o = {self._literals.source(of)}", "o = type(o).from_config(o.get_config())"]
            called = f"o.{name}"
        arguments: Any = step.options.get("arguments", {})
        if "batches" in step.options:
            return self._of_batches(step, called, arguments)
        return [
            *before,
            f"y = {called}({self._literals.arguments(arguments)})",
            "print(getattr(y, 'history', y))",
        ]

    def _of_batches(self, step: Step, called: str, arguments: Mapping[str, Any]) -> list[str]:
        """The same for a dataset."""
        rest = {name: value for name, value in arguments.items() if name not in ("x", "y")}
        x, *y = (self._literals.source(arguments[name]) for name in ("x", "y") if name in arguments)
        given = f"({x}, {y[0]})" if y else x
        data = f"tf.data.Dataset.from_tensor_slices({given}).batch({step.options['batches']})"
        unknown = ".filter(lambda *_: True)" if step.options.get("uncounted") else ""
        return [
            f"data = {data}{unknown}",
            f"y = {called}(data, {self._literals.arguments(rest)})",
            "print(getattr(y, 'history', y))",
        ]

    def _register(self, step: Step) -> list[str]:
        """Derives a class, registers it, makes one, and prints the name that it has."""
        options: Any = step.options
        named = {key: options[key] for key in ("package", "name") if key in options}
        name = options["class_name"]
        registered = f"K.saving.register_keras_serializable({self._literals.arguments(named)})"
        base = options.get("custom", "object")
        if str(name).isidentifier():
            made = [f"@{registered}", f"class {name}({base}):", "    pass"]
        else:
            made = [f"Named = {registered}(type({name!r}, ({base},), {{}}))"]
            name = "Named"
        return [
            *made,
            f"c = {name}({self._literals.arguments(options.get('arguments', {}))})",
            f"print(K.saving.get_registered_name({name}))",
        ]

    def _sampled(self, step: Step, value: str) -> str:
        """A tensor, or what the step asks of it."""
        return f"sample({value}, {step.options[SAMPLE]})" if _is_sampled(step) else value

    def _call(self, step: Step, options: Mapping[str, str]) -> str:
        """The arguments of a call of a layer."""
        return ", ".join([f"x{step.input}", *(f"{name}={v}" for name, v in options.items())])

    def _gradient(self, step: Step, options: Mapping[str, str]) -> list[str]:
        """Prints the gradient of the sum of output times cotangent."""
        if self._backend is not None:
            lines = GRADIENTS.get(self._backend, ["# this backend has no gradients"])
            call = f"c({self._call(step, options)})"
            return [line.replace("INPUT", f"x{step.input}").replace("CALL", call) for line in lines]
        gradients = f"tape.gradient(total, [x{step.input}, *held])"
        if _is_sampled(step):
            gradients = f"[{self._sampled(step, 'g')} for g in {gradients}]"
        return [
            "with tf.GradientTape() as tape:",
            f"    tape.watch(x{step.input})",
            f"    y = c({self._call(step, options)})",
            "    cotangent = (7 * np.arange(np.prod(y.shape)) % 11 - 5) / 4",
            "    total = tf.reduce_sum(y * tf.cast(cotangent.reshape(y.shape), y.dtype))",
            "held = [getattr(w, 'value', w) for w in c.trainable_weights]",
            "held = [w if hasattr(w, 'handle') else v for w, v in zip(c.trainable_weights, held)]",
            f"print({gradients})",
        ]

    def _fit(self, step: Step, options: Mapping[str, str]) -> list[str]:
        """Trains, and prints loss and weights after every epoch."""
        x, y = f"x{step.input}", f"x{options['target']}"
        return [
            *([self._compiled(options)] if "optimizer" in options else []),
            f"for _ in range({options['epochs']}):",
            f"    h = m.fit({x}, {y}, batch_size={options['batch_size']}, shuffle=False, verbose=0)",
            "    print(h.history['loss'], m.get_weights())",
        ]

    def _compiled(self, options: Mapping[str, str]) -> str:
        metrics = f", metrics={options['metrics']}" if "metrics" in options else ""
        return f"m.compile(optimizer={options['optimizer']}, loss={options['loss']}{metrics})"

    def _later(self, step: Step, case: Case, options: Mapping[str, str]) -> list[str]:
        """The steps that only models have, and copies."""
        match step.do:
            case "evaluate":
                given = f"x{step.input}, x{options['target']}, batch_size={options['batch_size']}"
                return [f"print(m.evaluate({given}, verbose=0))"]
            case "predict":
                given = f"x{step.input}, batch_size={options['batch_size']}"
                return [f"print(m.predict({given}, verbose=0))"]
            case "symbolic":
                batch, *shape = self._literals.sizes(step.options["shape"])
                given = f"shape={tuple(shape)}, batch_size={batch}, dtype={options['dtype']}"
                several = case.custom == "Halves"  # whose outputs are a list
                shown = "*[(t.shape, t.dtype) for t in y]" if several else "y.shape, y.dtype"
                return [f"y = c(K.Input({given}))", f"print({shown})"]
            case "copy":
                way = str(step.options["via"])
                if way == "clone":
                    return ["c = K.models.clone_model(c)"]
                made = "pickle.loads(pickle.dumps(c))" if way == "pickle" else "copy.deepcopy(c)"
                return [f"import {'pickle' if way == 'pickle' else 'copy'}", f"c = {made}"]
        ending = {"keras": ".keras", "weights": ".weights.h5", "h5": ".h5"}[
            str(step.options["format"])
        ]
        path = f'"saved{ending}"'
        if step.options["format"] == "weights":
            built = [*self._built(case), f"c.build({options['shape']})", *self._wrapped(case)]
            return [f"m.save_weights({path})", *built, f"m.load_weights({path})"]
        customs = self._objects(case) or "{}"
        loaded = f"m = K.models.load_model({path}, custom_objects={customs})"
        inner = "m" if case.family == "models" else "m.layers[-1]"
        return [f"m.save({path})", loaded, f"c = {inner}"]

    def _objects(self, case: Case) -> str:
        """The user-defined classes of a case by their names, as a dict; empty where it has none."""
        names = self._literals.customs(case)
        return "{" + ", ".join(f"{name!r}: {name}" for name in names) + "}" if names else ""

    def _wrapped(self, case: Case) -> list[str]:
        """The model that trains the target."""
        return ["m = c" if case.family == "models" else "m = K.models.Sequential([c])"]

    def _path(self, path: str) -> str:
        """An attribute of the target, or of the model around it."""
        first, *parts = path.split(".")
        found = "m" if first == "model" and parts else f"c.{first}"
        for part in parts:
            found += f"[{part}]" if part.isdecimal() else f".{part}"
        return found

    def _setter(self, name: str) -> str:
        if name == "seed":
            return "K.utils.set_random_seed"
        if name == "dtype_policy" and self._keras2:
            return "K.mixed_precision.set_global_policy"
        return f"K.{'backend' if self._keras2 else 'config'}.set_{name}"

    def _spoilt(self, step: Step, lines: list[str]) -> list[str]:
        """Afterwards the arrays are overwritten, if the step says so."""
        spoil = ["for w in held:", "    w[...] = 77  # must not change the layer"]
        return [*lines, *(spoil if step.options.get("overwrite") else [])]

    def _drawn(self, options: Mapping[str, str]) -> str:
        """The arguments of a call of an initializer."""
        named = ("dtype", "partition_shape", "partition_offset", "layout")
        given = [f"{name}={options[name]}" for name in named if name in options]
        return ", ".join([options["shape"], *given])

    def _drawing(self, made: str, drawn: str) -> str:
        """A call of an initializer, as a NumPy array."""
        convert = "np.asarray" if self._backend is None else "K.ops.convert_to_numpy"
        return f"{convert}({made}({drawn}))"

    def _repeats(self, step: Step, case: Case, drawn: str) -> list[str]:
        """Prints of several draws which is the first with its bits, and whether each warned."""
        target = self._target(case)
        before = []
        match step.options["of"]:
            case "instance":
                made = "c"
            case "fresh":
                made = f"{target}({self._literals.arguments(case.arguments)})"
            case "shared":
                before = [f"given = dict({self._literals.arguments(case.arguments)})"]
                made = f"{target}(**given)"
            case _:
                made = "type(c).from_config(c.get_config())"
        return [
            "import warnings",
            *before,
            "draws, warned = [], []",
            f"for _ in range({step.options['calls']}):",
            "    with warnings.catch_warnings(record=True) as told:",
            '        warnings.simplefilter("always")',
            f"        draws.append({self._drawing(made, drawn)}.tobytes())",
            "    warned.append(any(issubclass(each.category, UserWarning) for each in told))",
            "print([draws.index(each) for each in draws], warned)",
        ]

    def _sample(self, step: Step, case: Case, drawn: str) -> list[str]:
        """Prints a sample with its mean and standard deviation."""
        if "weight" in step.options:
            layer = f"{self._target(case)}({self._literals.arguments(case.arguments)})"
            return [
                f"c = {layer}",
                f"c.build({self._literals.source(step.options['shape'])})",
                f"sample = c.get_weights()[{step.options['weight']}]",
                'print(sample.astype("float64").mean(), sample.astype("float64").std())',
            ]
        seeds = step.options.get("seeds")
        if seeds is None:
            made, count = "c", step.options.get("calls", 1)
        else:
            others = {k: v for k, v in case.arguments.items() if k != "seed"}
            comma = ", " if others else ""
            made = f"{self._target(case)}({self._literals.arguments(others)}{comma}seed=k)"
            count = seeds
        return [
            f"sample = np.stack([{self._drawing(made, drawn)} for k in range({count})])",
            'print(sample.astype("float64").mean(), sample.astype("float64").std())',
            "print(sample)",
        ]

    def _target(self, case: Case) -> str:
        return case.custom or f"K.{case.target}"

    def _known(self, names: Any) -> str:
        return "{" + ", ".join(f"{name!r}: {name}" for name in names) + "}"
