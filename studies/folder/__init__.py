"""The folder of results: drafts, the exchange of old for new, what a run records and what it leaves behind."""
