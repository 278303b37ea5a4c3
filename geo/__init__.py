"""Space itself: coordinates, streets, travel modes, networks, snapping, travel times and rings.

Knows nothing of people, goals or maps: those live in `layers`, `analyses` and `maps`. Its rooms, each using those before it:
`modes`, `reading`, `network`, `snapping`, `engine`, `rings`.
"""
