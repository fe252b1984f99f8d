#!/usr/bin/env python3
"""The client side of the heartbeat, written from PROTOCOL.md alone. Needs msgpack (Debian: python3-msgpack).

usage: heartbeat.py client|server INTERVAL     speaks the lines of the conformance package over stdio
"""
import json, os, random, selectors, sys, time
import msgpack

U16, U32, WINDOW = 0xFFFF, 0xFFFFFFFF, 128
SUSPECT, DEAD = 2.0, 6.0  # silence in s: free, see "Timing"
LAYOUTS = {  # HB-FRM-4: number, sender, fields, and how many of them must be there
    "ping": (1, "server", [("seq", U16), ("token", U32), ("ack", 127), ("ackHold", U16), ("pongs", 127)], 5),
    "pong": (2, "client", [("seq", U16), ("token", U32), ("hold", U16), ("seen", U32), ("hidden", 1)], 4),
    "hello": (3, "client", [("instance", U32), ("hidden", 1), ("silence", U16)], 2),
    "report": (4, "server", [("state", 4), ("rtt", U16), ("downlink", 1001), ("uplink", 1001)], 4),
    "goodbye": (5, "both", [("cause", 127)], 1),
    "paused": (6, "both", [("cause", 127), ("duration", U32)], 2),
    "resumed": (7, "both", [("cause", 127)], 1),
}
TYPES = {number: name for name, (number, *_) in LAYOUTS.items()}
SCALARS = dict(zip(range(0xCA, 0xD4), [4, 8, 1, 2, 4, 8, 1, 2, 4, 8]))


FrameError = type("FrameError", (Exception,), {})


def skip(data, at, containers):
    """The offset after the value at `at` (HB-FRM-3)."""
    head = data[at] if at < len(data) and containers <= 4 else 0xC1
    end = len(data) + 1
    if head <= 0x7F or head >= 0xE0 or head in (0xC0, 0xC2, 0xC3):
        end = at + 1
    elif head <= 0x9F:
        end = at + 1
        for _ in range((head & 15) * (2 if head <= 0x8F else 1)):
            end = skip(data, end, containers + 1)
    elif head <= 0xBF:
        end = at + 1 + (head & 31)
    elif head in (0xC4, 0xD9) and at + 1 < len(data):
        end = at + 2 + data[at + 1]
    elif head in SCALARS:
        end = at + 1 + SCALARS[head]
    if end > len(data):
        raise FrameError("shape")
    return end


def decode(data, version=1):
    if not 1 <= len(data) <= 64 or data[0] != version:
        raise FrameError("version" if 1 <= len(data) <= 64 else "oversized" if data else "empty")
    if len(data) < 2 or not 0x90 <= data[1] <= 0x9F or skip(data, 1, 0) != len(data):
        raise FrameError("shape")
    values, at = [], 2
    for _ in range(data[1] & 15):
        end = skip(data, at, 1)
        value = None
        if data[at] not in (0xCF, 0xD3):  # HB-FRM-1
            options = {"raw": True, "use_list": False, "strict_map_key": False, "object_pairs_hook": tuple}
            value = msgpack.unpackb(data[at:end], **options)
        isWhole = type(value) is int or (type(value) is float and value.is_integer())
        values.append(int(value) if isWhole else None)
        at = end
    if not values or values[0] not in TYPES:
        raise FrameError("type")
    frame = {"type": TYPES[values[0]]}
    _, _, fields, needed = LAYOUTS[frame["type"]]
    for i, (name, highest) in enumerate(fields, 1):
        if i >= len(values) and i > needed:
            break
        if i >= len(values) or values[i] is None or not 0 <= values[i] <= highest:
            raise FrameError("field")
        frame[name] = values[i]
    return frame


def encode(frame):
    number, _, fields, _ = LAYOUTS[frame["type"]]
    return b"\x01" + msgpack.packb([number] + [frame[name] for name, _ in fields if name in frame])


def is_in(value, low, high, kinds=(int,)):
    return type(value) in kinds and low <= value <= high


class Side:
    """What both sides have: the budget, the states, goodbyes and interruptions."""

    def __init__(self, role, interval):
        self.role, self.interval = role, interval / 1000
        self.state, self.reason, self.was_alive = "pending", "new", False
        self.version, self.open, self.left, self.violated, self.judging = None, False, False, False, False
        self.malformed, self.budget, self.budget_at, self.free = 0, 200.0, time.monotonic(), 0.0
        self.heard, self.returns, self.hidden, self.rtt = 0.0, 0, False, None
        self.own_until = self.peer_until = self.own_since = None
        self.peer_since = 0.0  # a peer that has proven nothing may announce nothing
        self.timers = {}

    def say(self, *words):
        print(*words, flush=True)

    def send(self, **frame):
        if self.open and not self.left and self.version:
            self.say("frame", encode(frame).hex())

    def change(self, state, reason):
        if self.state == "closed" or (state, reason) == (self.state, self.reason):
            return
        self.state, self.reason = state, reason
        self.say("state", state, reason)

    def spend(self, cost):  # HB-SEC-3
        self.budget -= cost
        if self.budget < 0:
            self.violated, self.judging = True, False
            self.change("dead", "protocol-violation")
        return not self.violated

    def receive(self, data):
        now = time.monotonic()
        passed, self.budget_at = now - self.budget_at, now
        self.budget = min(200.0, self.budget + 40 * passed)
        self.free += passed * (4 if self.role == "server" else 30)  # HB-SEC-4
        if self.version is None or self.violated:
            return
        isFree = self.free >= 1
        self.free -= isFree
        if not self.spend((0 if isFree else 1) + len(data) // 64):
            return
        try:
            frame = decode(data)
            if LAYOUTS[frame["type"]][1] == self.role:
                raise FrameError("type")
            self.take(frame, now)
        except FrameError as error:
            self.malformed += 1
            if str(error) != "type":
                self.spend(10)

    def held(self, now):  # HB-PAUSE-5
        return any(until and now < until for until in (self.own_until, self.peer_until))

    def proven(self, needed):  # HB-JUDGE-2
        now = time.monotonic()
        self.heard, self.own_since, self.peer_since = now, None, None
        if self.state == "alive" or not self.judging:
            return
        self.returns += 1
        if self.returns >= needed:
            first = "first-pong" if self.role == "server" else "first-ping"
            self.change("alive", "recovered" if self.was_alive else first)
            self.was_alive, self.returns = True, 0

    def begin(self):
        self.judging, self.heard, self.returns = True, time.monotonic(), 0

    def pause(self, frame, now):
        if frame["cause"] == 2:  # HB-PAUSE-3, HB-PAUSE-4
            self.peer_since = now if self.peer_since is None else self.peer_since
            until = self.peer_since + min(frame["duration"] / 1000, 60)
            self.peer_until = until if until > now else self.peer_until

    def resume(self, frame, now):
        if frame["cause"] == 2 and self.peer_until:
            self.peer_until = None
            self.heard = now

    def judge(self, now, late):
        if late > 0.5:  # HB-JUDGE-4: this process stood still
            self.heard += late
        for name in ("own_until", "peer_until"):
            if getattr(self, name) and now >= getattr(self, name):
                setattr(self, name, None)
                self.heard = now
        if self.judging and self.state in ("alive", "suspect") and not self.held(now):
            silence = now - self.heard - self.interval
            limit = 60 if self.reason == "page-frozen" else DEAD
            if silence > limit:
                self.change("dead", self.reason if self.state == "suspect" else "missed-pings")
            elif silence > SUSPECT and self.state == "alive":
                self.returns = 0
                self.change("suspect", "missed-pings")

    def command(self, word, rest):
        now = time.monotonic()
        if word == "frame":
            self.receive(bytes.fromhex(rest))
        elif word == "decode":
            try:
                self.say("decoded", json.dumps(decode(bytes.fromhex(rest))))
            except FrameError as error:
                self.say("error", error)
        elif word == "encode":
            self.say("encoded", encode(json.loads(rest)).hex())
        elif word == "stats":
            self.say("stats", json.dumps(self.stats()))
        elif word == "degraded":
            if self.state == "alive" and not self.held(now):
                self.change("suspect", "ice-disconnected")
        elif word == "failed":
            self.open = self.judging = False
            self.change("dead", "dtls-failed" if self.role == "server" else "connection-failed")
        elif word == "interrupt":
            self.own_since = self.own_since or now
            self.own_until = self.own_since + int(rest) / 1000
            self.send(type="paused", cause=2, duration=max(0, round((self.own_until - now) * 1000)))
        elif word == "resume":
            if self.own_until:
                self.own_until, self.heard = None, now
                self.send(type="resumed", cause=2)
        elif word in ("close", "switch-off"):
            self.leave(2 if word == "switch-off" else 1)
            self.change("closed", "heartbeat-closed" if word == "switch-off" else "transport-closed")
        else:
            self.say("unsupported", word)

    def leave(self, cause):  # HB-BYE-1
        for _ in range(3):
            self.send(type="goodbye", cause=cause)
        self.left, self.judging, self.goodbye = True, False, cause
        self.timers.clear()


class Client(Side):
    def __init__(self, interval):
        super().__init__("client", interval)
        self.instance, self.hellos, self.goodbye = random.getrandbits(32), 0, None
        self.arrived, self.highest, self.first, self.received, self.answered_at = set(), None, 0, 0, {}

    def take(self, frame, now):
        kind, cause = frame["type"], frame.get("cause")
        if self.left or self.state == "closed":
            if kind == "ping" and self.goodbye is not None:  # HB-BYE-4
                self.say("frame", encode({"type": "goodbye", "cause": self.goodbye}).hex())
        elif kind == "ping":
            self.take_ping(frame, now)
        elif kind == "goodbye":
            self.left, self.judging = True, False
            self.timers.clear()
            self.change(*(("pending", "no-server-half") if cause == 2 else ("dead", "goodbye")))
        elif kind == "paused":
            self.pause(frame, now)
        elif kind == "resumed":
            self.resume(frame, now)

    def take_ping(self, ping, now):
        if self.highest is None:
            self.highest = self.first = ping["seq"]
            seq = ping["seq"]
        else:
            seq = self.highest + (ping["seq"] - self.highest + 32768) % 65536 - 32768  # HB-PING-1
        if seq <= self.highest - WINDOW:  # HB-PING-5
            return
        if seq in self.arrived:
            raise FrameError("field")
        self.highest = max(self.highest, seq)
        self.arrived = {one for one in self.arrived if one > self.highest - 2 * WINDOW} | {seq}
        self.received += 1
        seen = sum(1 << bit for bit in range(32) if seq - 1 - bit in self.arrived)
        self.send(type="pong", seq=ping["seq"], token=ping["token"], hold=0, seen=seen, hidden=int(self.hidden))
        self.answered_at = {one: at for one, at in self.answered_at.items() if one > seq - WINDOW}
        self.answered_at[seq] = now
        answered = self.answered_at.pop(seq - ping["ack"], None) if ping["ack"] and ping["ackHold"] < U16 else None
        if answered is not None:  # HB-RTT-3
            rtt = max(0, now - answered - ping["ackHold"] / 4000)
            self.rtt = rtt if self.rtt is None else 0.875 * self.rtt + 0.125 * rtt
        self.timers.pop("hello", None)
        if not self.judging:
            self.begin()
        self.proven(2 if self.state == "dead" else 1)

    def hello(self):
        self.hellos -= 1
        self.send(type="hello", instance=self.instance, hidden=int(self.hidden))
        if self.hellos > 0:  # HB-HELLO-2
            self.timers["hello"] = time.monotonic() + self.interval

    def due(self, name):
        self.hello()

    def stats(self):
        lost = 0 if self.highest is None else self.highest - self.first + 1 - self.received
        figures = {"lost": lost, "received": self.received, "malformed": self.malformed, "hidden": self.hidden}
        return figures if self.rtt is None else {**figures, "rtt": self.rtt * 1000}

    def offer(self, offer):  # HB-NEG-1, HB-NEG-6
        offer = offer if isinstance(offer, dict) else {}
        versions, stream, interval = offer.get("versions"), offer.get("streamId"), offer.get("interval")
        ok = type(versions) is list and 1 <= len(versions) <= 16 and all(is_in(one, 1, 127) for one in versions)
        if not (ok and is_in(stream, 0, 65534) and is_in(interval, 100, 15000, (int, float))):
            return "no-server-half"
        self.interval = interval / 1000
        return None if 1 in versions else "version-mismatch"

    def command(self, word, rest):
        if word == "offer":
            offer = json.loads(rest)
            declined = self.offer(offer)
            if declined:
                self.change("pending", declined)
                return self.say("declined", declined)
            self.version = 1
            channel = {"id": offer["streamId"], "negotiated": True, "ordered": False, "maxRetransmits": 0}
            self.say("channel", json.dumps({**channel, "label": "mediasoup-heartbeat", "protocol": "mediasoup-heartbeat"}))
            self.say("acceptance", json.dumps({"version": 1}))
        elif word == "open" or (word, rest) == ("page", "restored"):
            self.open, self.left, self.goodbye, self.hellos = True, False, None, 5
            self.hello()
        elif (word, rest) == ("page", "closing"):
            self.leave(0)
        elif word == "page":
            self.hidden = {"hidden": True, "visible": False}.get(rest, self.hidden)
            cause = 0 if rest in ("frozen", "thawed") else 1
            if rest in ("hidden", "frozen"):
                self.send(type="paused", cause=cause, duration=0)
            else:
                self.send(type="resumed", cause=cause)
            self.judging = rest != "frozen" and self.highest is not None
            self.heard = time.monotonic()
        else:
            super().command(word, rest)


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
                side.command(word, arguments)
        now = time.monotonic()
        side.judge(now, now - due)
        for name, at in list(side.timers.items()):
            if now >= at and side.timers.pop(name, None):
                side.due(name)


if __name__ == "__main__":
    if sys.argv[1] == "server":
        from heartbeat_server import Server as Client
    run(Client(int(sys.argv[2])))
