"""The supervisor: admin port, sizes of the pool, and the life of the process that serves."""
