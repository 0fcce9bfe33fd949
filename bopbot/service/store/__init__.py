"""What servers and workers share: jobs in the database, their files, the queue."""
