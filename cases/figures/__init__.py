"""The figures of SPEC §8: one catalogue, one way to measure, the cases behind every number."""
