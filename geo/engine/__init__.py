"""Travel times over a network: searches, tables, routes, changing facilities.

Belongs here: seconds between snapped points. No file, no goal; areas on the map stand in `geo.rings`.
"""
