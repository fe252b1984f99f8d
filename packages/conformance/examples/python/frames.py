"""Frames as bytes: "Frames" in PROTOCOL.md. Needs msgpack (Debian: python3-msgpack)."""
import msgpack

U16, U32 = 0xFFFF, 0xFFFFFFFF
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


def skip(data, at, containers):  # The offset after the value at `at` (HB-FRM-3)
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
        is_whole = type(value) is int or (type(value) is float and value.is_integer())
        values.append(int(value) if is_whole else None)
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
