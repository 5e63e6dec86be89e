"""What can stand in the way of a backup or of putting one back."""

from engine.errors import DutybookError
from models.words import Words


class BackupError(DutybookError):
    """A backup cannot be taken, read or put back. `sentence` says why and what to do; nothing was changed."""

    def __init__(self, sentence: Words) -> None:
        """`sentence` is for whoever gave the command."""
        super().__init__(str(sentence))
        self.sentence = sentence


class DamagedError(BackupError):
    """The file is not what was written: bytes were changed, cut off or added."""


class WrongKeyError(BackupError):
    """A key that is needed is not there, or it is another one."""


class NotEmptyError(BackupError):
    """The database to be filled has rows."""


class NotNowError(BackupError):
    """It cannot be done at this moment: somebody uses the database, or the disk is full."""
