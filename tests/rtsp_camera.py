"""The RTSP camera itself, for the system's Python, which has gi: H.264 on 127.0.0.1, stamped as in tests.mjpeg.

    /usr/bin/python3 rtsp_camera.py [--port 0] [--fps 30] [--size 640x480] [--gop 30] [--terse]
                                    [--user NAME --password WORD]

Prints its port, then serves /cam until it is killed. All clients share one encoder, as on a real camera.
"""

import argparse
import struct
import time
from itertools import count

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

BLOCKS = 32
BLACK, WHITE = b"\x10", b"\xeb"


class Source:
    """Pictures in I420: a gray ramp with the number and the moment in blocks on top, one each time appsrc asks."""

    def __init__(self, width, height, fps):
        self._width, self._side, self._step_ns = width, width // BLOCKS, round(1e9 / fps)
        ramp = bytes(40 + column * 160 // width for column in range(width))
        self._rest = ramp * (height - 3 * self._side) + b"\x80" * (width * height // 2)
        self._numbers = count()
        self._due_ns = time.monotonic_ns()

    def push(self, appsrc, _wanted):
        time.sleep(max(0, self._due_ns - time.monotonic_ns()) / 1e9)
        t_ns = time.monotonic_ns()
        self._due_ns = max(self._due_ns + self._step_ns, t_ns - 200_000_000)
        rows = (self._row(word) for word in struct.unpack(">III", struct.pack(">IQ", next(self._numbers), t_ns)))
        appsrc.emit("push-buffer", Gst.Buffer.new_wrapped(b"".join(rows) + self._rest))

    def _row(self, word):
        line = b"".join((WHITE if bit == "1" else BLACK) * self._side for bit in f"{word:032b}")
        return line.ljust(self._width, BLACK) * self._side


TERSE = (
    "! capssetter name=pay0 replace=true join=false caps=application/x-rtp,media=video,payload=96,clock-rate=90000,"
    "encoding-name=H264"
)


def pipeline(width, height, fps, gop, terse):
    payloader = f"rtph264pay pt=96 config-interval=-1 {TERSE if terse else 'name=pay0'}"
    return (
        "( appsrc name=source is-live=true do-timestamp=true format=time block=true max-buffers=1 "
        f"caps=video/x-raw,format=I420,width={width},height={height},framerate={fps}/1 "
        f"! x264enc tune=zerolatency speed-preset=ultrafast bitrate=2000 key-int-max={gop} threads=1 "
        f"! {payloader} )"
    )


def camera(options):
    width, height = (int(side) for side in options.size.split("x"))
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch(pipeline(width, height, options.fps, options.gop, options.terse))
    factory.set_shared(True)

    def configure(_factory, media):
        appsrc = media.get_element().get_by_name("source")
        appsrc.connect("need-data", Source(width, height, options.fps).push)

    factory.connect("media-configure", configure)
    return factory


def lock(server, factory, user, password):
    """Only `user` with `password` may look."""
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, "viewer")
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    server.set_auth(auth)
    factory.add_role_from_structure(
        Gst.Structure.from_string("viewer, media.factory.access=true, media.factory.construct=true")[0]
    )


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", default="0")
    parser.add_argument("--fps", type=int, default=30)
    parser.add_argument("--size", default="640x480")
    parser.add_argument("--gop", type=int, default=30)
    parser.add_argument("--terse", action="store_true", help="tell the size of the pictures in key frames only")
    parser.add_argument("--user")
    parser.add_argument("--password")
    options = parser.parse_args()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(options.port)
    factory = camera(options)
    if options.user:
        lock(server, factory, options.user, options.password)
    server.get_mount_points().add_factory("/cam", factory)
    if not server.attach(None):
        parser.error(f"port {options.port} is taken")
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main()
