"""The bundled demo studies, a real extract and a generated county: only their input files; runs happen elsewhere."""
