"""The file formats for pictures, one module per format; `render.writer` chooses by the file's name."""
