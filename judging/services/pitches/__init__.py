"""The pitches of a final: who is on the stage, in which order, for how long, and who has scored them."""
