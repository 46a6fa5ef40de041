"""What a person does on amlock's screen, and how it must be left."""

from contextlib import contextmanager

from openssh import PROMPT
from peers import row

COMMAND = "amlock -w ws-vision"
LIST = "amlock secret list -w ws-vision -o table"
#: What the world keeps as `db-password`, and how each of its endpoint keys begins.
VALUE = "Correct-Horse-Demo-Only-42"
KEY = "demo-only-"


def start(terminal):
    """Types amlock's name into a shell; gives the seconds until its list is there."""
    terminal.press(f"{COMMAND}\r")
    return terminal.see(" 148 ")


def find(terminal):
    """To the password by a filter."""
    terminal.press("/dbpass")
    terminal.see("1 of 148")
    terminal.press("\r")
    terminal.see("⏎ reveal")


def reveal(terminal):
    terminal.press("\r")
    return terminal.see(VALUE)


def hide(terminal):
    terminal.press("\x1b")
    return terminal.see_no(VALUE)


def to_the_value(terminal):
    """From the shell to the password on the screen."""
    start(terminal)
    find(terminal)
    return reveal(terminal)


def main_job(terminal):
    """From the shell to a secret's value and an endpoint's key, and none of them on the screen any more."""
    to_the_value(terminal)
    hide(terminal)
    endpoint_key(terminal)


def taken_back(terminal):
    """After a copy: waits until the terminal is told to hold something else; gives the seconds."""
    copied = len(terminal.heard)
    took = terminal.until(lambda: b"\x1b]52;" in terminal.heard[copied:], "a copy that takes the first one back", 40)
    assert 25 < took < 35, f"taken back after {took:.1f} s"
    return took


def endpoint_key(terminal):
    """To an endpoint's key and back."""
    terminal.press("4")
    terminal.see("keys or token")
    while "› churn-online" not in terminal.shown():
        terminal.press("j")
        terminal.rest(0.1)
    terminal.press("\r")
    terminal.see("••••")
    assert KEY not in terminal.shown(), "keys come masked"
    terminal.press("\r")
    terminal.see(KEY)
    terminal.press("\x1b")
    terminal.see_no(KEY)


@contextmanager
def session(judge, operation, host, **login):
    """A row in a login of its own, from the first prompt to the next: all is given back, and nothing left running."""
    host.clear()
    with row(judge, operation) as detail:
        with host.log_in(**login) as terminal, given_back(terminal):
            yield terminal, detail
        host.is_left_alone()


@contextmanager
def given_back(terminal):
    """What happens inside, from one prompt to the next, leaves the terminal as it was and nothing shown on it."""
    modes_of_the_line = stty(terminal)
    before = terminal.state()
    yield
    terminal.until(lambda: terminal.shown().endswith(PROMPT), "a prompt")
    terminal.rest(0.2)
    assert terminal.state() == before, f"{terminal.state()} are not {before}"
    assert not any(secret in terminal.shown() for secret in (VALUE, KEY)), terminal.shown()
    assert stty(terminal) == modes_of_the_line


def stty(terminal):
    """The modes of the line that the shell has, as it tells them."""
    terminal.press("clear; stty -g\r")
    terminal.until(lambda: terminal.shown().count(":") > 30 and terminal.shown().endswith(PROMPT), "its modes")
    return terminal.shown().splitlines()[0]
