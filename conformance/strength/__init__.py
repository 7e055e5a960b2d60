"""How strong the suite is, in figures: what it catches of what others have found.

`published` reads and judges `golden/published.toml`: bugs that papers, fuzzers and users have reported, each with the
case that detects it. Imports `changes`, `runner`, `record` and what lies below.
"""

__all__ = ["published", "reports"]
