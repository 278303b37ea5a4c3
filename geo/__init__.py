"""Space itself: coordinates, streets, travel modes, snapping and travel times.

Knows nothing of people, goals or maps: those live in `layers`, `analyses` and `maps`.
"""
