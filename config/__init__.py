"""Wires the floors together; no domain thought lives here."""
