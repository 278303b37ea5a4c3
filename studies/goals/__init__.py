"""The catalogue as a study meets it: which goals can be answered, with what data, in which words."""
