"""Relief from a clock: who may ask for what, who answers, and what an answer does (SPEC §6)."""
