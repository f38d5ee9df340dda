#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A server that sends its clients their address, and its client.

  peer.py serve PORT                     sends each client its source address, by TCP and UDP, IPv4 and IPv6
  peer.py request ADDRESS PORT           prints the replies by TCP and by UDP; fails after three tries of five seconds
"""
import ipaddress
import selectors
import socket
import sys


def reply_to(address):
    """On a socket for both families, an IPv4 client is ::ffff:a.b.c.d."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    return str(getattr(ip, "ipv4_mapped", None) or ip).encode()


def serve(port):
    waiting = selectors.DefaultSelector()
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        server = socket.socket(socket.AF_INET6, kind)
        server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(("::", port))
        if kind == socket.SOCK_STREAM:
            server.listen(16)
        waiting.register(server, selectors.EVENT_READ)
    while True:
        for key, _ in waiting.select():
            if key.fileobj.type == socket.SOCK_STREAM:
                client, address = key.fileobj.accept()
                client.sendall(reply_to(address[0]))
                client.close()
            else:
                _, address = key.fileobj.recvfrom(64)
                key.fileobj.sendto(reply_to(address[0]), address)


def request_once(kind, address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        client.connect((address, port))
        if kind == "udp":
            client.send(b"address?")
        return client.recv(64).decode()


def request(kind, address, port):
    for _ in range(3):
        try:
            return request_once(kind, address, port)
        except OSError as error:
            reason = error
    sys.exit(f"{kind} {address} {port}: {reason}")


if __name__ == "__main__":
    if sys.argv[1] == "serve":
        serve(int(sys.argv[2]))
    else:
        print(*(request(kind, sys.argv[2], int(sys.argv[3])) for kind in ("tcp", "udp")))
