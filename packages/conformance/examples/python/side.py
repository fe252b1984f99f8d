"""What both sides of a heartbeat have: the budget, the states, goodbyes and interruptions."""
import time
from frames import LAYOUTS, U16, FrameError, decode, encode

WINDOW = 128
SUSPECT, DEAD = 2.0, 6.0  # silence in s: free, see "Timing"


def is_in(value, low, high, kinds=(int,)):
    return type(value) in kinds and low <= value <= high


class Side:
    def __init__(self, role, interval, send_bytes, tell_state):
        self.role, self.interval = role, interval / 1000
        self.send_bytes, self.tell_state = send_bytes, tell_state
        self.state, self.reason, self.was_alive = "pending", "new", False
        self.version, self.open, self.left, self.violated, self.judging = None, False, False, False, False
        self.malformed, self.budget, self.budget_at, self.free = 0, 200.0, time.monotonic(), 0.0
        self.heard, self.returns, self.hidden, self.rtt = 0.0, 0, False, None
        self.own_until = self.peer_until = self.own_since = None
        self.peer_since = 0.0  # a peer that has proven nothing may announce nothing
        self.timers = {}

    def send(self, **frame):
        if self.open and not self.left and self.version:
            self.send_bytes(encode(frame))

    def change(self, state, reason):
        if self.state == "closed" or (state, reason) == (self.state, self.reason):
            return
        self.state, self.reason = state, reason
        self.tell_state(state, reason)

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
        is_free = self.free >= 1
        self.free -= is_free
        if not self.spend((0 if is_free else 1) + len(data) // 64):
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

    def degrade(self):  # ICE is disconnected
        if self.state == "alive" and not self.held(time.monotonic()):
            self.change("suspect", "ice-disconnected")

    def fail(self):  # The connection has failed
        self.open = self.judging = False
        self.change("dead", "dtls-failed" if self.role == "server" else "connection-failed")

    def interrupt(self, duration):  # HB-PAUSE-3
        now = time.monotonic()
        self.own_since = self.own_since or now
        self.own_until = self.own_since + duration / 1000
        self.send(type="paused", cause=2, duration=max(0, round((self.own_until - now) * 1000)))

    def go_on(self):
        if self.own_until:
            self.own_until, self.heard = None, time.monotonic()
            self.send(type="resumed", cause=2)

    def close(self, is_switched_off):
        self.leave(2 if is_switched_off else 1)
        self.change("closed", "heartbeat-closed" if is_switched_off else "transport-closed")

    def leave(self, cause):  # HB-BYE-1
        for _ in range(3):
            self.send(type="goodbye", cause=cause)
        self.left, self.judging, self.goodbye = True, False, cause
        self.timers.clear()
