"""Who: people, organisations, postings. Knows the ground, not the cases."""
