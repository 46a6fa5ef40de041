#!/usr/bin/env python3
"""A slow line on loopback: a TCP proxy that delays, carries so many bytes a second each way, and can be cut or fall silent.

    line.py ADDRESS LISTEN TARGET DELAY RATE        ports; seconds one way; bytes a second, 0 for no limit
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys

#: What a line with a rate takes at a time: little enough that what follows is late by its own length only.
PIECE = 128


async def carry(reader, writer, delay, rate):
    """One direction: everything arrives in its order, and no sooner than the line allows."""
    clock = asyncio.get_running_loop().time
    under_way = asyncio.Queue()

    async def arrive():
        while True:
            when, data = await under_way.get()
            await asyncio.sleep(max(0, when - clock()))
            if not data:
                return writer.write_eof()
            writer.write(data)
            await writer.drain()

    arriving = asyncio.create_task(arrive())
    free = 0
    while True:
        data = await reader.read(PIECE if rate else 65536)
        if rate:
            free = max(free, clock()) + len(data) / rate
            await asyncio.sleep(max(0, free - clock()))
        under_way.put_nowait((clock() + delay, data))
        if not data:
            return await arriving


async def connect(target, delay, rate, near_reader, near_writer):
    far_reader, far_writer = await asyncio.open_connection("127.0.0.1", target, limit=PIECE if rate else 65536)
    for writer in (near_writer, far_writer):
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    directions = carry(near_reader, far_writer, delay, rate), carry(far_reader, near_writer, delay, rate)
    await asyncio.gather(*directions, return_exceptions=True)
    near_writer.close()
    far_writer.close()


async def serve(address, listen, target, delay, rate):
    def accept(reader, writer):
        return connect(target, delay, rate, reader, writer)

    server = await asyncio.start_server(accept, address, listen, limit=PIECE if rate else 65536)
    print("ready", flush=True)
    await server.serve_forever()


class Line:
    """A line in a process of its own, to be used in a `with`."""

    def __init__(self, listen, target, delay=0.0, rate=0, address="127.0.0.1"):
        self.port = listen
        words = [sys.executable, __file__, *map(str, (address, listen, target, delay, rate))]
        self.proxy = subprocess.Popen(words, stdout=subprocess.PIPE)
        assert self.proxy.stdout.readline() == b"ready\n"

    def cut(self):
        """Both ends are told that there is no line any more."""
        self.proxy.kill()
        self.proxy.wait()

    def fall_silent(self):
        """Nothing is carried any more, and nobody is told."""
        os.kill(self.proxy.pid, signal.SIGSTOP)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.cut()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), int(sys.argv[5])))
