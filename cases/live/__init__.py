"""What pages learn while they stand open: hints over Valkey to the live process, tickets to hear them, and who is on
a case. Nothing here is a fact: a dead Valkey costs quickness, never an answer."""
