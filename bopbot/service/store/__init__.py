"""Shared state of servers and workers: jobs in the database, their files, the queue."""
