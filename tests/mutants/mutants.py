#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Break the program on purpose, one edit at a time, and see the named test say so.

	tests/mutants/mutants.py [LIST...]     all of tests/mutants/*.list where none is named
	ONLY=WORD tests/mutants/mutants.py     those whose first line has WORD in it
	tests/mutants/mutants.py --find        only whether the lines of each are there, silent if so

A list is text. Each mutant is a paragraph:

	! what is broken, in a few words
	src/core/sock.c                          the file
	test_match --filter 'match/inode*'       the unit test that must fail, and its arguments
	-	the line or lines as they are        (exactly once in the file)
	+	what stands there instead            (none: the lines go)

Lines that begin with # are comments. The edits are made in a copy of the tree, built
beside the original; a mutant that does not compile, whose lines are not found, or whose
test passes unbroken code no better than broken code fails the run.
"""
import glob, os, re, shlex, shutil, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


class Mutant:
    def __init__(self, place, what):
        self.place, self.what = place, what
        self.file = self.test = None
        self.old, self.new = [], []

    def take(self, line):
        if line[0] in "-+":
            (self.old if line[0] == "-" else self.new).append(line[1:])
        elif self.file is None:
            self.file = line
        elif self.test is None:
            self.test = shlex.split(line)
        else:
            sys.exit(f"{self.place}: neither -, + nor the next mutant: {line}")


def read(path):
    mutants = []
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.rstrip("\n")
        if line.startswith("!"):
            mutants.append(Mutant(f"{os.path.relpath(path, ROOT)}:{number}", line[1:].strip()))
        elif line and not line.startswith("#"):
            if not mutants:
                sys.exit(f"{path}:{number}: a mutant begins with a line of ! and what it breaks")
            mutants[-1].take(line)
    return mutants


class Copy:
    """The tree, copied: what git knows, and what was built of it."""

    def __init__(self, root):
        self.root = root
        names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT,
                               check=True, stdout=subprocess.PIPE).stdout.split(b"\0")
        for name in map(os.fsdecode, filter(None, names)):
            if os.path.isfile(os.path.join(ROOT, name)):
                os.makedirs(os.path.join(root, os.path.dirname(name)), exist_ok=True)
                shutil.copy2(os.path.join(ROOT, name), os.path.join(root, name))
        if os.path.isdir(os.path.join(ROOT, "build")):
            shutil.copytree(os.path.join(ROOT, "build"), os.path.join(root, "build"), symlinks=True)

    def make(self, test):
        # The variables of the make that called us count here too, its job slots do not.
        flags = re.sub(r"(^| )-j\d* --jobserver-\w+=\S+", "", os.environ.get("MAKEFLAGS", ""))
        done = subprocess.run(["make", "-s", "-j2", "WERROR=", f"build/tests/{test}"], cwd=self.root,
                              env={**os.environ, "MAKEFLAGS": flags}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return None if done.returncode == 0 else done.stdout

    def passes(self, command):
        try:
            return subprocess.run([f"build/tests/{command[0]}", *command[1:]], cwd=self.root,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, timeout=120).returncode == 0
        except subprocess.TimeoutExpired:
            return False


def lines(of):
    return "".join(line + "\n" for line in of)


def find(root, mutant):
    """None: its lines are in the tree; else why it counts as a failure."""
    if not (mutant.file and mutant.test and mutant.old):
        return "it names no file, no test, or no lines"
    count = open(os.path.join(root, mutant.file), encoding="utf-8").read().count(lines(mutant.old))
    return None if count == 1 else f"its lines are in {mutant.file} {count} times, not once"


def try_one(copy, mutant, sound):
    """None: it was killed; else why it counts as a failure."""
    missing = find(copy.root, mutant)
    if missing:
        return missing
    path = os.path.join(copy.root, mutant.file)
    text = open(path, encoding="utf-8").read()
    key = tuple(mutant.test)
    if key not in sound:
        broken = copy.make(mutant.test[0])
        sound[key] = broken is None and copy.passes(mutant.test)
    if not sound[key]:
        return f"{shlex.join(mutant.test)} fails without it"
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.replace(lines(mutant.old), lines(mutant.new)))
        broken = copy.make(mutant.test[0])
        if broken is not None:
            return "it does not compile:\n" + broken
        return f"it survives {shlex.join(mutant.test)}" if copy.passes(mutant.test) else None
    finally:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


def find_all():
    missing = [f"{m.place}: {m.what}: {why}" for path in sorted(glob.glob(os.path.join(HERE, "*.list")))
               for m in read(path) if (why := find(ROOT, m))]
    sys.exit("\n".join(missing) or None)


def main():
    if sys.argv[1:] == ["--find"]:
        find_all()
    lists = sys.argv[1:] or sorted(glob.glob(os.path.join(HERE, "*.list")))
    only = os.environ.get("ONLY", "")
    mutants = [m for path in lists for m in read(path) if only in m.what]
    killed, sound = 0, {}
    with tempfile.TemporaryDirectory(prefix="tcplab-mutants-") as root:
        copy = Copy(root)
        for mutant in mutants:
            why = try_one(copy, mutant, sound)
            killed += why is None
            print(f"{'killed ' if why is None else 'FAILED '} {mutant.place}: {mutant.what}"
                  + (f"\n        {why}" if why else ""), flush=True)
    print(f"{killed} passed, {len(mutants) - killed} failed")
    sys.exit(0 if mutants and killed == len(mutants) else 1)


if __name__ == "__main__":
    main()
