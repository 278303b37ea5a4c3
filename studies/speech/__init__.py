"""What the command line says, in both languages: messages, the terminal, sentences of the inner rooms."""
