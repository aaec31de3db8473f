"""What is said to whom, when, in which language, by which way, and the proof of it."""
