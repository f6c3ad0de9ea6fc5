"""The programs that run in the sandbox: plain Python, nothing of Django. Each has `main(data, options) -> pieces`."""
