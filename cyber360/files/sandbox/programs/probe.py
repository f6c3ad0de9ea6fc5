"""Proves that a child can be started here."""


def main(data: bytes, options: dict) -> list[bytes]:
    return [b"ready"]
