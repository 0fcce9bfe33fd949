"""Worker processes: they make the takes of the queue in a child process with limits."""
