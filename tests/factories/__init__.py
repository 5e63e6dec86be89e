"""Real rows, made through the gate like any other."""
