"""Calls from elsewhere, in bulk: a file is read row by row, planned by the same functions as one call, and
written a batch at a time. A row that cannot be taken is told with its number and stops nothing."""
