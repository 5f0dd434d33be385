"""What tests of the servers share: a process around an adapter, applications to serve, clients."""
