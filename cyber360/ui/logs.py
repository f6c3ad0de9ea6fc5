"""What the log must not keep."""

import logging
import re

TOKEN = re.compile(r"/(in|invitation|reset/key|calendar)/[^/\s?\"']+")


class HideTokens(logging.Filter):
    """Rewrites addresses that sign somebody in: who reads the log must not be able to use them."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        hidden = TOKEN.sub(r"/\1/(hidden)", message)
        if hidden != message:
            record.msg, record.args = hidden, ()
        return True
