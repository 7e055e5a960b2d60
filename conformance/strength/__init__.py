"""How much the suite catches, and how exact subjects are, in figures.

`api` measures which part of the API is asked, `inventory` says by introspection what there is. `published` judges
`golden/published.toml`, which `reports` reads: bugs that papers, fuzzers and users have reported, each with the case
that detects it. `mutation` plants mistakes in `impl`, and counts those that make a case fail. `explore` searches
beyond the cases. `ulp` measures the activations over whole dtypes. It imports rooms below it, up to `changes`.
"""

__all__ = ["api", "explore", "inventory", "mutation", "published", "reports", "ulp"]
