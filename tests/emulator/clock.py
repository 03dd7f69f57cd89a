"""The emulator's time can be moved, like tfseal's (--now), so that days of watching pass in a moment."""

import datetime

offset = datetime.timedelta()


def install():
    """Before any other module of moto is imported: they take the functions by name."""
    import moto.core.utils as utils
    real = utils.utcnow

    def utcnow():
        return real() + offset

    utils.utcnow = utcnow


def move(seconds):
    global offset
    offset = datetime.timedelta(seconds=seconds)
