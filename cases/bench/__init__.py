"""Measuring: how many statements, and what a request costs beside yardsticks of the same minute.

Absolute times on shared machines mean little; every figure is a ratio to a yardstick run in turn with it.
"""
