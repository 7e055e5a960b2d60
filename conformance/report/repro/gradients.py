"""Lines that print gradients, by backend; `CALL` calls the target on `INPUT`."""

GRADIENTS = {
    "torch": [
        "import torch",
        "INPUT.requires_grad_()",
        "y = CALL",
        "cotangent = (7 * np.arange(np.prod(y.shape)) % 11 - 5) / 4",
        "total = (y * torch.tensor(cotangent.reshape(y.shape), dtype=y.dtype)).sum()",
        "held = [w.value for w in c.trainable_weights]",
        "print(torch.autograd.grad(total, [INPUT, *held], allow_unused=True))",
    ],
    "jax": [
        "import jax",
        "CALL",
        "weights = list(c.trainable_weights)",
        "def total(INPUT, held):",
        "    with K.StatelessScope(state_mapping=list(zip(weights, held))):",
        "        y = CALL",
        "    cotangent = (7 * np.arange(np.prod(y.shape)) % 11 - 5) / 4",
        "    return (y * cotangent.reshape(y.shape).astype(y.dtype)).sum()",
        "print(jax.grad(total, argnums=(0, 1))(INPUT, [w.value for w in weights]))",
    ],
}
