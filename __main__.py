"""`python -m lifecircle`: hands over to the command line in `studies`."""

from .studies.commands import main

if __name__ == "__main__":
    main()
