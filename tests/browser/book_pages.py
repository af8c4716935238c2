# SPDX-License-Identifier: GPL-2.0-or-later
"""The book in a real browser: its search, its pages in four sizes, dark, and without script."""
import os
import subprocess
import tempfile
import unittest

from page import Page

TCPLAB = os.environ.get("TCPLAB", os.path.abspath("build/tcplab"))
SIZES = ((1280, 720), (1024, 768), (800, 1000), (390, 844))
PAGES = ("index.html", "state/FIN_WAIT2.html", "arrow/13.html", "word/econnreset.html",
         "claim/redis-walkthrough-b7.html", "two/who-closes-first.html", "states.html",
         "complaints.html", "words.html", "runs.html", "run/redis-walkthrough.html")

ASK = """
const input = document.getElementById("find");
input.value = arguments[0];
input.dispatchEvent(new Event("input"));
return [...document.querySelectorAll("#found a")].map((a) => [a.textContent,
    a.getAttribute("href")]);
"""


TABLES = """
return [...document.querySelectorAll(".step")].map((step) =>
    [...step.querySelectorAll("tbody:not(.gone) tr:not(.below)")].map((row) => row.textContent.trim()));
"""


def script(name):
    with open(os.path.join(os.path.dirname(__file__), name), encoding="utf-8") as file:
        return file.read()


class Book(unittest.TestCase):
    """Of the saved runs in tests/golden."""

    @classmethod
    def setUpClass(cls):
        cls.home = tempfile.TemporaryDirectory()
        cls.root = os.path.join(cls.home.name, "site")
        subprocess.run([TCPLAB, "book", cls.root, "--out", "tests/golden"], check=True,
                       stdin=subprocess.DEVNULL, capture_output=True)
        cls.page = Page()

    @classmethod
    def tearDownClass(cls):
        cls.page.close()
        cls.home.cleanup()

    def open(self, path, fragment=""):
        self.page.open(os.path.join(self.root, path), fragment)

    def complaints(self):
        """What the console says, and each request but those for the book's own files."""
        return [said for said in self.page.complaints()
                if not said.startswith("asked for file://" + self.root)]

    def test_search_finds_what_people_type(self):
        self.page.look()
        self.open("index.html")
        for typed, path in (("FIN_WAIT2", "state/FIN_WAIT2.html"),
                            ("fin-wait-2", "state/FIN_WAIT2.html"),
                            ("SYN_RCVD", "state/SYN_RECV.html"),
                            ("connection reset", "word/econnreset.html"),
                            ("read: Connection reset by peer (104)", "word/econnreset.html"),
                            ("tcp_fin_timeout", "word/net.ipv4.tcp_fin_timeout.html"),
                            ("LISTEN->SYN_RECV", "arrow/4.html"),
                            ("recv-q", "word/recv-q.html"),
                            ("redis/walkthrough", "run/redis-walkthrough.html"),
                            ("who closes first", "two/who-closes-first.html")):
            with self.subTest(typed):
                found = self.page.run(ASK, typed)
                self.assertTrue(found, "nothing")
                self.assertEqual(found[0][1], path)
        self.assertEqual(self.page.run(ASK, "zebra"), [])
        self.assertEqual(self.complaints(), [])

    def test_search_by_keyboard(self):
        self.page.look()
        self.open("state/LISTEN.html")
        self.page.press("/")
        self.assertEqual(self.page.run("return document.activeElement.id"), "find")
        self.page.run(ASK, "econnrefused")
        self.page.press("Enter")
        self.assertIn("/word/econnrefused.html", self.page.run("return location.href"))
        self.open("state/LISTEN.html")
        self.page.run(ASK, "econnrefused")
        self.page.press("Escape")
        self.assertFalse(self.page.run(
            "return document.getElementById('found').checkVisibility()"))

    def test_sizes_and_schemes(self):
        for path in PAGES:
            for width, height in SIZES:
                for scheme in ("light", "dark"):
                    with self.subTest(path=path, width=width, scheme=scheme):
                        self.page.look(width, height, scheme, motion="reduce")
                        self.open(path)
                        self.assertLessEqual(self.page.run(
                            "return document.documentElement.scrollWidth - innerWidth"), 0)
                        self.assertEqual(self.page.run(CONTRAST)["faint"], [])
                        self.assertEqual(self.complaints(), [])

    def test_arrow_of_the_figure_leads_to_its_run(self):
        self.page.look()
        self.open("index.html")
        self.assertTrue(self.page.run("""
            const arrow = document.querySelector('a.arc[data-arc="9"]');
            arrow.dispatchEvent(new MouseEvent("click", { bubbles: true }));
            return true;"""))
        self.assertRegex(self.page.run("return location.href"), r"/run/redis-.*\.html#step-\d+$")
        step = self.page.run("return location.hash.slice(1)")
        self.assertTrue(self.page.run(
            "return document.getElementById(arguments[0]).checkVisibility()", step))
        self.assertEqual(self.complaints(), [])

    def test_a_step_whose_table_is_as_before_shows_it(self):
        self.page.look()
        self.open("run/redis-walkthrough-2.html")
        steps = self.page.run("""return [...document.querySelectorAll(".step")].flatMap(
            (one, i) => one.querySelector(".as-before") ? [i + 1] : []);""")
        self.assertTrue(steps, "each step has a table of its own")
        self.open("run/redis-walkthrough-2.html", f"#step-{steps[0]}")
        shown = self.page.run("""const one = document.querySelector(".step.current");
            return [one.querySelectorAll(".netstat").length,
                    one.querySelector(".as-before").checkVisibility(),
                    document.querySelectorAll(".node.now").length];""")
        self.assertEqual(shown[:2], [1, False])
        self.assertGreater(shown[2], 0, "no state is lit")

    def test_what_is_said_once_is_there_at_every_step(self):
        alone = os.path.join(self.home.name, "alone.html")
        with open(alone, "wb") as file:
            subprocess.run([TCPLAB, "report", "--format", "html", "tests/golden/slow/trace.ndjson"],
                           check=True, stdin=subprocess.DEVNULL, stdout=file)
        self.page.look()
        self.page.open(alone, "#step-20")
        wanted = self.page.run(TABLES)
        self.open("run/redis-walkthrough-slow.html", "#step-20")
        self.assertTrue(self.page.run("return !!document.querySelector('tbody[data-as]')"),
                        "there is no step behind it with a row as before")
        self.page.press("End")
        self.assertFalse(self.page.run("return !!document.querySelector('tbody[data-as]')"))
        shown = self.page.run(TABLES)
        self.assertEqual(len(shown), len(wanted))
        for i, (here, there) in enumerate(zip(shown, wanted), 1):
            with self.subTest(step=i):
                self.assertEqual(here, there)
        self.assertEqual(self.page.run("return document.querySelectorAll('.arc.walked').length"),
                         self.arrows(alone))

    def arrows(self, path):
        self.page.open(path)
        self.page.press("End")
        return self.page.run("return document.querySelectorAll('.arc.walked').length")

    def test_a_run_leads_to_the_one_it_is_compared_with(self):
        for run, other in (("walkthrough", "master-stops-first"), ("master-stops-first", "walkthrough")):
            self.open(f"run/redis-{run}.html")
            self.page.run("document.querySelector('.beside a').click()")
            self.page.settle()
            self.assertEqual(self.page.run("return document.querySelector('h1').textContent"),
                             "Who closes first?")
            self.assertTrue(self.page.run(
                f"return !!document.querySelector('.two a[href*=\"redis-{other}.html\"]')"))

    def test_what_if_leads_to_the_run_that_shows_it(self):
        self.open("run/redis-walkthrough-slow.html")
        runs = set(self.page.run("return [...document.querySelectorAll('.what-if a')]"
                                 ".map((a) => a.getAttribute('href'))"))
        self.assertEqual(runs, {"redis-syn-lost.html", "redis-fin-lost.html",
                                "rfc9293-ack-of-fin-lost.html"})
        for run in runs:
            self.assertTrue(os.path.exists(os.path.join(self.root, "run", run)), run)

    def test_without_script(self):
        self.page.scripts(False)
        try:
            for path in PAGES:
                self.page.look(390, 844)
                self.open(path)
                with self.subTest(path):
                    self.assertFalse(self.page.run(
                        "return !!document.querySelector('.search')?.checkVisibility()"),
                        "a search that finds nothing")
                    self.assertGreater(self.page.run("return document.links.length"), 7)
        finally:
            self.page.scripts(True)


CONTRAST = script("contrast.js")
