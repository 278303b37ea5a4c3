"""Every error lifecircle raises on purpose, in one tree, so a caller can catch as much or as little as it wants."""


class LifecircleError(Exception):
    """Root of all errors raised on purpose; its text names the file, row, column or key and says what to do."""


class InputError(LifecircleError, ValueError):
    """A file, row, column or value that cannot be used."""


class StudyError(LifecircleError, ValueError):
    """A study file that is wrong, or a study that cannot be answered with the data it names."""


class TooLargeError(LifecircleError, ValueError):
    """A request that would not fit in memory, refused before it starts."""


class DownloadError(LifecircleError, OSError):
    """A server that cannot be reached or does not give what it was asked for.

    Attributes
    ----------
    event : {"unreachable", "still_busy", ""}
        What happened, and in `values` the host and more, for who wants to say it in another language.
    """

    def __init__(self, message: str, event: str = "", **values: object) -> None:
        super().__init__(message)
        self.event, self.values = event, values
