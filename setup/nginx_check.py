"""Try ``deploy/nginx.conf`` with a real nginx: ``python -m setup.nginx_check [--nginx PROGRAM] [--slow SECONDS]``.

The tests do not install nginx, so this is run by hand after a change of the file. It makes certificates for the names
in it, lets nginx check it, and sends requests through it to a program that answers late, compressed, and at length.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gzip
import http.client
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from setup.environment import ROOT

NAME = "judging.example.org"
_MAIN = "pid {place}/nginx.pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{temporary}\n{sites}\n}}\n"
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
_LONG = gzip.compress(b"A long page. " * 400_000)


class _Upstream(BaseHTTPRequestHandler):
    slow = 0.0

    def do_GET(self) -> None:
        if self.path == "/slow":
            time.sleep(self.slow)
        self.send_response(200)
        self.send_header("Content-Encoding", "gzip")
        self.send_header("X-Seen", f"{self.headers['X-Forwarded-For']} {self.headers['X-Forwarded-Proto']}")
        self.send_header("Content-Length", str(len(_LONG)))
        self.end_headers()
        self.wfile.write(_LONG)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


def main() -> int:
    """Try it; print what was found, and return 1 when something is wrong."""
    parser = argparse.ArgumentParser(prog="python -m setup.nginx_check")
    parser.add_argument("--nginx", default=shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin"))
    parser.add_argument("--slow", type=float, default=1.0, help="seconds that the slow answer takes (%(default)s)")
    options = parser.parse_args()
    if options.nginx is None:
        print("There is no nginx here: name it with --nginx.")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        upstream, secure, plain = (_free_port() for _ in range(3))
        configuration = _configuration(place, upstream, secure, plain)
        checked = subprocess.run([options.nginx, "-t", "-p", folder, "-c", configuration], check=False)
        if checked.returncode:
            return 1
        _Upstream.slow = options.slow
        server = ThreadingHTTPServer(("127.0.0.1", upstream), _Upstream)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        nginx = subprocess.Popen([options.nginx, "-p", folder, "-c", configuration, "-g", "daemon off;"])
        try:
            return _try(secure, options.slow)
        finally:
            nginx.terminate()
            nginx.wait()
            server.shutdown()


def _configuration(place: Path, upstream: int, secure: int, plain: int) -> Path:
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    certificate, key = _certificate(place)
    text = re.sub(r"(ssl_certificate) \S+;", rf"\1 {certificate};", text)
    text = re.sub(r"(ssl_certificate_key) \S+;", rf"\1 {key};", text)
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{upstream}")
    text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{secure} ssl").replace(
        "listen 80", f"listen 127.0.0.1:{plain}"
    )
    temporary = "\n".join(f"{name}_temp_path {place}/{name};" for name in _TEMPORARY)
    path = place / "nginx.conf"
    path.write_text(_MAIN.format(place=place, temporary=temporary, sites=text), encoding="utf-8")
    return path


def _try(port: int, slow: float) -> int:
    faults = []
    for path, body, expected in (("/", None, 200), ("/slow", None, 200), ("/", b"x" * 11_000_000, 413)):
        began = time.monotonic()
        status, content, seen = _ask(port, path, body)
        print(f"{path} with {len(body or b'')} bytes: {status}, {len(content)} bytes, {time.monotonic() - began:.1f} s")
        if status != expected or (status == 200 and (content != _LONG or seen != "127.0.0.1 https")):
            faults.append(path)
    print(f"Wrong: {', '.join(faults)}" if faults else f"All well; an answer that took {slow:g} s was not cut.")
    return 1 if faults else 0


def _ask(port: int, path: str, body: bytes | None) -> tuple[int, bytes, str | None]:
    context = ssl.create_default_context()
    # The certificate was made a moment ago, for a name that does not lead here.
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for _ in range(100):
        try:
            connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=200)
            connection.request("GET" if body is None else "POST", path, body, {"Host": NAME, "Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            return answer.status, answer.read(), answer.headers["X-Seen"]
        except ConnectionRefusedError:
            time.sleep(0.05)
        except (BrokenPipeError, ConnectionResetError):
            # nginx refuses a body that is too long before all of it is sent.
            return 413, b"", None
    return 0, b"", None


def _certificate(place: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )
    paths = place / "certificate.pem", place / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


if __name__ == "__main__":
    sys.exit(main())
