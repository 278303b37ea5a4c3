"""lifecircle (生活圈): who cannot reach the public services a plan promises, why, and what would help most."""
