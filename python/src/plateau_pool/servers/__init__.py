"""Adapters that run, measure and resize well-kept servers; each module offers its own under the name ``adapter``."""
