"""The server side of a heartbeat, written from PROTOCOL.md alone."""
import secrets, time
from frames import U16, FrameError
from side import WINDOW, Side, is_in

GIVEN_UP = 3.0
STATES = ["pending", "alive", "suspect", "dead", "closed"]


class Server(Side):
    def __init__(self, *arguments):
        super().__init__("server", *arguments)
        self.next, self.pings, self.last_pong, self.pongs, self.late = 0, {}, None, 0, 0
        self.instance, self.proof_from, self.outages = None, 0.0, 0
        self.descriptor = {"versions": [1], "streamId": 7, "interval": arguments[0]}

    def change(self, state, reason):
        before = (self.state, self.reason)
        super().change(state, reason)
        if before != (self.state, self.reason):
            self.report()

    def report(self):  # HB-REPORT-1
        down, up = self.loss()
        share = lambda loss: 1001 if loss is None else round(loss * 1000)
        rtt = U16 if self.rtt is None else min(U16, round(self.rtt * 4000))
        if self.judging:
            self.timers["report"] = time.monotonic() + 5
            state = STATES.index(self.state)
            self.send(type="report", state=state, rtt=rtt, downlink=share(down), uplink=share(up))

    def ping(self):
        now = time.monotonic()
        is_missed = self.state == "alive" and now - self.heard > 2 * self.interval
        self.timers["ping"] = now + (max(0.05, self.interval / 10) if is_missed else self.interval)  # HB-PING-4
        token, ack, ack_hold = secrets.randbits(32), 0, U16  # HB-PING-2
        if self.last_pong:  # HB-PING-3
            ack, ack_hold = self.next - self.last_pong[0], min(U16, round((now - self.last_pong[1]) * 4000))
        fate = {"answered": False, "arrived": None, "lost": False, "void": False}
        self.pings[self.next] = {"token": token, "at": now, **fate}
        self.free += 1  # HB-SEC-4
        fields = {"seq": self.next % 65536, "token": token, "ack": ack if ack <= 127 else 0}
        self.send(type="ping", **fields, ackHold=ack_hold, pongs=self.pongs % 128)
        self.next += 1

    def restart(self):
        if self.version and self.open and not self.violated and self.state != "closed":
            self.begin()
            self.ping()
            self.timers.setdefault("report", time.monotonic() + 5)

    def take(self, frame, now):
        kind, cause = frame["type"], frame.get("cause")
        if self.state == "closed":
            return
        if kind == "pong":
            self.take_pong(frame, now)
        elif kind == "hello":
            self.hidden = frame["hidden"] == 1
            if self.instance not in (None, frame["instance"]):  # HB-HELLO-4
                for ping in self.pings.values():
                    ping["void"] = True
            self.instance = frame["instance"]
            is_missed = now - self.heard > self.interval + (self.rtt or 0)
            if "silence" in frame and self.judging and is_missed and self.state in ("alive", "suspect") and not self.held(now):
                self.returns = 0
                self.change("suspect", "downlink-lost")  # HB-JUDGE-5
            if not self.judging or self.state == "pending":
                self.restart()
        elif kind == "goodbye":
            if not self.judging or self.spend(10):
                self.judging, self.proof_from = False, now
                self.timers.clear()
                self.change(*(("pending", "no-client-half") if cause == 2 else ("dead", "goodbye")))
        elif kind == "paused" and cause == 1 or kind == "resumed" and cause == 1:
            self.hidden = kind == "paused"
        elif kind == "paused" and cause == 0:
            if self.judging and self.peer_since is None and self.spend(10):
                self.peer_since = self.proof_from = now
                self.change("suspect", "page-frozen")
        elif kind == "resumed" and cause == 0:
            if self.reason == "page-frozen":
                self.restart()
        elif kind == "paused":
            self.pause(frame, now)
        else:
            self.resume(frame, now)

    def take_pong(self, frame, now):
        seq = self.next - 1 - (self.next - 1 - frame["seq"]) % 65536  # the latest ping of that number
        ping = self.pings.get(seq)
        if ping is None or seq < self.next - WINDOW:
            if 0 <= seq < self.next - WINDOW:
                return
            raise FrameError("field")
        if ping["token"] != frame["token"] or ping["answered"]:
            raise FrameError("field")
        ping["answered"] = True
        self.pongs += 1
        for bit in range(32):  # HB-PONG-3
            if seq - 1 - bit in self.pings:
                arrived = bool(frame["seen"] >> bit & 1)
                before = self.pings[seq - 1 - bit]
                before["arrived"] = before["arrived"] or arrived
        elapsed = now - ping["at"]
        rtt = elapsed - min(frame["hold"] / 4000, 0.1, elapsed)  # HB-RTT-2
        if ping["lost"]:  # HB-LOSS-2, HB-RTT-4
            self.late += 1
        else:
            self.rtt = rtt if self.rtt is None else 0.875 * self.rtt + 0.125 * rtt
        if self.last_pong is None or seq > self.last_pong[0]:
            self.last_pong = (seq, now)
            self.hidden = frame.get("hidden", self.hidden) == 1
        if self.judging and ping["at"] >= self.proof_from:
            self.proven(2 if self.state in ("suspect", "dead") else 1)

    def decided(self):
        """The pings of which it is known what became of them, without outages (HB-LOSS-1, HB-LOSS-5)."""
        now, outages, decided, run = time.monotonic(), 0, [], []
        for seq in sorted(self.pings):
            ping = self.pings[seq]
            if ping["void"] or now - ping["at"] < GIVEN_UP:
                continue
            ping["lost"] = not ping["answered"]
            if not ping["answered"]:
                run.append(ping)
                continue
            is_outage = len(run) >= 8 and ping["at"] - run[0]["at"] >= 1
            outages += is_outage
            decided += ([] if is_outage else run) + [ping]
            run = []
        self.outages = outages
        return decided + ([] if len(run) >= 8 else run)

    def loss(self):  # HB-LOSS-3
        decided = self.decided()
        up = sum(not ping["answered"] and ping["arrived"] is True for ping in decided)
        down = sum(not ping["answered"] and ping["arrived"] is False for ping in decided)
        came = sum(ping["answered"] for ping in decided)
        return down / (came + up + down) if came + up + down else None, up / (came + up) if came + up else None

    def stats(self):
        downlink, uplink = self.loss()
        figures = {"downlink": downlink, "uplink": uplink, "rtt": self.rtt and self.rtt * 1000, "received": self.pongs}
        figures.update(late=self.late, lost=sum(ping["lost"] and not ping["answered"] for ping in self.pings.values()))
        figures.update(outages=self.outages, malformed=self.malformed, hidden=self.hidden)
        return {name: value for name, value in figures.items() if value is not None}

    def due(self, name):
        if name == "ping" and self.judging:
            self.pings.pop(self.next - 1200, None)  # two minutes at the shortest interval
            self.ping()
        elif name == "report" and self.judging:
            self.report()

    def accepted(self, acceptance):  # HB-NEG-7
        version = acceptance.get("version") if isinstance(acceptance, dict) else None
        if not is_in(version, 1, 127) or version != 1:
            self.change("pending", "version-mismatch" if is_in(version, 1, 127) else "no-client-half")
        else:
            self.version = version
            self.restart()

    def start(self):  # The channel is open
        self.open = True
        self.restart()
