"""Who should act: a case becomes frozen facts, the facts meet ordered duty rows, the row becomes a
decision with its reason in words."""
