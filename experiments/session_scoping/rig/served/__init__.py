"""The application behind a real server in its own process, and the client that sends requests.

The server's process records events and sends them through a pipe. The cell writes them down in the
order in which they happened, and sends the requests.
"""
