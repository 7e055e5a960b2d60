"""What weights and losses of a layer are compared by."""


def names(weights):
    return [w.name.split(":")[0].split("/")[-1] for w in weights]


def numbers(tensors):
    return [float(x) for x in tensors]
