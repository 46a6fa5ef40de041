"""OpenSSH on loopback: a server, and somebody with an account, a home and amlock there."""

import os
import pathlib
import shlex
import shutil
import signal
import subprocess
import time

from terminals import PATIENCE, Terminal, processes

PORT = 2222
#: What a login finds in its environment, as a person would have put it into a profile.
EXPORTED = ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "LANG")
PROMPT = "alex$"


class Host:
    """The server and the account, to be used in a `with`. Their files are their own; all others are the machine's."""

    def __init__(self, *settings):
        self.user = 200_000 + os.getpid()
        # Seen in this network's mount namespace only, and gone with it; so is what the server writes down about logins.
        for folder in ("/run", "/var/log"):
            subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", folder], check=True)
        self.home = pathlib.Path("/run/alex")
        self.keys = pathlib.Path("/run/keys")
        self._make_account()
        self._start_server(settings)

    def _make_account(self):
        for folder in (self.home, self.home / "bin", self.home / ".ssh", self.keys):
            folder.mkdir(mode=0o700)
        shutil.copy(os.environ["AMLOCK_BIN"], self.home / "bin/amlock")
        shutil.copy(os.environ["SSL_CERT_FILE"], self.home / "ca.pem")
        exports = {name: os.environ[name] for name in EXPORTED}
        exports |= {"SSL_CERT_FILE": f"{self.home}/ca.pem", "PATH": f"{self.home}/bin:{os.environ['PATH']}"}
        exports |= {"TMUX_TMPDIR": str(self.home)}  # nothing of ours into the machine's /tmp
        lines = [f"export {name}={shlex.quote(value)}" for name, value in exports.items()]
        (self.home / ".bashrc").write_text("\n".join([*lines, f"PS1={shlex.quote(PROMPT)}' '", ""]))
        (self.home / ".bash_profile").write_text(". ~/.bashrc\n")
        for name in ("host", "alex"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.keys / name], check=True)
        shutil.copy(self.keys / "alex.pub", self.home / ".ssh/authorized_keys")
        for path in (self.home, *self.home.rglob("*")):
            os.chown(path, self.user, self.user)
        passwd = pathlib.Path("/etc/passwd").read_text() + f"alex:*:{self.user}:{self.user}::{self.home}:/bin/bash\n"
        (self.keys / "passwd").write_text(passwd)
        subprocess.run(["mount", "--bind", self.keys / "passwd", "/etc/passwd"], check=True)

    def _start_server(self, settings):
        os.mkdir("/run/sshd", mode=0o755)
        settings = [f"Port {PORT}", "ListenAddress 127.0.0.1", f"HostKey {self.keys}/host", "PidFile none", "UsePAM no",
                    "PasswordAuthentication no", "PrintMotd no", *settings]
        (self.keys / "sshd_config").write_text("\n".join(settings) + "\n")
        self.server = subprocess.Popen([shutil.which("sshd"), "-D", "-e", "-f", self.keys / "sshd_config"])
        words = self.words("true")
        end = time.monotonic() + PATIENCE
        while subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True).returncode:
            assert time.monotonic() < end, "the server lets nobody in"
            time.sleep(0.05)

    def words(self, *command, port=PORT, options=()):
        """The words that run a command there, or a login shell."""
        settings = ["StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR", "IdentitiesOnly=yes"]
        settings = [word for setting in settings for word in ("-o", setting)]
        return ["ssh", "-F", "none", *settings, "-i", str(self.keys / "alex"), "-p", str(port), *options, "alex@127.0.0.1", *command]

    def run(self, *words):
        """What a command prints there, without a terminal."""
        done = subprocess.run(self.words(shlex.join(words)), stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert done.returncode == 0, f"{words}: {done}"
        return done.stdout

    def log_in(self, port=PORT, size=(100, 30)):
        """A terminal in which somebody has logged in."""
        terminal = Terminal(self.words(port=port), size=size)
        terminal.see(PROMPT)
        return terminal

    def running(self):
        """What runs of the account's, and the server's part of its connections."""
        return processes(lambda status: status["Uid"] == self.user or status["PPid"] == self.server.pid)

    def is_left_alone(self, within=1):
        """Waits until nothing of the account runs any more; gives the seconds it took."""
        begun = time.monotonic()
        while left := self.running():
            assert time.monotonic() < begun + within, f"left running after {within} s: {left}"
            time.sleep(0.01)
        return time.monotonic() - begun

    def clear(self):
        """Ends what a row that failed has left."""
        for process in self.running():
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass  # another one's end has ended it

    def amlock(self):
        """The process of the amlock that runs there."""
        found = [process for process, name in self.running().items() if name == "amlock"]
        assert len(found) == 1, f"one amlock, but there are {found}"
        return found[0]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.terminate()
        self.server.wait()
