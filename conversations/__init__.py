"""How it is said: the advisor, small talk, the quiz, and what is remembered of a chat."""
