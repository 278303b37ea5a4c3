"""Two runs side by side, and one run repeated: what changed, and why."""
