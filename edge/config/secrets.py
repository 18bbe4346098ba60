"""Secrets in what people write as an address; nothing that is logged, published or printed may hold one."""

from __future__ import annotations

import re

_HIDDEN = "***"
_LOGIN = re.compile(r"^(.*?(?::/*|//)).*@", re.DOTALL)
"""From the scheme to the last @: passwords hold slashes, colons and @ as they are, whatever the grammar says."""
_QUERY = re.compile(r"([?&;#][\w.%-]*(?:pw|pas|token|key|auth|secret)[\w.%-]*=)[^&]*", re.IGNORECASE)


def masked(text: str) -> str:
    """One address with its login, and the values of query keys like `pwd` or `token`, as ***; other text as it is.

    The address is not taken apart, so that a wrong one is masked as well: better too much hidden than too little.
    """
    shown = _QUERY.sub(rf"\1{_HIDDEN}", text)
    login = _LOGIN.match(text)
    if login and "@" not in shown:
        # That @ stood in what looks like a value, and may as well end a login: nothing but the scheme is safe.
        return login[1] + _HIDDEN
    return _LOGIN.sub(rf"\1{_HIDDEN}@", shown)
