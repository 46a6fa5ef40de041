"""What a process may try on another one of its user: prints which ways led somewhere. Argument: the other one's id."""

import ctypes
import glob
import os
import shutil
import subprocess
import sys
import tempfile

pid = int(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)


def maps():
    return open(f"/proc/{pid}/maps").read()


def environ():
    return open(f"/proc/{pid}/environ", "rb").read()


def descriptors():
    return os.listdir(f"/proc/{pid}/fd")


def memory():
    # Where nothing is known of its addresses, opening it is what is tried.
    with open(f"/proc/{pid}/mem", "rb", 0) as memory:
        memory.seek(int(maps().split("-")[0], 16))
        return memory.read(16)


class Piece(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


def reading_across():
    try:
        address = int(maps().split("-")[0], 16)
    except OSError:
        address = 0x10000
    buffer = ctypes.create_string_buffer(16)
    mine, theirs = Piece(ctypes.addressof(buffer), 16), Piece(address, 16)
    return libc.process_vm_readv(pid, ctypes.byref(mine), 1, ctypes.byref(theirs), 1, 0) == 16


def tracing():
    seize, detach = 0x4206, 17
    if libc.ptrace(seize, pid, None, None) != 0:
        return False
    libc.ptrace(detach, pid, None, None)
    return True


def dump():
    if not shutil.which("gcore"):
        return False
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["gcore", "-o", folder + "/core", str(pid)], capture_output=True, timeout=60)
        return glob.glob(folder + "/core*")


for way in (maps, environ, descriptors, memory, reading_across, tracing, dump):
    try:
        if way():
            print(way.__name__)
    except OSError:
        pass
