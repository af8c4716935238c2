# A client under test: it closes its socket when the server has hung up.
import socket
import time

with socket.create_connection(("127.0.0.1", 7000)) as connection:
    while connection.recv(4096):
        pass
time.sleep(1000)  # it goes on with something else
