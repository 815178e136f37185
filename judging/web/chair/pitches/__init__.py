"""The pitches of a final for those who lead through them: live screen, running order, screen of the room."""
