"""What is kept in the database: sessions, updates that wait, replies that wait, and where the quiz message stands."""
