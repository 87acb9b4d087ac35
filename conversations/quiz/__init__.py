"""The quiz: scoring, the machine behind the taps, the messages, and the desk that takes visitors."""
