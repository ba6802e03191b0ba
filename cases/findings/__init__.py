"""认定: faults named, answered and decided."""
