"""The bundled demo studies: a real extract and a generated county. They only write input files; runs happen elsewhere."""
