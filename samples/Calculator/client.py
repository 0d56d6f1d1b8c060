#!/usr/bin/env python3
"""A client in another language, written from src/PROTOCOL.md: calls the calculator and is called back by it."""
import socket
import struct
import sys

import msgpack

CALL, RETURN, ERROR, RELEASE, GOODBYE = 1, 2, 3, 5, 8
ROOT, HANDLER, THREAD = 1, 2, 1


def method_id(signature):
    value = 2166136261
    for byte in signature.encode():
        value = (value ^ byte) * 16777619 & 0xFFFFFFFF
    return value


def send(*elements):
    body = msgpack.packb(elements)
    connection.sendall(struct.pack("<I", len(body)) + body)


def receive():
    length, = struct.unpack("<I", connection.recv(4, socket.MSG_WAITALL))
    return msgpack.unpackb(connection.recv(length, socket.MSG_WAITALL))


def reference(handle):
    return msgpack.ExtType(1, msgpack.packb(handle))


def call(target, signature, *arguments):
    """Calls on our thread, and answers what the server asks meanwhile: it calls our handler on the same thread."""
    global requests
    requests += 1
    send(CALL, 0, THREAD, requests, 0, target, method_id(signature), arguments)
    while True:
        message = receive()
        if message[0] == CALL:
            print(f"Watched {message[7][0]}, inside request {message[4]}.")
            send(RETURN, 0, -message[2], message[3], [])
        elif message[0] == RETURN and message[3] == requests:
            return message[4]
        elif message[0] == ERROR:
            sys.exit(f"{message[5][0]}: {message[5][1]}")
        elif message[0] == GOODBYE:
            sys.exit(message[2])


requests = 0
connection = socket.socket(socket.AF_UNIX)
connection.connect(sys.argv[1] if len(sys.argv) > 1 else "calc.sock")
send(0, "multiprocess", 1, 0, None, 0, "Calc.ICalculator", 0, 65536)
hello = receive()
if hello[0] == GOODBYE:
    sys.exit(hello[2])
print(f"The server serves {hello[4]}.")

print("2 + 3 =", call(ROOT, "Add(System.Int32,System.Int32):System.Int32", 2, 3)[0])
subscription, = call(ROOT, "Watch(System.Action<System.Int32>):System.IDisposable", reference(HANDLER))
handle = msgpack.unpackb(subscription.data)
print("7 / 2 =", call(ROOT, "TryDivide(System.Int32,System.Int32,out System.Int32):System.Boolean", 7, 2))
call(handle, "Dispose():System.Void")
send(RELEASE, handle, 1)
print("4 + 5 =", call(ROOT, "Add(System.Int32,System.Int32):System.Int32", 4, 5)[0])
send(GOODBYE, 0, "")
