"""Sending answers out: only https, only to the host that was meant, wherever its name leads."""

import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from despensa.adapters.callback.https import HttpsCallback, is_public
from despensa.domain.ports.callback import CallbackFailed

HOST = "spmis.example.org"
ADDRESS = f"https://{HOST}/dci/on-search"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A certificate for the partner's host, as a file, and a context that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "host.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def server(authority):
    """The partner's server on this machine; `answers` says what it answers, `heard` what came."""

    class Partner(BaseHTTPRequestHandler):
        def do_POST(self):
            length = int(self.headers["Content-Length"])
            served.heard.append((self.path, self.headers["Host"], self.rfile.read(length)))
            status, headers = served.answers
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_):
            pass

    served = HTTPServer(("127.0.0.1", 0), Partner)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    served.socket = context.wrap_socket(served.socket, server_side=True)
    served.heard, served.answers = [], (200, {})
    threading.Thread(target=served.serve_forever, daemon=True).start()
    yield served
    served.shutdown()
    served.server_close()


def way(server, authority, **other):
    given = {
        "resolve": lambda host, port: ["127.0.0.1"],
        "is_allowed": lambda address: True,
        "context": ssl.create_default_context(cafile=authority),
        "port": server.server_port,
    }
    return HttpsCallback(**(given | other))


def test_an_answer_arrives_under_the_name_of_its_host(server, authority):
    way(server, authority).send(ADDRESS, b'{"a": 1}')

    [(path, host, body)] = server.heard
    assert (path, body) == ("/dci/on-search", b'{"a": 1}')
    assert host.startswith(HOST)


@pytest.mark.parametrize(
    "answers", [(302, {"Location": "https://127.0.0.1/"}), (307, {"Location": "/x"}), (500, {})]
)
def test_no_redirect_is_followed_and_only_success_counts(server, authority, answers):
    server.answers = answers

    with pytest.raises(CallbackFailed, match=str(answers[0])):
        way(server, authority).send(ADDRESS, b"{}")

    assert len(server.heard) == 1


@pytest.mark.parametrize(
    "places", [["127.0.0.1"], ["93.184.216.34", "10.0.0.1"], ["::ffff:169.254.169.254"], []]
)
def test_a_name_that_leads_inside_is_never_connected_to(server, authority, places):
    guarded = way(server, authority, resolve=lambda host, port: places, is_allowed=is_public)

    with pytest.raises(CallbackFailed, match="not public"):
        guarded.send(ADDRESS, b"{}")

    assert server.heard == []


def test_another_hosts_certificate_is_refused(server, authority):
    with pytest.raises(CallbackFailed, match="SSLCertVerificationError"):
        way(server, authority).send("https://other.example.org/", b"{}")

    assert server.heard == []


def test_an_address_that_changed_in_the_books_is_refused(server, authority):
    with pytest.raises(CallbackFailed):
        way(server, authority).send(f"http://{HOST}/", b"{}")

    assert server.heard == []


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.1", "10.1.2.3", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1",
        "192.168.1.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "::", "::1", "fc00::1",
        "fe80::1%eth0", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "nonsense",
    ],
)  # fmt: skip
def test_addresses_inside_are_not_public(address):
    assert not is_public(address)


def test_addresses_of_the_open_internet_are():
    for address in ("93.184.216.34", "2606:2800:220:1::1"):
        assert is_public(address), ip_address(address)
