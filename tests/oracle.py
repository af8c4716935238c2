#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compare each table of a trace with what netstat and ss said at the same moment.

The rows compared are those of the watched ports: state, both ends, Recv-Q and Send-Q.
"""
import json
import sys

import yaml

SS = {  # ss's spelling to netstat's
    "ESTAB": "ESTABLISHED", "SYN-SENT": "SYN_SENT", "SYN-RECV": "SYN_RECV",
    "FIN-WAIT-1": "FIN_WAIT1", "FIN-WAIT-2": "FIN_WAIT2", "TIME-WAIT": "TIME_WAIT",
    "CLOSE-WAIT": "CLOSE_WAIT", "LAST-ACK": "LAST_ACK",
    "LISTEN": "LISTEN", "CLOSING": "CLOSING",
}


def end(text):
    """An endpoint in one spelling: no brackets, no interface, "*" for any address.

    A mapped address is the IPv4 one: netstat writes it so, ss with its prefix.
    """
    addr, _, port = text.rpartition(":")
    addr = addr.replace("[", "").replace("]", "").partition("%")[0].removeprefix("::ffff:")
    return ("*" if addr in ("0.0.0.0", "::", "*") else addr) + " " + port


def netstat_rows(output):
    for line in output.splitlines():
        field = line.split()
        if field and field[0] in ("tcp", "tcp6"):
            # netstat shows no backlog for a listener: nothing to compare there
            queues = (None, None) if field[5] == "LISTEN" else (int(field[1]), int(field[2]))
            yield (field[5], end(field[3]), end(field[4])) + queues


def ss_rows(output):
    for line in output.splitlines():
        field = line.split()
        # That of iproute2 6.15 adds, with -a, what is bound and not in the table of connections.
        if field[0] == "UNCONN":
            continue
        yield (SS[field[0]], end(field[3]), end(field[4]), int(field[1]), int(field[2]))


def our_rows(rows, listeners_have_queues):
    for row in rows:
        queues = (row["recvq"], row["sendq"])
        if row["state"] == "LISTEN" and not listeners_have_queues:
            queues = (None, None)
        yield (row["state"], end(row["local"]), end(row["remote"])) + queues


def watched(rows, ports):
    def port(text):
        return text.rpartition(" ")[2]
    return sorted((r for r in rows if not ports or port(r[1]) in ports or port(r[2]) in ports),
                  key=str)


def main(path):
    compared, table, ports = 0, None, set()
    with open(path, encoding="utf-8") as trace:
        for line in trace:
            event = json.loads(line)
            if event["event"] == "run":
                watch = yaml.safe_load(event["scenario"]).get("watch", [])
                ports = {str(p) for p in (watch if isinstance(watch, list) else [watch])}
            elif event["event"] == "snapshot":
                table = event["rows"]
            elif event["event"] == "witness":
                is_ss = event["command"].startswith("ss")
                theirs = ss_rows(event["output"]) if is_ss else netstat_rows(event["output"])
                ours = watched(our_rows(table, is_ss), ports)
                theirs = watched(theirs, ports)
                if ours != theirs:
                    print(f"{path}: phase {event['phase'] + 1}: {event['command']} says\n"
                          f"  {theirs}\nand tcplab\n  {ours}", file=sys.stderr)
                    return 1
                compared += 1
    if not compared:
        print(f"{path}: there was no witness", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(any([main(f"{run}/trace.ndjson") for run in sys.argv[1:]]))
