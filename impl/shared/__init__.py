"""The documented classes, each written once against a `Dialect`."""
