#!/usr/bin/env python3
"""Connects the two sides to the conformance package: its lines over stdio.

usage: heartbeat.py client|server INTERVAL
"""
import json, os, selectors, sys, time
from client import Client
from frames import FrameError, decode, encode
from server import Server


def say(*words):
    print(*words, flush=True)


def command(side, word, rest):
    actions = {
        "frame": lambda: side.receive(bytes.fromhex(rest)),
        "encode": lambda: say("encoded", encode(json.loads(rest)).hex()),
        "stats": lambda: say("stats", json.dumps(side.stats())),
        "accept": lambda: side.accepted(json.loads(rest)),
        "open": side.start,
        "degraded": side.degrade,
        "failed": side.fail,
        "interrupt": lambda: side.interrupt(int(rest)),
        "resume": side.go_on,
        "close": lambda: side.close(is_switched_off=False),
        "switch-off": lambda: side.close(is_switched_off=True),
    }
    if word == "offer":
        channel, declined = side.accept(json.loads(rest))
        if declined:
            return say("declined", declined)
        say("channel", json.dumps(channel))
        say("acceptance", json.dumps({"version": 1}))
    elif word == "page" and rest in ("closing", "restored"):
        side.leave(0) if rest == "closing" else side.start()
    elif word == "page":
        side.page(rest)
    elif word == "decode":
        try:
            say("decoded", json.dumps(decode(bytes.fromhex(rest))))
        except FrameError as error:
            say("error", error)
    else:
        actions.get(word, lambda: say("unsupported", word))()


def run(side):
    selector, rest = selectors.DefaultSelector(), b""
    selector.register(0, selectors.EVENT_READ)
    while True:
        now = time.monotonic()
        due = min([now + 0.1, *side.timers.values()])
        if selector.select(max(0, due - now)):  # what has arrived is read before anybody is judged
            data = os.read(0, 65536)
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                word, _, arguments = line.decode().strip().partition(" ")
                command(side, word, arguments)
        now = time.monotonic()
        side.judge(now, now - due)
        for name, at in list(side.timers.items()):
            if now >= at and side.timers.pop(name, None):
                side.due(name)


if __name__ == "__main__":
    kind = Server if sys.argv[1] == "server" else Client
    side = kind(int(sys.argv[2]), lambda data: say("frame", data.hex()), lambda *words: say("state", *words))
    if kind is Server:
        say("offer", json.dumps(side.descriptor))
    run(side)
