"""The client side of a heartbeat, written from PROTOCOL.md alone."""
import random, time
from frames import U16, FrameError, encode
from side import WINDOW, Side, is_in


class Client(Side):
    def __init__(self, *arguments):
        super().__init__("client", *arguments)
        self.instance, self.hellos, self.goodbye = random.getrandbits(32), 0, None
        self.arrived, self.highest, self.first, self.received, self.answered_at = set(), None, 0, 0, {}

    def take(self, frame, now):
        kind, cause = frame["type"], frame.get("cause")
        if self.left or self.state == "closed":
            if kind == "ping" and self.goodbye is not None:  # HB-BYE-4
                self.send_bytes(encode({"type": "goodbye", "cause": self.goodbye}))
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

    def accept(self, offer):  # The options of the DataChannel, or why the offer is declined
        declined = self.offer(offer)
        if declined:
            self.change("pending", declined)
            return None, declined
        self.version = 1
        names = {"label": "mediasoup-heartbeat", "protocol": "mediasoup-heartbeat"}
        return {"id": offer["streamId"], "negotiated": True, "ordered": False, "maxRetransmits": 0, **names}, None

    def start(self):  # The channel is open, or the page is back
        self.open, self.left, self.goodbye, self.hellos = True, False, None, 5
        self.hello()

    def page(self, event):  # HB-PAUSE-1, HB-PAUSE-2
        self.hidden = {"hidden": True, "visible": False}.get(event, self.hidden)
        kind, duration = ("paused", {"duration": 0}) if event in ("hidden", "frozen") else ("resumed", {})
        self.send(type=kind, cause=0 if event in ("frozen", "thawed") else 1, **duration)
        self.judging = event != "frozen" and self.highest is not None
        self.heard = time.monotonic()
