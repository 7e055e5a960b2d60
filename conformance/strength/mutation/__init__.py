"""The mutation score of the golden cases: of the mistakes that `impl` could have, how many make a case fail.

`operators` makes the mutants, with `replacements`, `reach` records once which case runs which line, `questions` asks and judges one case,
`forks` gives each mutant a process of its own, `trial` asks a mutant until a case fails, `score` measures,
and `equivalents` reads which mutants are no mistakes, and why.
"""

__all__ = ["equivalents", "operators", "reach", "score", "trial"]
