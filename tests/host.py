#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Make a host, or a sick one, in this network namespace, and keep it until stdin ends.

    host.py KIND...

It says "ready" when all is there. Each KIND is a function below.
"""
import ctypes
import os
import resource
import select
import socket
import struct
import subprocess
import sys
import threading
import time

KEEP = []           # sockets that stay open
CHILDREN = []


def listener(port, backlog=128, address="127.0.0.1"):
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind((address, port))
    s.listen(backlog)
    KEEP.append(s)
    return s


def connect(port, address="127.0.0.1"):
    s = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    s.connect((address, port))
    return s


def pair(server):
    """A connection: the client's end, the server's."""
    address = server.getsockname()
    client = connect(address[1], address[0])
    return client, server.accept()[0]


def fork(then):
    pid = os.fork()
    if not pid:
        then()
        while True:
            time.sleep(3600)
    CHILDREN.append(pid)
    return pid


def healthy():
    """A server with open connections, one that has just been closed, one idle listener."""
    server = listener(9080)
    for _ in range(10):
        KEEP.extend(pair(server))
    client, served = pair(server)
    client.close()
    served.close()
    listener(9090, 5, "::")
    v6 = listener(9191, 5, "::1")
    KEEP.extend(pair(v6))


def leak():
    """400 sockets of a pool whose other end said something and closed; a child has them too."""
    server = listener(6379, 1024)
    ours, theirs = [], []
    for _ in range(400):
        client, served = pair(server)
        ours.append(client)
        theirs.append(served)
    for i, served in enumerate(theirs):
        if i % 2:
            served.sendall(b"-ERR idle too long\n")
        served.close()
    KEEP.extend(ours)
    watch = select.epoll()          # this process has an epoll set, and none of them in it
    watch.register(server)
    KEEP.append(watch)
    fork(lambda: None)


def watched():
    """One in CLOSE_WAIT that its program watches: still slow, not forgotten."""
    server = listener(6380)
    client, served = pair(server)
    served.close()
    KEEP.append(client)
    watch = select.epoll()
    watch.register(client, 0)
    KEEP.append(watch)


def told_once():
    """25 whose other ends have closed, of which the program was told, for the only time."""
    server = listener(7379, 64)
    watch = select.epoll()
    for _ in range(25):
        client, served = pair(server)
        watch.register(client, select.EPOLLIN | select.EPOLLONESHOT)
        served.close()
        KEEP.append(client)
    watch.register(KEEP[0], select.EPOLLIN)
    while watch.poll(0.1):
        pass
    KEEP.append(watch)


def never_accepted():
    """50 in the queue of somebody who does not call accept(); their clients have gone."""
    listener(8080, 64)
    for _ in range(50):
        connect(8080).close()


def waiting():
    """30 in the queue whose clients are there."""
    listener(8081, 64)
    for _ in range(30):
        KEEP.append(connect(8081))


def queue_full():
    listener(8082, 3)
    for _ in range(4):
        KEEP.append(connect(8082))
    for _ in range(2):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex(("127.0.0.1", 8082))
        KEEP.append(s)


def fill(s):
    """Send all that fits."""
    s.setblocking(False)
    try:
        while True:
            s.send(bytes(65536))
    except BlockingIOError:
        pass


def fin_behind_data():
    """Closed with more to send than the other end, which does not read, takes."""
    client, served = pair(listener(7001))
    fill(served)
    served.close()
    KEEP.append(client)


def shut():
    """The other end does not read."""
    client, served = pair(listener(7002))
    fill(served)
    KEEP.extend((client, served))


def fin_wait2_held():
    """Half-closed by shutdown(); the other end never closes."""
    peer = elsewhere()
    for _ in range(25):
        s = connect(peer, "10.9.9.2")
        s.shutdown(socket.SHUT_WR)
        KEEP.append(s)


def fin_wait2_orphaned():
    peer = elsewhere()
    for _ in range(25):
        connect(peer, "10.9.9.2").close()


def elsewhere():
    """The port of a listener in another network namespace, at 10.9.9.2, that never closes."""
    return int(os.environ["ELSEWHERE"])


DEAF = 44099         # a client's port; to the next one it closes before


def deafen(s):
    """Whatever comes for it is dropped from now on, without an answer."""
    drop = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0))     # BPF: ret 0
    s.setsockopt(socket.SOL_SOCKET, 26, struct.pack("HxxxxxxP", 1, ctypes.addressof(drop)))


def far():
    """What elsewhere() is: it accepts, and never closes; at other ports it talks all the time, or not at all."""
    server, talks = listener(7100, 512, "0.0.0.0"), listener(7101, 512, "0.0.0.0")
    listens = listener(7102, 512, "0.0.0.0")
    talking = []
    print("ready", flush=True)
    while True:
        ready = select.select([server, talks, listens, sys.stdin], [], [], 0.2)[0]
        if sys.stdin in ready:
            sys.exit()
        if server in ready:
            KEEP.append(server.accept()[0])
            if KEEP[-1].getpeername()[1] in (DEAF, DEAF + 1):
                KEEP[-1].recv(1)
                KEEP[-1].sendall(b"y")
                deafen(KEEP[-1])
                if KEEP[-1].getpeername()[1] == DEAF + 1:
                    KEEP[-1].shutdown(socket.SHUT_WR)
        if listens in ready:
            KEEP.append(listens.accept()[0])
            KEEP[-1].shutdown(socket.SHUT_WR)
        if talks in ready:
            talking.append(talks.accept()[0])
        for s in talking:
            s.sendall(b"more")


def cut_off():
    """Connected to elsewhere; then the way there goes, while one sends and one closes."""
    peer = elsewhere()
    sends = connect(peer, "10.9.9.2")
    closes = connect(peer, "10.9.9.2")
    silent("10.9.9.2")
    sends.sendall(b"anybody there?")
    closes.close()
    KEEP.append(sends)


def unsent():
    """Connected to elsewhere; then this host itself cannot send any more, while one sends and one closes."""
    sends, closes = connect(elsewhere(), "10.9.9.2"), connect(elsewhere(), "10.9.9.2")
    subprocess.run(["ip", "link", "set", "veth9", "down"], check=True)
    sends.sendall(b"anybody there?")
    closes.close()
    KEEP.append(sends)


def silent(*addresses):
    """Hosts that do not answer; without an answer to ARP the kernel gives up after three seconds."""
    batch = "".join(f"neigh replace {address} lladdr 02:00:00:00:00:99 dev veth9 nud permanent\n"
                    for address in addresses)
    subprocess.run(["ip", "-batch", "-"], input=batch, text=True, check=True)


def unheard():
    """A host that does not answer."""
    silent("10.9.9.77")
    for _ in range(3):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex(("10.9.9.77", 80))
        KEEP.append(s)


def one_unheard():
    """A SYN that is sent again each second."""
    silent("10.9.9.77")
    s = socket.socket()
    s.setblocking(False)
    s.connect_ex(("10.9.9.77", 80))
    KEEP.append(s)


def few_requests():
    """As many as a server on the Internet has at any time: ten that do not answer."""
    flood(10)


def flood(n=60):
    """SYNs from addresses that do not answer: SYN_RECV."""
    listener(8083, 512, "0.0.0.0")
    silent(*(f"10.9.9.{100 + i}" for i in range(n)))
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    for i in range(n):
        src = socket.inet_aton(f"10.9.9.{100 + i}")
        dst = socket.inet_aton("10.9.9.1")
        tcp = struct.pack(">HHIIBBHHH", 40000 + i, 8083, 1, 0, 5 << 4, 2, 1024, 0, 0)
        pseudo = src + dst + struct.pack(">BBH", 0, 6, len(tcp))
        tcp = tcp[:16] + struct.pack(">H", checksum(pseudo + tcp)) + tcp[18:]
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40, i, 0, 64, 6, 0, src, dst)
        raw.sendto(head + tcp, ("10.9.9.1", 0))
    raw.close()


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def churn():
    """1 200 connections that this side has closed first, of a range of 4 000 ports."""
    setting("ip_local_port_range", "50000 53999")
    server = listener(7003)
    for _ in range(1200):
        client, served = pair(server)
        client.close()
        served.close()


def no_port():
    """All of a small range of ports, none of which connect() may take again, after a second either."""
    setting("ip_local_port_range", "50000 50039")
    setting("tcp_tw_reuse", "0")
    server = listener(7004)
    for _ in range(40):
        client, served = pair(server)
        client.close()
        served.close()


def reserved():
    """All of a range of ports but those that are reserved, by four programs."""
    setting("ip_local_port_range", "50000 50079")
    setting("ip_local_reserved_ports", "1,50000-50029,50070-60000,61000")
    server = listener(7008)

    def takes():
        name_it(f"one of {os.getpid()}")
        KEEP.extend(connect(7008) for _ in range(10))
    for _ in range(4):
        fork(takes)
    KEEP.extend(server.accept()[0] for _ in range(40))


def crowd():
    """Many processes, each with a connection of its own and no other."""
    server = listener(7005, 2048)
    many = int(os.environ.get("CROWD", "200"))
    for _ in range(many):
        fork(lambda: KEEP.append(connect(7005)))
    KEEP.extend(server.accept()[0] for _ in range(many))


def setting(name, value):
    with open(f"/proc/sys/net/ipv4/{name}", "w", encoding="ascii") as f:
        f.write(value)


SHARE = 8000  # connections in one process, and to one port: below what most may have open


def busy():
    """Connections that come and go as fast as can be, each closed properly by the server."""
    server = listener(7200, 128)

    def churns():
        # Few enough in TIME_WAIT: many are worth a word of their own.
        setting("tcp_max_tw_buckets", "100")
        while True:
            client, served = pair(server)
            served.close()
            client.close()
    fork(churns)


def bound():
    """A port that is taken by who neither listens nor connects."""
    s = socket.socket()
    s.bind(("127.0.0.1", 7200))
    KEEP.append(s)


def many():
    """So many sockets, of as few processes as can have them."""
    wanted = int(os.environ["MANY"]) // 2
    setting("ip_local_port_range", "16384 65000")
    servers = [listener(7006 + i, 2048) for i in range(-(-wanted // SHARE))]
    for i, server in enumerate(servers):
        pairs = [pair(server) for _ in range(min(SHARE, wanted - i * SHARE))]
        if i < len(servers) - 1:
            fork(lambda: None)
            pairs.clear()
        else:
            KEEP.extend(pairs)


def many_closed():
    """So many in TIME_WAIT, made in less than the minute that they last."""
    wanted = int(os.environ["MANY"])
    setting("ip_local_port_range", "16384 65000")
    setting("tcp_max_tw_buckets", str(2 * wanted))
    setting("tcp_tw_reuse", "0")
    for i in range(-(-wanted // SHARE)):
        server = listener(7006 + i, 2048)
        for _ in range(min(SHARE, wanted - i * SHARE)):
            client, served = pair(server)
            client.close()
            served.close()


def mptcp_closed():
    """MPTCP whose other end has closed: TCP's own rows stay in ESTABLISHED."""
    server = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_MPTCP)
    server.bind(("127.0.0.1", 7305))
    server.listen()
    KEEP.append(server)
    for _ in range(12):
        client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_MPTCP)
        client.connect(("127.0.0.1", 7305))
        served = server.accept()[0]
        client.send(b"x")
        served.recv(1)
        served.close()
        KEEP.append(client)


def half_closed():
    """Shut down for sending by one who waits for a long answer: on purpose, and nobody's fault."""
    server = listener(7300)
    for _ in range(30):
        client, served = pair(server)
        client.shutdown(socket.SHUT_WR)
        KEEP.extend((client, served))


def prefork():
    """A listener that several processes share on purpose, and one with a backlog of 1."""
    listener(7301)
    for _ in range(3):
        fork(lambda: None)
    server = listener(7302, 1)
    KEEP.extend(pair(server))


def many_descriptors():
    """Far more descriptors than most have, and far from the limit."""
    server = listener(7303)
    KEEP.extend(os.open("/dev/null", os.O_RDONLY) for _ in range(2000))
    KEEP.extend(pair(server))


def closed_by_the_thousand():
    """A proxy: 3 000 in TIME_WAIT, towards several ports and at its own, with ports aplenty."""
    servers = [listener(7310 + i) for i in range(4)]
    for i in range(3000):
        client, served = pair(servers[i % 4])
        first, second = (client, served) if i % 2 else (served, client)
        first.close()
        second.close()


def left_with(port, then):
    """25 whose other ends have closed, of a process made for it, which then does then(clients)."""
    server = listener(port, 64)
    pairs = [pair(server) for _ in range(25)]

    def takes():
        for _, served in pairs:
            served.close()
        then([client for client, _ in pairs])
    fork(takes)
    pairs.clear()


def name_it(name):
    with open("/proc/self/comm", "w", encoding="ascii") as f:
        f.write(name)


def leak_of_a_child():
    """Only the child has them, and its name has blanks and parentheses."""
    left_with(7320, lambda _: name_it("a (b) c) d"))


def leak_of_a_thread():
    """The first thread of the process has ended; another one has 25 in CLOSE_WAIT."""
    def leaves(_):
        threading.Thread(target=time.sleep, args=(3600,)).start()
        ctypes.CDLL(None).syscall({"x86_64": 60}.get(os.uname().machine, 93), 0)    # exit(2): this thread alone
    left_with(7330, leaves)


def each_in_a_child(pairs):
    """Processes of one program, each with one of these alone; the other ends stay here."""
    for client, _ in pairs:
        fork_with(client, pairs)
    for client, _ in pairs:
        client.close()


def fork_with(client, pairs):
    alone, has = os.pipe()

    def takes():
        for other, served in pairs:
            if other is not client:
                other.close()
            served.close()
        os.close(alone)
        os.close(has)
    fork(takes)
    os.close(has)
    os.read(alone, 1)
    os.close(alone)


def workers():
    """A pool of 12 processes, each with a connection that is open."""
    server = listener(7340, 64)
    pairs = [pair(server) for _ in range(12)]
    each_in_a_child(pairs)
    KEEP.extend(served for _, served in pairs)


def leak_of_workers():
    """The same, whose other ends have closed: one leak, of twelve processes."""
    server = listener(7341, 64)
    pairs = [pair(server) for _ in range(12)]
    each_in_a_child(pairs)
    for _, served in pairs:
        served.close()


def mapped():
    """A listener on :: whose clients come by IPv4, and one by IPv6; nothing is wrong."""
    server = listener(7342, 64, "::")
    for address in ["127.0.0.1"] * 12 + ["::1"]:
        client = connect(7342, address)
        KEEP.extend((client, server.accept()[0]))


def leak_mapped():
    """The same, whose clients have closed."""
    server = listener(7343, 64, "::")
    for _ in range(25):
        client = connect(7343)
        KEEP.append(server.accept()[0])
        client.close()


def leak_v6():
    """A leak over IPv6."""
    server = listener(7344, 64, "::1")
    for _ in range(25):
        client, served = pair(server)
        served.close()
        KEEP.append(client)


def keepalives():
    """Open for long, asked by keepalive each second, and answered."""
    server = listener(7345)
    for _ in range(5):
        client, served = pair(server)
        for option, value in ((socket.TCP_KEEPIDLE, 1), (socket.TCP_KEEPINTVL, 1)):
            client.setsockopt(socket.IPPROTO_TCP, option, value)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        KEEP.extend((client, served))


def out_of_descriptors():
    """A client that opens connections until it may not any more, and a server that accepts them all."""
    server = listener(7350, 64)
    told, tell = os.pipe()

    def takes():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
        made = []
        while True:
            try:
                made.append(connect(7350))
            except OSError:
                break
        KEEP.append(made)
        os.write(tell, bytes([len(made)]))
    fork(takes)
    for _ in range(os.read(told, 1)[0]):
        KEEP.append(server.accept()[0])


def unread():
    """Requests that a busy program has not read, to be seen in snap; nothing is wrong yet."""
    server = listener(7351)
    client, served = pair(server)
    client.sendall(bytes(1000))
    KEEP.extend((client, served))


def full_once():
    """A queue that is full because all clients came at once, and nobody has waited long."""
    server = listener(7360, 3)

    def comes():
        # Four at a time, for as long as anybody looks: each burst fills the queue, and is gone.
        while True:
            clients = [connect(7360) for _ in range(4)]
            time.sleep(0.005)
            served = [server.accept()[0] for _ in range(4)]
            for s in clients + served:
                s.close()
    setting("tcp_max_tw_buckets", "100")
    fork(comes)


def pool():
    """A pool whose server closes, and which closes what it finds so at its next round: 50 at a time."""
    server = listener(7361, 128)

    def rounds():
        while True:
            pairs = [pair(server) for _ in range(50)]
            for _, served in pairs:
                served.close()
            time.sleep(0.2)
            for client, _ in pairs:
                client.close()
    setting("tcp_max_tw_buckets", "100")
    fork(rounds)


def upload():
    """Half-closed to another host, which sends a long answer: it moves."""
    peer = 7101
    for _ in range(25):
        s = connect(peer, "10.9.9.2")
        s.shutdown(socket.SHUT_WR)

        def reads(s=s):
            while s.recv(4096):
                pass
        threading.Thread(target=reads, daemon=True).start()
        KEEP.append(s)


def answers():
    """The other end of that on this host: a client that half-closed gets a long answer."""
    server = listener(7362)
    client, served = pair(server)
    client.shutdown(socket.SHUT_WR)

    def says():
        while True:
            served.sendall(b"more")
            client.recv(4096)
            time.sleep(0.1)
    KEEP.extend((client, served))
    threading.Thread(target=says, daemon=True).start()


def begun():
    """Connects to a host that does not answer, each given up within the second, for ever."""
    def tries():
        while True:
            sockets = []
            for _ in range(25):
                s = socket.socket()
                s.setblocking(False)
                s.connect_ex(("10.9.9.77", 80))
                sockets.append(s)
            time.sleep(0.5)
            for s in sockets:
                s.close()
    fork(tries)


def slow_reader():
    """A sender faster than its reader, which reads a little now and then."""
    server = listener(7363)
    client, served = pair(server)
    served.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)

    def reads():
        while True:
            served.recv(1 << 20)
            time.sleep(0.3)

    def writes():
        while True:
            client.sendall(bytes(65536))
    KEEP.extend((client, served))
    threading.Thread(target=reads, daemon=True).start()
    threading.Thread(target=writes, daemon=True).start()


def forked_and_closed():
    """A server that forks for each connection: the parent closes its copy, the child serves."""
    server = listener(7364)
    for _ in range(5):
        client, served = pair(server)
        fork(lambda: None)
        served.close()
        KEEP.append(client)


def reusable():
    """All of a small range of ports, which connect() takes again: between loopback addresses it may."""
    setting("ip_local_port_range", "50000 50039")
    setting("tcp_tw_reuse", "2")
    server = listener(7365)
    for _ in range(40):
        client, served = pair(server)
        client.close()
        served.close()
    while True:         # after a second it may
        try:
            KEEP.extend(pair(server))
            break
        except OSError:
            time.sleep(0.05)


def handed_on():
    """25 whose other ends have closed, passed to another process, which alone has them."""
    server = listener(7366, 64)
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    pairs = [pair(server) for _ in range(25)]

    def takes():
        here.close()
        for client, served in pairs:
            client.close()
            served.close()
        name_it("receiver")
        for _ in range(25):
            KEEP.append(socket.recv_fds(there, 1, 1)[1][0])
    fork(takes)
    there.close()
    for client, served in pairs:
        socket.send_fds(here, [b"x"], [client.fileno()])
        client.close()
        served.close()
    KEEP.append(here)


def on_its_way():
    """One that is in the queue of a unix socket: no process has it among its descriptors."""
    server = listener(7367)
    client, served = pair(server)
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    socket.send_fds(here, [b"x"], [client.fileno()])
    client.close()
    KEEP.extend((here, there, served))


def watched_elsewhere():
    """25 whose other ends have closed, of a child with an epoll set of its own, but in that of its parent."""
    server = listener(7373, 64)
    pairs = [pair(server) for _ in range(25)]
    watch = select.epoll()
    for client, _ in pairs:
        watch.register(client)

    def takes():
        watch.close()
        own = select.epoll()
        own.register(sys.stdin)
        for _, served in pairs:
            served.close()
        name_it("holder")
        KEEP.extend([own] + [client for client, _ in pairs])
    fork(takes)
    KEEP.append(watch)
    for client, served in pairs:
        client.close()
        served.close()


def in_flight():
    """25 whose other ends have closed: all descriptors of them are in the queue of a unix socket."""
    server = listener(7374, 64)
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    for _ in range(25):
        client, served = pair(server)
        socket.send_fds(here, [b"x"], [client.fileno()])
        client.close()
        served.close()
    KEEP.extend((here, there))


def often():
    """One whose other end has closed, of which its process has 31 descriptors."""
    server = listener(7375)
    client, served = pair(server)
    served.close()
    KEEP.append(client)
    KEEP.extend(client.dup() for _ in range(30))


def proxy():
    """Five connections through a proxy: the server has closed, the proxy has passed it on, no client closes."""
    server, front = listener(7377), listener(7378)
    clients = [connect(7378) for _ in range(5)]

    def passes():
        name_it("proxy")
        inside = [front.accept()[0] for _ in clients]
        outside = [connect(7377) for _ in clients]
        for client in clients:
            client.close()
        for s in outside:
            s.recv(1)
        for s in inside:
            s.shutdown(socket.SHUT_WR)
        KEEP.extend(inside + outside)
    fork(passes)
    for _ in clients:
        server.accept()[0].close()
    KEEP.extend(clients)


def orphaned():
    """30 that are closed, whose FINs nobody acknowledges: they belong to the kernel."""
    peer = elsewhere()
    clients = [connect(peer, "10.9.9.2") for _ in range(30)]
    silent("10.9.9.2")
    for s in clients:
        s.close()


def prefork_stuck():
    """20 in the queue of a listener that five processes have, of which none accepts."""
    listener(7376, 64)
    for _ in range(4):
        fork(lambda: None)
    KEEP.extend(connect(7376) for _ in range(20))


def contained():
    """25 whose other ends have closed, of a process in a PID namespace of its own, as a container is."""
    def goes_in(clients):
        libc = ctypes.CDLL(None)
        libc.unshare(0x20000000)        # CLONE_NEWPID
        if os.fork() == 0:
            libc.prctl(1, 9)        # PR_SET_PDEATHSIG: CHILDREN has its parent alone
            name_it("contained")
        else:
            for client in clients:
                client.close()
    left_with(7368, goes_in)


def published():
    """25 to an address of this host that NAT leads to another one, whose program has said all and listens."""
    rule = "iptables -t nat -A OUTPUT -d 10.9.9.1 -p tcp --dport 7379 -j DNAT --to-destination 10.9.9.2:7102"
    subprocess.run(rule.split(), check=True, capture_output=True)
    KEEP.extend(connect(7379, "10.9.9.1") for _ in range(25))


def somebody_else():
    """25 whose other ends have closed, of a process of another user."""
    def becomes(_):
        os.setgid(1234)
        os.setuid(1234)
    left_with(7369, becomes)


def two_faults():
    """Of one group, one waits for room, and one for an answer."""
    peer = elsewhere()
    full, dead = connect(peer, "10.9.9.2"), socket.socket()
    fill(full)
    full.close()
    to_deaf(dead, DEAF)
    dead.close()


def to_deaf(s, port):
    s.bind(("10.9.9.1", port))
    s.connect(("10.9.9.2", elsewhere()))
    s.sendall(b"do you hear me?")
    s.recv(1)                       # it does, for the last time


def last_ack():
    """The other end closed first, and does not answer any more."""
    s = socket.socket()
    to_deaf(s, DEAF + 1)
    while s.recv(100):
        pass
    s.close()


def closing():
    """Both ends close at once, and one hears nothing; another closes last, and is not heard either."""
    client, served = pair(listener(7386))
    deafen(served)
    client.shutdown(socket.SHUT_WR)
    served.shutdown(socket.SHUT_WR)
    KEEP.extend((client, served))
    client, served = pair(listener(7387))
    served.shutdown(socket.SHUT_WR)
    deafen(served)
    client.recv(1)
    client.close()
    KEEP.append(served)


def last_answer():
    """Answers that are closed at once, and read slowly: the FIN waits behind data that moves."""
    server = listener(7372)

    def serves():
        while True:
            served = server.accept()[0]
            fill(served)
            served.close()

    def reads():
        while True:
            client = connect(7372)
            while client.recv(40000):
                time.sleep(0.1)
            client.close()
    setting("tcp_max_tw_buckets", "100")
    fork(serves)
    fork(reads)


def alike():
    """Two listeners share a port; the second has a queue that it does not empty."""
    servers = []
    for _ in range(2):
        s = socket.socket()
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        s.bind(("127.0.0.1", 7370))
        s.listen(64)
        servers.append(s)
    clients = [connect(7370) for _ in range(20)]
    servers[0].setblocking(False)
    try:
        while True:
            KEEP.append(servers[0].accept()[0])
    except BlockingIOError:
        pass
    KEEP.extend(servers + clients)


def overrun():
    """More connections than it accepts: each waits for a moment only, and many are dropped."""
    server = listener(7371, 2)
    setting("tcp_max_tw_buckets", "100")

    def asks():
        while True:
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(("127.0.0.1", 7371))
            KEEP.append(s)
            if len(KEEP) > 300:
                KEEP.pop(0).close()

    def serves():
        while True:
            served = server.accept()[0]
            time.sleep(0.02)
            served.close()
    fork(asks)
    fork(serves)


def runs_out():
    """Two processes of one program open connections; only one of them has few descriptors left."""
    server = listener(7380, 64)

    def opens(most):
        def forever():
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
            try:
                while True:
                    KEEP.append(connect(7380))
                    time.sleep(0.02)
            except OSError:
                pass
        return forever
    for most in (300, 20000):
        fork(opens(most))

    def closes():
        while True:
            server.accept()[0].close()
    fork(closes)


def fixed():
    """A connection of known ends, and one whose process has a name that has to be quoted."""
    server = listener(7390)
    client = socket.socket()
    client.bind(("127.0.0.1", 7391))
    client.connect(("127.0.0.1", 7390))
    KEEP.extend((client, server.accept()[0]))

    def takes():
        name_it('a"b\\c{}=,\x1b')
        KEEP.append(connect(7390))
    fork(takes)
    KEEP.append(server.accept()[0])


def on_one_processor():
    """The first: of what another one changes when it is idle, Linux 6.18's tracepoint tells nothing."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def closes_fixed():
    """The same ends, elsewhere, and closed."""
    on_one_processor()
    fixed()
    KEEP[1].shutdown(socket.SHUT_RDWR)


def many_ends():
    """A connection to each of fifty ports; when a line comes all are closed."""
    KEEP.extend(end for port in range(7400, 7450) for end in pair(listener(port)))
    print("ready", flush=True)
    sys.stdin.readline()
    for end in KEEP:
        if end.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) == 0:
            end.close()


def own_port():
    """Not that of the host before, whose sockets the kernel may still be ending, elsewhere."""
    return 20000 + os.getpid() % 10000


def closes_many():
    """When a line comes: three hundred connections, each closed at one end as soon as it is there."""
    server = listener(own_port())
    print("ready", flush=True)
    sys.stdin.readline()
    on_one_processor()
    for _ in range(300):
        client, served = pair(server)
        served.close()
        KEEP.append(client)


def outshouted():
    """When a line comes: connections, more changes than a ring of the kernel's holds, and their far ends closed."""
    server = listener(own_port())
    print("ready", flush=True)
    sys.stdin.readline()
    on_one_processor()
    kept = [pair(server) for _ in range(24)]
    for _ in range(2000):
        client, served = pair(server)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        served.close()
    for client, served in kept:
        served.close()
        KEEP.append(client)


def on_demand():
    """12 more for the pool, when a line comes."""
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(12):
        client, served = pair(KEEP[0])
        served.close()
        KEEP.append(client)


def main(kinds):
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    for kind in kinds:
        globals()[kind]()
    print("ready", flush=True)
    sys.stdin.read()
    for pid in CHILDREN:
        os.kill(pid, 9)
    for pid in CHILDREN:
        os.waitpid(pid, 0)      # the next host may want the same ports


main(sys.argv[1:])
