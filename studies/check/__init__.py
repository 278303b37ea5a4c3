"""A study looked at before anything long is done."""
