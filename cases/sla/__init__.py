"""Deadlines: which rule (policy), working-time arithmetic (calendar, units), a clock's whole life (clock),
and the same in words (words). All pure: no database, no host clock; SPEC §6 is the law here."""
