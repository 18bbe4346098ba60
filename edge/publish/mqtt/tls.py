"""What proves the broker to us, and us to the broker."""

from __future__ import annotations

import ssl

from edge.config import MqttSettings
from edge.errors import ConfigError


def tls_context(settings: MqttSettings, broker: str) -> ssl.SSLContext:
    """TLS 1.2 or newer, the broker's certificate and name always checked; raises ConfigError.

    `ca_file` replaces the system's certificates: only what it signed is believed then.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    ca, cert, key = (str(path) if path else None for path in (settings.ca_file, settings.cert_file, settings.key_file))
    try:
        if ca is None:
            context.load_default_certs()
        else:
            context.load_verify_locations(ca)
        if cert is not None:
            context.load_cert_chain(cert, key, password="")  # without one OpenSSL asks on the terminal
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        names = ", ".join(path for path in (ca, cert, key) if path) or "the system's certificates"
        raise ConfigError(f"The certificates for {broker} cannot be used ({error}); check {names}.") from error
    return context
