"""What tells why a server is slow: interpreter lock, run queue, throttling, store, locks."""
