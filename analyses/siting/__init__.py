"""Siting: which candidates to open. One file per problem and per method, over a sparse table of network times.

`problem` says what is asked and `plan` what is answered; `solving.solve` is the door, `build_order` puts a plan's sites in
sequence. Nothing here knows streets, maps or files.
"""
