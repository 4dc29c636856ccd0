"""The application behind a real server, in a process of its own, and the client that asks it.

The server's process records, and tells its events through a pipe; the cell writes them down in the
order in which they happened, and sends the requests.
"""
