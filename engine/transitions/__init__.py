"""States change by declared moves only: `kinds` is how a domain declares them, `performing` what makes them."""
