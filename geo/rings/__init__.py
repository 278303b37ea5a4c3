"""From travel times on streets to areas on the map: rasters of seconds, contours, rings and their outlines."""
