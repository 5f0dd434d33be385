"""Feast's own feature server under the pool: its application unchanged, its store watched and its waits bounded."""
