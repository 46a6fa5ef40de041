"""A program in a pseudo-terminal, shown by a terminal nobody here wrote (pyte): what a person would see of it, and type."""

import copy
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

import pyte

PATIENCE = 30  # seconds; ten times what is good, for busy machines


class Screen(pyte.Screen):
    """pyte has one screen only; this adds the second one that full-screen programs turn to."""

    ALTERNATE = 1049

    def set_mode(self, *modes, **kwargs):
        if self.ALTERNATE in modes and kwargs.get("private") and not self.is_alternate():
            self.main = copy.deepcopy(self.buffer), copy.copy(self.cursor)
            self.buffer.clear()
        super().set_mode(*modes, **kwargs)

    def reset_mode(self, *modes, **kwargs):
        was_alternate = self.is_alternate()
        super().reset_mode(*modes, **kwargs)
        if was_alternate and not self.is_alternate():
            self.buffer, self.cursor = self.main
            self.dirty.update(range(self.lines))

    def is_alternate(self):
        return self.ALTERNATE << 5 in self.mode


class Terminal:
    """One program, started at once. Nothing is read from it but while something is waited for."""

    def __init__(self, words, size=(100, 30)):
        self.heard = bytearray()
        self.screen = Screen(*size)
        self.screen.write_process_input = self.press
        self.stream = pyte.ByteStream(self.screen)
        self.process, self.line = pty.fork()
        if self.process == 0:
            self._set_size(0, size)
            os.execvp(words[0], words)
        self._set_size(self.line, size)

    @staticmethod
    def _set_size(descriptor, size):
        fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

    def resize(self, size):
        self.screen.resize(size[1], size[0])
        self._set_size(self.line, size)

    def press(self, keys):
        os.write(self.line, keys.encode())

    def shown(self):
        return "\n".join(row.rstrip() for row in self.screen.display).rstrip()

    def see(self, text, within=PATIENCE):
        """Waits until the text is shown; gives the seconds it took."""
        return self.until(lambda: text in self.shown(), f"{text!r}", within)

    def see_no(self, text, within=PATIENCE):
        return self.until(lambda: text not in self.shown(), f"no {text!r}", within)

    def hear(self, wanted, within=PATIENCE):
        """Waits for bytes, wherever a terminal would put them."""
        return self.until(lambda: wanted in self.heard, f"{wanted!r} among what was written", within)

    def until(self, holds, what, within=PATIENCE):
        begun = time.monotonic()
        while not holds():
            # What came while this machine stood still is heard before anybody is blamed.
            alive = self.listen(max(begun + within - time.monotonic(), 0.2))
            assert alive or holds(), f"in {time.monotonic() - begun:.1f} s there was not {what}, but\n{self.shown()}"
        return time.monotonic() - begun

    def rest(self, seconds):
        """Listens for so long; gives the number of bytes that came."""
        before, end = len(self.heard), time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self.listen(left):
            pass
        return len(self.heard) - before

    def listen(self, seconds):
        """Takes what is written next; false where nothing will be any more, or nothing was in time."""
        if not select.select([self.line], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.line, 65536)
        except OSError:  # how Linux says that nobody has the other end
            return False
        self.heard += data
        self.stream.feed(data)
        return bool(data)

    def state(self):
        """All that a program can leave behind that the next one would suffer from."""
        modes = {mode >> 5 or mode for mode in self.screen.mode}
        scrolls_whole = self.screen.margins in (None, (0, self.screen.lines - 1))
        return sorted(modes), scrolls_whole, termios.tcgetattr(self.line)[:4]

    def end(self, within=PATIENCE):
        """Waits for the program's end; gives its exit code, or the negative number of the signal that ended it."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            done, status = os.waitpid(self.process, os.WNOHANG)
            if done:
                # Its last words may still be on their way here.
                while self.listen(0.1):
                    pass
                return os.waitstatus_to_exitcode(status)
            self.listen(0.02)
        raise AssertionError(f"still running after {within} s:\n{self.shown()}")

    def close(self):
        """The window is closed: the program loses its terminal."""
        if self.line is not None:
            os.close(self.line)
            self.line = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            if os.waitpid(self.process, os.WNOHANG)[0] == 0:
                os.kill(self.process, signal.SIGKILL)
                os.waitpid(self.process, 0)
        except ChildProcessError:
            pass  # it has ended before
        self.close()


def processes(wanted):
    """The running processes, with their names, of those that have the wanted status: a dictionary with `Uid` and `PPid`."""
    found = {}
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{process}/status") as lines:
                fields = dict(line.split(":", 1) for line in lines)
        except (FileNotFoundError, ProcessLookupError):
            continue  # it has ended while we looked
        status = {name: int(fields[name].split()[0]) for name in ("Uid", "PPid")}
        if "Z" not in fields["State"] and wanted(status):
            found[int(process)] = fields["Name"].strip()
    return found
