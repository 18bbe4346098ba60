"""What is wrong with a broker, and what to do about it: one sentence for each fault."""

from __future__ import annotations

import ssl

from edge.publish.mqtt.attempt import UNSUPPORTED_VERSION, Ending
from edge.publish.mqtt.broker_url import PORTS, BrokerAddress
from edge.publish.mqtt.link import Link

_BAD_LOGIN = frozenset({134, 135, 140})
# X509_V_ERR_… of OpenSSL (x509_vfy.h).
_NOT_YET, _EXPIRED, _SELF_SIGNED, _WRONG_NAME, _WRONG_IP = 9, 10, 18, 62, 64
_UNKNOWN_ISSUER = frozenset({2, _SELF_SIGNED, 19, 20, 21})
AGAIN = "; trying again until it answers"


def diagnose(address: BrokerAddress, ending: Ending) -> Link:
    """The state of the link after this ending."""
    if ending.accepted:
        return Link("lost", f"lost the connection to {address} ({ending.words}){AGAIN}")
    if ending.refusal is not None:
        return _refused(address, *ending.refusal)
    if ending.silent:
        return silent(address)
    if ending.error is not None:
        return _unreachable(address, ending.error)
    return _hung_up(address, ending.words) if ending.hung_up else _not_mqtt(address)


def silent(address: BrokerAddress) -> Link:
    """It takes the connection, and that is all."""
    return Link("silent", f"{address} takes the connection and does not answer; check that it is an MQTT broker")


def contested(address: BrokerAddress, device_id: str) -> Link:
    """It throws us out again and again."""
    return Link(
        "contested",
        f"{address} ends every connection, as it does when another edge-emotion calls itself {device_id!r}; "
        "give one of the two another --device-id",
    )


def _not_mqtt(address: BrokerAddress) -> Link:
    return Link(
        "refused",
        f"{address} answers with something that is not MQTT; give the right port, or write ws:// if this one is for "
        "WebSockets",
    )


def _hung_up(address: BrokerAddress, words: str) -> Link:
    if address.tls:
        return _hung_up_on_tls(address, words)
    return Link(
        "refused",
        f"{address} hangs up on plain MQTT; write mqtts:// if this port speaks TLS, ws:// if it speaks WebSockets, "
        "or give the right port",
    )


def _refused(address: BrokerAddress, code: int, words: str) -> Link:
    if code in _BAD_LOGIN:
        return Link("refused", f"{address} refuses this login ({words}); check username and password")
    if code == UNSUPPORTED_VERSION:
        return Link("refused", f"{address} speaks neither MQTT 5 nor 3.1.1; give another broker")
    return Link("refused", f"{address} refuses the connection ({words}); look into the broker's log")


def _unreachable(address: BrokerAddress, error: BaseException) -> Link:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Link("untrusted", f"{address} {_bad_certificate(address, error)}")
    if isinstance(error, ssl.SSLError):
        return _hung_up_on_tls(address, error.reason or str(error))
    if address.tls and isinstance(error, ConnectionResetError):
        return _hung_up_on_tls(address, error.strerror or str(error))
    if address.tls and isinstance(error, TimeoutError) and "handshake" in str(error):
        return Link("silent", f"{address} takes the connection and does not answer; check that it speaks TLS there")
    if "WebSocket" in str(error):
        return Link("refused", f"{address} does not speak MQTT over WebSockets there; check port and path")
    reason = getattr(error, "strerror", None) or str(error) or "no answer"
    return Link("unreachable", f"cannot reach {address} ({reason}){AGAIN}")


def _bad_certificate(address: BrokerAddress, error: ssl.SSLCertVerificationError) -> str:
    code = error.verify_code
    if code == _EXPIRED:
        return "shows a certificate that has expired; renew it on the broker, or set this machine's clock"
    if code == _NOT_YET:
        return "shows a certificate that is not valid yet; set this machine's clock"
    if code in {_WRONG_NAME, _WRONG_IP}:
        return f"shows a certificate for another name than {address.host!r}; write the name that it is for in --broker"
    if code in _UNKNOWN_ISSUER:
        return "shows a certificate of an unknown issuer; name the issuer's own certificate in mqtt.ca_file"
    return f"shows a certificate that cannot be trusted ({error.verify_message}); renew it on the broker"


def _hung_up_on_tls(address: BrokerAddress, words: str) -> Link:
    said = words.upper().replace(" ", "_")
    if "WRONG_VERSION_NUMBER" in said or "RECORD_LAYER" in said:
        return Link(
            "untrusted",
            f"{address} does not speak TLS on this port; give the one that does, usually {PORTS[address.scheme]}",
        )
    if "EXPIRED" in said:
        return Link("untrusted", f"{address} says that our certificate has expired; renew mqtt.cert_file")
    if "UNKNOWN_CA" in said or "BAD_CERTIFICATE" in said:
        return Link("untrusted", f"{address} does not trust our certificate; let its CA sign mqtt.cert_file")
    if "CERTIFICATE_REQUIRED" in said or "HANDSHAKE_FAILURE" in said:
        return Link("untrusted", f"{address} demands a certificate; give mqtt.cert_file and mqtt.key_file")
    return Link(
        "untrusted",
        f"{address} breaks off TLS ({words or 'without a word'}); check that this port speaks TLS, and whether it "
        "demands a certificate (mqtt.cert_file)",
    )
