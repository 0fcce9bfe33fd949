"""The pages for people; they work without JavaScript, and better with it."""
