"""Answers HTTPS in a process of its own, directly and as if it were far away: the stage of ``connections``."""

import asyncio
import ssl
from contextlib import suppress
from pathlib import Path

TLS = Path(__file__).parents[1] / "data" / "tls"
DISTANCE = 0.05
"""Seconds from here to the far address, in one direction."""
BODY = b'{"ok":true,"channel":"C0ESCAL","ts":"1764300000.000100"}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n%s"


async def serve() -> None:
    """Print the two ports, and answer until the process is ended."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "server.pem")
    near = await asyncio.start_server(_answer, "127.0.0.1", 0, ssl=context)
    port = near.sockets[0].getsockname()[1]

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(2 * DISTANCE)  # a connection is there after its first packet came back
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(_carry(reader, inner_writer), _carry(inner_reader, writer))

    far = await asyncio.start_server(relay, "127.0.0.1", 0)
    print(port, far.sockets[0].getsockname()[1], flush=True)
    await near.serve_forever()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer each request of a connection, and end it when the caller wants no other."""
    with suppress(asyncio.IncompleteReadError, ConnectionError):  # the caller is gone
        while head := (await reader.readuntil(b"\r\n\r\n")).decode().lower():
            lines = dict(line.split(": ", 1) for line in head.splitlines()[1:] if ": " in line)
            await reader.readexactly(int(lines.get("content-length", 0)))
            last = lines.get("connection") == "close"
            writer.write(ANSWER % (len(BODY), b"Connection: close\r\n" if last else b"", BODY))
            await writer.drain()
            if last:
                break
    writer.close()


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Carry bytes, each for as long as the way is."""
    loop = asyncio.get_running_loop()
    with suppress(ConnectionError):  # the caller is gone
        while content := await reader.read(65536):
            loop.call_later(DISTANCE, writer.write, content)
    loop.call_later(DISTANCE, writer.close)


if __name__ == "__main__":
    asyncio.run(serve())
