"""What pictures can be written to: one module a kind of file; `render.writer` chooses by the file's name."""
