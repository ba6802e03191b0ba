"""The tree of places as admins edit it: the tree and one place beside it, the draft, its checking and publishing."""
