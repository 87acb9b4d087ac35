"""Parse modes: marked-up text in, plain text and message entities out."""
