"""The demo town's calls: texts of the project's own, carried through the table of moves by the demo's people in
the last thirty days, the same for the same seed."""
