"""A WebSocket server of another make: python3 websocket-server.py ADDRESS PORT. Says how connections ended."""

import asyncio
import sys
from http import HTTPStatus

import websockets


async def serve(socket, path):
    if path.startswith("/leave"):
        await socket.close(4002, "closed for today")
        return
    try:
        async for message in socket:
            await socket.send(f"{path} {message}" if isinstance(message, str) else message)
    finally:
        print("closed", socket.close_code, socket.close_reason, flush=True)


async def answer(path, headers):
    if path == "/healthz":
        return HTTPStatus.OK, [], b"ok\n"
    if headers.get("Upgrade", "").lower() != "websocket":
        return HTTPStatus.UPGRADE_REQUIRED, [("Upgrade", "websocket")], b"WebSocket only\n"
    return None


async def main():
    options = {"process_request": answer, "subprotocols": ["chat.contoso"], "max_size": 2**25, "ping_interval": None}
    async with websockets.serve(serve, sys.argv[1], int(sys.argv[2]), **options):
        await asyncio.Future()


asyncio.run(main())
