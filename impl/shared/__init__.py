"""The documented classes, each written once; what dialects do otherwise is a record beside its reader."""
