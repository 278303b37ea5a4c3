"""Files for GIS teams, one module per format."""
