"""Workers: they take dances from the queue and make them in a child process with limits."""
