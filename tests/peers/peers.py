"""What the rows share: verdicts, the programs that are judged and that judge, and the demo cloud's control."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.request

#: The world's service principal, which the network's environment names.
PRINCIPAL = {name: os.environ.get(name, "") for name in ("AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET")}
TENANT = PRINCIPAL["AZURE_TENANT_ID"]
#: How long any program may take, in seconds.
PATIENCE = 120


class Refused(Exception):
    """A program ended with a code other than 0."""

    def __init__(self, words, done):
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr
        super().__init__(f"{' '.join(words)}: {done.returncode}: {(done.stdout + done.stderr).strip()}")


def verdict(judge, operation, word, detail=""):
    """Writes one row of the table."""
    with open(3, "w", closefd=False) as table:
        table.write("\t".join([judge, operation, word, " ".join(str(detail).split())[:160]]).rstrip() + "\n")


@contextlib.contextmanager
def row(judge, operation):
    """A row that passes unless what is inside fails; a list it yields takes words for the detail."""
    detail = []
    print(f"== {judge}: {operation}", flush=True)
    try:
        yield detail
    except Exception as why:
        traceback.print_exc(file=sys.stdout)
        verdict(judge, operation, "fail", str(why) or traceback.extract_tb(why.__traceback__)[-1].line)
    else:
        verdict(judge, operation, "pass", ", ".join(detail))


def not_yet(judge, operation, *words):
    """A row for what amlock cannot do yet: it has no such command. Once it has one, the row wants a judge."""
    try:
        amlock_bytes(*words, "--help")
    except Refused as why:
        verdict(judge, operation, "not yet" if why.code == 2 else "fail", f"no `amlock {' '.join(words)}`")
    else:
        verdict(judge, operation, "fail", f"`amlock {' '.join(words)}` is there: judge it")


def run(words, *, env=None, stdin=b"", home=None):
    """Runs a program to its good end and gives its standard output, as bytes. `env` of None values are taken away."""
    around = dict(os.environ)
    if home:
        around.update(HOME=home, AZURE_CONFIG_DIR=os.path.join(home, ".azure"), XDG_CONFIG_HOME=os.path.join(home, ".config"))
    for name, value in (env or {}).items():
        around.pop(name, None) if value is None else around.update({name: value})
    stdin = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(words, input=stdin, env=around, cwd=around["HOME"], capture_output=True, timeout=PATIENCE)
    if done.stderr:
        print(done.stderr.decode(errors="replace"), flush=True)
    if done.returncode:
        done.stdout, done.stderr = done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")
        raise Refused(words, done)
    return done.stdout


def new_home():
    """An empty home: nobody is signed in there."""
    return tempfile.mkdtemp()


def nobody():
    """An environment that names no service principal."""
    return dict.fromkeys(PRINCIPAL)


def az_bytes(*words, **how):
    """What az prints."""
    return run([os.path.join(os.environ["PEERS_CACHE"], "az/bin/az"), *words], **how)


def az(*words, **how):
    """What az prints as JSON."""
    return read_json(az_bytes(*words, "-o", "json", **how))


def az_login(home=None):
    """Signs az in as the world's service principal."""
    return az("login", "--service-principal", "-u", PRINCIPAL["AZURE_CLIENT_ID"], "-p", PRINCIPAL["AZURE_CLIENT_SECRET"],
              "--tenant", TENANT, home=home)


def amlock_bytes(*words, **how):
    """What amlock prints into a pipe."""
    return run([os.environ["AMLOCK_BIN"], *words], **how)


def amlock(*words, **how):
    """What amlock prints as JSON."""
    return read_json(amlock_bytes(*words, "-o", "json", **how))


def read_json(text):
    """JSON, or None where nothing was printed."""
    return json.loads(text) if text.strip() else None


def control(method, path, body=None):
    """Turns the demo cloud's control; see tests/support/face/control.rs."""
    body = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:8080{path}", body, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def quick():
    """The demo answers at once: here it is judged by what it says, not by how long it takes."""
    control("POST", "/latency", {"milliseconds": 2})


def settled(work):
    """What `work` gives as soon as it goes well: a deletion settles for some seconds."""
    for _ in range(40):
        try:
            return work()
        except Exception as why:
            late = why
            time.sleep(0.5)
    raise late


def same(ours, theirs, where=""):
    """Both are the same, field by field; says where they are not."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in sorted({*ours, *theirs}):
            if name not in ours or name not in theirs:
                raise AssertionError(f"{where}.{name}: only in {'theirs' if name not in ours else 'ours'}")
            same(ours[name], theirs[name], f"{where}.{name}")
    elif isinstance(ours, list) and isinstance(theirs, list):
        if len(ours) != len(theirs):
            raise AssertionError(f"{where}: {len(ours)} of ours, {len(theirs)} of theirs")
        for place, (one, other) in enumerate(zip(ours, theirs)):
            same(one, other, f"{where}[{place}]")
    elif ours != theirs:
        raise AssertionError(f"{where}: ours {ours!r}, theirs {theirs!r}")


def refused(words, work):
    """Runs `work`, which must fail and say `words`; gives the failure."""
    try:
        done = work()
    except Exception as why:
        if words not in str(why):
            raise AssertionError(f"refused otherwise: {why}") from why
        return why
    raise AssertionError(f"not refused: {done}")
