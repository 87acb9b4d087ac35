"""What is known: the content of one career, and finding the right piece of it. No I/O beyond reading the content."""
