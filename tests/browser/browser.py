#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The HTML report in a real browser: each step against the trace, and what a page must be.

    tests/browser/browser.py [TEST...]      all of them, or those whose names are given

Ends with "N passed, N failed".
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

import film
from book_pages import Book  # noqa: F401: its tests are run with these
from page import Page

TCPLAB = os.environ.get("TCPLAB", os.path.abspath("build/tcplab"))
GOLDEN = os.path.abspath("tests/golden")
LIVE = ("rfc9293/simultaneous-close", "rfc9293/simultaneous-open", "redis/two-replicas",
        "redis/frozen-master")
SAVED = ("walkthrough", "slow", "master-first", "fin-lost", "unmet", "missed", "lossy",
         "untapped", "hostile", "cut", "killed")
SEGMENTS = 10000



def script(name):
    with open(os.path.join(os.path.dirname(__file__), name), encoding="utf-8") as file:
        return file.read()


CONTRAST = script("contrast.js")
OVERLAP = script("overlap.js")


def setUpModule():
    global page, home
    home = tempfile.TemporaryDirectory()
    page = Page()


def tearDownModule():
    page.close()
    home.cleanup()


def render(trace):
    """The page of a saved trace, as a file."""
    path = os.path.join(home.name, trace.strip("/").replace("/", "-") + ".html")
    with open(path, "wb") as out:
        subprocess.run([TCPLAB, "report", "--format=html", trace], stdout=out, check=False)
    return path


def golden(name):
    trace = f"{GOLDEN}/{name}/trace.ndjson"
    return trace, render(trace)


def live(name):
    """Run a scenario now; its trace and the page that was saved beside it."""
    out = os.path.join(home.name, "out")
    done = subprocess.run([TCPLAB, "run", "--quiet", "--out", out, name],
                          stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode == 77:
        raise unittest.SkipTest(name + " cannot run on this host")
    assert done.returncode == 0, done.stdout + done.stderr
    return f"{out}/{name}/trace.ndjson", f"{out}/{name}/report.html"


def bulk():
    """The walkthrough with a transfer of 10 000 segments in it."""
    events = film.read(f"{GOLDEN}/walkthrough/trace.ndjson")
    at = next(i for i, e in enumerate(events) if e["event"] == "segment" and e["len"])
    more = [dict(events[at], seq=events[at]["seq"] + i) for i in range(SEGMENTS)]
    return number(events[:at] + more + events[at:])


def held():
    """The same, each of them held and let go."""
    events = film.read(f"{GOLDEN}/walkthrough/trace.ndjson")
    at = next(i for i, e in enumerate(events) if e["event"] == "segment" and e["len"])
    more = []
    for i in range(SEGMENTS):
        more.append(dict(events[at], seq=events[at]["seq"] + i, fate="held"))
        more.append({"event": "letgo", "t_ns": events[at]["t_ns"],
                     "phase": events[at]["phase"], "id": 0, "dropped": False})
    return number(events[:at] + more + events[at:])


def late():
    """A close of four segments; the ACK of the first FIN was read after the second was sent."""
    events = film.read(f"{GOLDEN}/slow/trace.ndjson")
    told = [e for e in events if e["event"] == "segment"]
    at = next(i for i, e in enumerate(told)
              if "FIN" in e["flags"] and e["ends"][0]["state"] == "LAST_ACK")
    assert told[at - 1]["ends"][0]["state"] == "CLOSE_WAIT", "no ACK before the second FIN"
    told[at - 1]["ends"][0] = told[at]["ends"][0]
    return events


def another(segments, i, like):
    """The same segments on a connection of their own, in the phase of another event."""
    for event in json.loads(json.dumps(segments).replace(":53525", f":{20000 + i}")):
        event.update(phase=like["phase"], t_ns=like["t_ns"])
        for row in event["ends"]:
            if row and row["state"] != "LISTEN":
                row["cookie"] += 1000 * (i + 1)
        yield event


def churn():
    """The walkthrough's connection, so often that 10 000 segments open and close."""
    events = film.read(f"{GOLDEN}/walkthrough/trace.ndjson")
    told = [e for e in events if e["event"] == "segment"
            and any(flag in e["flags"] for flag in ("SYN", "FIN"))]
    last = max(i for i, e in enumerate(events) if e["event"] == "segment")
    more = [event for i in range(SEGMENTS // len(told))
            for event in another(told, i, events[last])]
    return number(events[:last] + more + events[last:])


def crowd(n=300):
    """10 000 segments of as many connections as that, all at the same time."""
    events = film.read(f"{GOLDEN}/walkthrough/trace.ndjson")
    all_of_it = [e for e in events if e["event"] == "segment"]
    last = max(i for i, e in enumerate(events) if e["event"] == "segment")
    fin = next(i for i, e in enumerate(all_of_it) if "FIN" in e["flags"])
    data = [e for e in all_of_it[:fin] if e["len"]]
    talk = [data[i % len(data)] for i in range(SEGMENTS // n - len(all_of_it) + 1)]
    one = all_of_it[:fin] + talk + all_of_it[fin:]
    films = [list(another(one, i, events[last])) for i in range(n)]
    return number(events[:last] + [one[i] for i in range(len(one)) for one in films]
                  + events[last:])


def number(events):
    count = 0
    for event in events:
        if event["event"] == "segment":
            count += 1
            event["id"] = count
        elif event["event"] == "letgo":
            event["id"] = count
    return events


def written(name, events):
    return render(saved(name, events))


def saved(name, events):
    path = os.path.join(home.name, name + ".ndjson")
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(json.dumps(event) + "\n" for event in events)
    return path


class Steps(unittest.TestCase):
    """From the first step to the last by keyboard: what is lit, marked and drawn."""

    def check_arcs(self, changes, shown, walked, proved, where):
        used = set()
        # Three ways lead from FIN_WAIT1 to TIME_WAIT: none is lit where segments are missing.
        known = shown["taken"] + ([] if proved else ["N2"])
        for old, new in changes.values():
            starts = (old, "LISTEN") if old == "CLOSED" else (old,)
            found = [way for start in starts
                     if (way := film.ways(start, new, known)) is not None]
            self.assertTrue(found, f"{where}: no arc lit from {old} to {new}")
            used.update(*found)
        if not proved:
            self.assertNotIn("N2", shown["taken"], where)
            used.discard("N2")
        self.assertEqual(set(shown["taken"]), used if changes else set(), where)
        walked |= used
        self.assertEqual(set(shown["walked"]), walked, where)

    def check_table(self, world, shown, where):
        for cookie, *cells in shown["table"]:
            row = world.rows[int(cookie)]
            self.assertEqual(cells[0], str(row["recvq"]), where)
            self.assertEqual([cells[2].rsplit(":", 1)[1], cells[3].rsplit(":", 1)[1]],
                             [row["local"].rsplit(":", 1)[1],
                              row["remote"].rsplit(":", 1)[1]], where)
            self.assertEqual(cells[4], row["state"], where)
        seen = {cookie for cookie, row in world.rows.items() if not row.get("unseen")}
        self.assertEqual({int(cookie) for cookie, *_ in shown["table"]}, seen, where)

    def check_bands(self, shown, where):
        """The lifelines show the states that are lit, in the same colours."""
        self.assertEqual(dict(shown["bands"]), dict(shown["boxes"]), where)

    def check_held(self, world, shown, where):
        must, may = world.held(shown["line"])
        self.assertLessEqual(must, set(shown["held"]), where)
        self.assertLessEqual(set(shown["held"]), may, where)
        self.assertEqual(shown["heldNow"], bool(shown["held"]), where)

    def walk(self, trace, path):
        events = film.read(trace)
        world, walked, lines = film.World(events), set(), []
        page.look(motion="reduce")
        page.open(path)
        n = page.run("return document.querySelectorAll('.step').length")
        for i in range(n):
            if i:
                page.press("ArrowRight")
            shown = page.lit()
            where = f"{trace} step {i + 1}, line {shown['line']}"
            changes = world.step(shown["line"])
            self.assertEqual(shown["shown"], [f"step-{i + 1}"], where)
            self.assertEqual(shown["row"], i, where)
            self.assertEqual(shown["hash"], f"#step-{i + 1}" if i else "", where)
            self.assertEqual(shown["lit"], world.briefly(), where)
            self.assertEqual(shown["told"], world.lit(), where)
            self.check_bands(shown, where)
            self.check_held(world, shown, where)
            unseen = {c for c, row in world.rows.items() if row.get("unseen")}
            self.assertEqual({int(c) for c in shown["changed"]}, set(changes) - unseen, where)
            self.check_table(world, shown, where)
            self.check_arcs(changes, shown, walked, film.has_all_segments(events), where)
            # runs of chatter are told where they begin, and may end in one another
            lines.append((shown["line"], shown["kind"]))
        page.press("ArrowRight")
        self.assertEqual(page.lit()["row"], n - 1, "there is nothing behind the last step")
        told = [line for line, kind in lines if kind != "chatter"]
        self.assertEqual(told, sorted(set(told)), trace)
        self.assertEqual(film.must_show(events) - set(told), set(), trace)
        self.assertEqual(page.complaints(), [], trace)


    def test_late(self):
        trace = saved("late", late())
        self.walk(trace, render(trace))


for _name in SAVED:
    setattr(Steps, "test_" + _name.replace("-", "_"),
            lambda self, name=_name: self.walk(*golden(name)))
for _name in LIVE:
    setattr(Steps, "test_live_" + _name.split("/")[1].replace("-", "_"),
            lambda self, name=_name: self.walk(*live(name)))


class Expectations(unittest.TestCase):
    def test_expected_stands_beside_seen(self):
        page.look()
        page.open(golden("unmet")[1])
        page.press("End")
        shown = page.lit()
        self.assertEqual(shown["kind"], "look")
        self.assertGreaterEqual(shown["missing"], 1)
        self.assertIn(False, [good for _, good in shown["expected"]])
        page.open(golden("walkthrough")[1])
        page.press("End")
        shown = page.lit()
        self.assertEqual(shown["missing"], 0)
        gone = {int(cookie) for cookie in shown["changed"]}
        self.assertEqual([good for cookie, good in shown["expected"]
                          if int(cookie) not in gone or good], [True, True])


class Moving(unittest.TestCase):
    def setUp(self):
        page.look()
        self.path = golden("slow")[1]

    def row(self):
        return page.lit()["row"]

    def test_a_step_has_an_address(self):
        page.open(self.path, "#step-12")
        self.assertEqual(self.row(), 11)
        page.open(self.path, "#step-99999")
        page.press("ArrowLeft")
        last = page.run("return document.querySelectorAll('.step').length") - 1
        self.assertEqual(self.row(), last - 1)
        page.open(self.path, "#nothing-here")
        self.assertEqual(self.row(), 0)

    def test_keys_buttons_and_scrubbing(self):
        page.open(self.path)
        for key, row in (("End", 33), ("Home", 0), ("ArrowRight", 1), ("ArrowLeft", 0)):
            page.press(key)
            self.assertEqual(self.row(), row, key)
        page.press("ArrowRight", shift=True)
        phases = page.run("return [...document.querySelectorAll('.step')].map("
                          "(s) => s.dataset.phase)")
        self.assertEqual(self.row(), phases.index("1"))
        page.press("ArrowLeft", shift=True)
        self.assertEqual(self.row(), 0)
        for button, row in (("next", 1), ("last", 33), ("back", 32), ("first", 0)):
            page.driver.find_element("id", button).click()
            self.assertEqual(self.row(), row, button)
        page.run("scrub.value = 20; scrub.dispatchEvent(new Event('input'))")
        self.assertEqual(self.row(), 19)

    def test_play_goes_to_the_end_and_stops(self):
        page.open(self.path, "#step-32")
        page.press("p")
        page.driver.set_script_timeout(60)
        page.driver.execute_async_script(
            "const done = arguments[0];"
            "new MutationObserver(() => /^Step 34/.test(said.textContent) && done())"
            ".observe(said, { childList: true })")
        self.assertIn("play", page.run("return play.textContent"))

    def test_a_claim_leads_to_its_evidence_and_back(self):
        page.open(self.path)
        link = page.run("return document.querySelector('.claims a[href^=\"#step-\"]')")
        goal = link.get_attribute("href").rsplit("-", 1)[1]
        page.run("arguments[0].click()", link)
        self.assertEqual(self.row(), int(goal) - 1)
        page.driver.back()
        page.driver.execute_async_script("setTimeout(arguments[0])")
        self.assertEqual(page.run("return location.hash"), "")

    def test_words_are_told_on_focus_and_hover(self):
        page.open(self.path, "#step-4")
        told = page.run("""
            const links = [...document.querySelectorAll(
                '.step.current a[href^="#state-"], .step.current .flag, .step.current th a, ' +
                '.step.current .below a, .node')];
            return links.filter((link) => link.checkVisibility()).map((link) => {
                link.focus();
                const focus = tip.matches('.shown') &&
                    link.getAttribute('aria-describedby') === 'tip' && tip.textContent;
                link.blur();
                tip.classList.remove('shown');
                link.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
                return [link.getAttribute('href'), focus,
                        tip.matches('.shown') && tip.textContent];
            });""")
        self.assertGreater(len(told), 15)
        for href, focus, hover in told:
            self.assertTrue(focus, href)
            self.assertEqual(focus, hover, href)
        listen = subprocess.run([TCPLAB, "explain", "LISTEN"], capture_output=True,
                                text=True, check=True).stdout
        self.assertLessEqual({"#flag-SYN", "#column-RECVQ", "#row-LISTENER", "#row-END"},
                             {href for href, *_ in told})
        words = dict((href, focus) for href, focus, _ in told)["#state-LISTEN"]
        self.assertIn(words, " ".join(listen.split()))

    def test_each_term_has_a_card_with_the_words_of_explain(self):
        page.open(self.path, "#step-9")
        told = page.run("""
            const at = location.hash;
            return [...document.querySelectorAll('.about .term, .claims .term, ' +
                '.step.current .term, .step.current .flag, .step.current th a')]
                .filter((link) => link.checkVisibility()).map((link) => {
                    link.click();
                    const card = document.getElementById('card');
                    const text = !card.hidden && card.textContent.replace(/\\s+/g, ' ');
                    document.getElementById('card-close').click();
                    return [link.getAttribute('href'), text, location.hash === at];
                });""")
        cards = {href: text for href, text, _ in told}
        self.assertLessEqual({"#word-sequence-number", "#word-window", "#column-RECVQ",
                              "#column-SENDQ", "#flag-SYN", "#flag-ACK"}, set(cards))
        self.assertTrue(any("#word-" in href and "number" not in href for href in cards), cards)
        for href, text, stays in told:
            self.assertTrue(text, href)
            self.assertTrue(stays, href + " jumps away")
        says = subprocess.run([TCPLAB, "explain", "Recv-Q"], capture_output=True, text=True,
                              check=True).stdout
        sentence = " ".join(says.split("\n\n")[1].split())
        self.assertIn(sentence, cards["#column-RECVQ"])

    # What a newcomer may not know of what stands on a page outside its glossary, besides the
    # words of the lexicon.
    NEWCOMER = ("passive OPEN", "active OPEN", "CLOSE", "SEND", "rcv", "sends", "2 MSL pass",
                "segment", "connection", "port", "phase", "step", "table as expected", "held",
                "released", "lost", "frozen", "finding", "refined", "refuted", "arrow", "trace",
                "actor", "Proto", "Recv-Q", "Send-Q", "Local Address", "Foreign Address", "State")

    def test_each_term_of_a_page_is_explained_on_it(self):
        listed = subprocess.run([TCPLAB, "explain"], capture_output=True, text=True,
                                check=True).stdout
        names = {name.strip() for paragraph in listed.split("\n\n")[1:-1]
                 for name in " ".join(paragraph.splitlines()[1:]).split(",")}
        names = {name for name in names if re.search(r"[A-Z+]", name)}
        self.assertGreater(len(names), 70)
        for golden_name in ("walkthrough", "slow", "fin-lost", "master-first"):
            page.open(golden(golden_name)[1])
            text, told = page.run("""
                const glossary = document.querySelector(".glossary");
                const told = [...glossary.querySelectorAll("dt, summary b")].map(
                    (one) => one.textContent).join("\\n");
                glossary.remove();
                document.querySelectorAll(".step").forEach((one) => one.classList.add("current"));
                return [document.body.innerText, told];""")
            has = lambda word, where: re.search(rf"(?<![\w+]){re.escape(word)}(?![\w+])", where)
            unknown = [word for word in sorted(names.union(self.NEWCOMER))
                       if has(word, text) and not re.search(re.escape(word), told, re.I)]
            self.assertEqual(unknown, [], golden_name)
            self.assertTrue(has("segment", text) and has("ESTABLISHED", text))

    def test_a_phase_has_an_address(self):
        page.open(self.path, "#phase-7")
        shown = page.lit()
        self.assertEqual(shown["kind"], "look")
        self.assertEqual(page.run("return document.querySelector('.step.current')"
                                  ".dataset.phase"), "6")

    def test_all_evidence_can_be_followed(self):
        for name in ("walkthrough", "slow", "unmet"):
            page.open(golden(name)[1])
            dead = page.run("""
                return [...document.querySelectorAll('.claims ul li')].filter((one) => {
                    const link = one.querySelector('a[href]');
                    const goal = link && document.querySelector(link.getAttribute('href'));
                    const phase = /in phase (\\d+)/.exec(one.textContent);
                    return !goal || phase && Number(goal.dataset.phase) !== phase[1] - 1;
                }).map((one) => one.textContent);""")
            self.assertEqual(dead, [], name)


class Layout(unittest.TestCase):
    """What a reader sees without scrolling, and that all of it can be read."""

    VIEWS = """
        const box = (one) => one.getBoundingClientRect();
        const views = ["sequence", "states", "table"].map((name) => {
            const { left, right, top, bottom } = box(document.querySelector("." + name));
            return { left, right, top, bottom };
        });
        const pane = document.querySelector(".view.table");
        const inside = (one) => one && box(one).top >= 0 && box(one).bottom <= innerHeight;
        return { views, scrolled: scrollY, height: innerHeight,
                 sideways: pane.scrollWidth - pane.clientWidth,
                 row: inside(document.querySelector(".row.current")),
                 table: inside(document.querySelector(".step.current .netstat tbody") ??
                               document.querySelector(".step.current .netstat")) };"""

    def test_three_views_stand_side_by_side_in_one_window(self):
        for width, height in ((1440, 900), (1920, 1080)):
            for name in ("walkthrough", "slow", "unmet", "cut"):
                page.look(width, height)
                page.open(golden(name)[1])
                for key in ("Home", "ArrowRight", "ArrowRight", "ArrowRight", "End"):
                    page.press(key)
                    seen = page.run(self.VIEWS)
                    where = f"{name} at {width}, {key}"
                    left, middle, right = seen["views"]
                    self.assertLess(left["right"], middle["left"], where)
                    self.assertLess(middle["right"], right["left"], where)
                    self.assertEqual({left["top"], middle["top"], right["top"]},
                                     {left["top"]}, where)
                    self.assertLessEqual(max(v["bottom"] for v in seen["views"]), height,
                                         where)
                    self.assertEqual([seen["scrolled"], seen["sideways"]], [0, 0], where)
                    self.assertTrue(seen["row"] and seen["table"], where)

    def test_words_are_not_cut_and_lie_on_no_other(self):
        for width in (1440, 1240, 1024, 390):
            page.look(width)
            for name in ("slow", "fin-lost", "master-first", "lossy", "unmet", "hostile"):
                page.open(golden(name)[1])
                for key in ("Home", "ArrowRight", "ArrowRight", "ArrowRight", "End"):
                    page.press(key)
                    found = page.run(OVERLAP)
                    self.assertGreater(found["looked"], 30)
                    self.assertEqual(found["bad"], [], f"{name} at {width}, {key}")

    def test_the_words_of_a_call_do_not_lie_on_the_state_that_it_makes(self):
        for width in (1440, 390):
            page.look(width)
            page.open(live("rfc9293/abort")[1])
            self.assertEqual(page.run(OVERLAP)["bad"], [], width)

    def test_names_of_any_length_find_room(self):
        events = film.read(f"{GOLDEN}/walkthrough/trace.ndjson")
        text = events[0]["scenario"]
        for short in ("The replica is running", "A Redis replica comes and goes"):
            self.assertIn(short, text)
            text = text.replace(short, "</style>" + 60 * "Donaudampfschiff")
        events[0]["scenario"] = re.sub(r"\breplica\b", "r" + 30 * "x", text)
        path = written("long", events)
        for width in (1440, 375):
            page.look(width)
            page.open(path)
            for key in ("Home", "End"):
                page.press(key)
                self.assertEqual(page.run(OVERLAP)["bad"], [], f"{width}, {key}")
                self.assertEqual(page.run("return document.documentElement.scrollWidth"),
                                 width)
        self.assertEqual(page.complaints(), [])


    def test_a_steps_words_are_in_sight_at_any_size(self):
        for width, height in ((1280, 720), (1024, 768), (800, 1000), (390, 844)):
            page.look(width, height)
            page.open(golden("slow")[1], "#step-9")
            seen = page.run('''
                const inside = (one) => {
                    const { top, bottom } = one.getBoundingClientRect();
                    return top >= 0 && bottom <= innerHeight;
                };
                const step = document.querySelector(".step.current");
                return [said, step.querySelector(".says"), step.querySelector(".changes"),
                        document.querySelector(".player")].map(inside);''')
            self.assertEqual(seen, [True] * 4, f"{width}x{height}")

    def test_a_link_to_a_step_shows_all_of_the_stage(self):
        for width, height in ((1280, 720), (1024, 768), (800, 1000)):
            page.look(width, height)
            for step in (1, 9, 20, 32):
                page.open(golden("slow")[1], f"#step-{step}")
                page.settle()
                out = page.run('''
                    const box = (one) => one.getBoundingClientRect();
                    const inside = (one, room) => box(one).top >= room.top - 1 &&
                        box(one).bottom <= room.bottom + 1 &&
                        box(one).left >= room.left - 1 && box(one).right <= room.right + 1;
                    const sight = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
                    const all = (names) => [...document.querySelectorAll(names)];
                    const pane = (one) => box(one.closest(".view, .player"));

                    return [...all("#said, .view, .phase-link").filter(
                                (one) => !inside(one, sight)),
                            ...all(".figure .node, .key, .row.current, .step.current .says").filter(
                                (one) => !inside(one, pane(one)))].map(
                                (one) => one.outerHTML.slice(0, 60));''')
                self.assertEqual(out, [], f"step {step} at {width}x{height}")

    def test_the_title_of_a_phase_is_to_be_read_at_any_width(self):
        for width in (1440, 1280, 1024, 800, 390):
            for name in ("slow", "walkthrough", "unmet"):
                page.look(width)
                page.open(golden(name)[1], "#step-1")
                page.settle()
                for _ in range(6):
                    phase, boxes, beside, cut = page.run('''
                        const seen = (one) => one.clientWidth > 1 || one.offsetWidth > 1;
                        const boxes = [...document.querySelectorAll(".phase-link bdi")];
                        const at = document.querySelector(".timeline .current bdi");
                        return [at.textContent, boxes.map(seen),
                                document.getElementById("of-phase").checkVisibility() &&
                                document.getElementById("of-phase").textContent,
                                [...document.querySelectorAll(".phase-link")].some((one) =>
                                    seen(one.querySelector("bdi")) &&
                                    (one.scrollWidth > one.clientWidth ||
                                     one.scrollHeight > one.clientHeight))];''')
                    self.assertEqual(len(set(boxes)), 1, "titles in all boxes or in none")
                    self.assertFalse(cut, f"{name} at {width}")
                    self.assertTrue(boxes[0] or beside.endswith(phase), (beside, phase))
                    page.press("ArrowRight", shift=True)

    def test_the_title_of_the_run_stands_in_one_place(self):
        for height, both in ((900, [True, False]), (600, [False, True])):
            page.look(1280, height)
            page.open(golden("slow")[1], "#step-9")
            page.settle()
            self.assertEqual(page.run("""
                const box = document.querySelector("h1").getBoundingClientRect();
                return [box.bottom > 0, document.getElementById("of-run").checkVisibility(
                    { visibilityProperty: true })];"""), both, height)

    def test_every_step_says_something(self):
        for name in ("slow", "walkthrough", "fin-lost", "master-first", "unmet"):
            page.open(golden(name)[1])
            mute = page.run("return [...document.querySelectorAll('.step')].filter((step) =>"
                            "!step.querySelector('.says, .changes')).map((step) => step.id)")
            self.assertEqual(mute, [], name)

    def test_a_word_is_broken_nowhere_in_a_title(self):
        for width in (1440, 1280, 1024, 390):
            page.look(width)
            page.open(golden("slow")[1], "#step-9")
            broken = page.run('''
                const whole = [];
                for (const one of document.querySelectorAll(
                        "h1, h2, .phase-link bdi, .rows .phase, #said")) {
                    const text = document.createNodeIterator(one, NodeFilter.SHOW_TEXT);
                    for (let node; (node = text.nextNode());)
                        for (const word of one.clientWidth < 2 ? [] : node.data.matchAll(/[A-Za-z]+/g)) {
                            const range = document.createRange();
                            range.setStart(node, word.index);
                            range.setEnd(node, word.index + word[0].length);
                            const lines = new Set([...range.getClientRects()].map((r) => r.top));
                            if (lines.size > 1 && one.checkVisibility())
                                whole.push(word[0]);
                        }
                }
                return whole;''')
            self.assertEqual(broken, [], width)
        page.look(1280, 720)
        page.open(golden("slow")[1])
        self.assertLess(page.run("return document.querySelector('h1').clientHeight"), 45,
                        "a title that has room keeps to one line")


class Lesson(unittest.TestCase):
    """Cards, questions, lanes."""

    def setUp(self):
        page.look(1280, 720)
        self.path = golden("slow")[1]

    def click_state(self, name):
        page.run("document.querySelector(`.node[data-state=${arguments[0]}]`).dispatchEvent("
                 "new MouseEvent('click', { bubbles: true, cancelable: true }))", name)

    def asking(self):
        return page.run("return document.documentElement.classList.contains('asking')")

    def test_a_click_on_a_state_opens_a_card_and_goes_nowhere(self):
        page.open(self.path, "#step-9")
        before = page.run("return [scrollY, location.hash]")
        self.click_state("SYN_RECV")
        self.assertFalse(page.run("return card.hidden"))
        self.assertIn("handshake needs one more segment",
                      page.run("return card.textContent"))
        self.assertEqual(page.run("return [scrollY, location.hash]"), before)
        page.press("Escape")
        self.assertTrue(page.run("return card.hidden"))
        self.assertEqual(page.complaints(), [])

    def test_nothing_lies_on_the_figure_once_a_card_is_closed(self):
        page.open(self.path, "#step-9")
        page.run("document.querySelector('.figure .node').dispatchEvent("
                 "new MouseEvent('click', { bubbles: true, cancelable: true }))")
        page.press("Escape")
        self.assertFalse(page.run("return document.getElementById('tip')"
                                  ".matches('.shown')"))

    def test_the_stage_is_whole_while_a_state_is_asked_for(self):
        page.open(self.path, "#step-9")
        page.run("document.getElementById('predict').click()")
        page.press("ArrowRight")
        page.settle()
        self.assertLessEqual(page.run("return document.querySelector('.stage')"
                                      ".getBoundingClientRect().bottom"), 720)

    def test_space_plays(self):
        page.open(self.path)
        page.press(" ")
        self.assertIn("pause", page.run("return play.textContent"))
        page.press(" ")
        self.assertIn("play", page.run("return play.textContent"))

    def test_a_change_is_asked_for_before_it_is_shown(self):
        page.open(self.path, "#step-8")
        page.run("document.getElementById('predict').click()")
        page.press("ArrowRight")
        self.assertTrue(self.asking())
        self.assertIn("replica -> master is in SYN_SENT", page.run("return question.textContent"))
        hidden = page.run("return ['.step.current .changes', '.step.current .netstat', "
                          "'.row.current ~ .row'].map((s) => getComputedStyle("
                          "document.querySelector(s)).visibility)")
        self.assertEqual(hidden, ["hidden"] * 3)
        now = page.run("return [...document.querySelectorAll('.node.now .name')]"
                       ".map((n) => n.textContent)")
        self.assertIn("SYN_SENT", now)
        self.assertNotIn("ESTABLISHED", now, "the diagram does not give it away")
        self.click_state("ESTABLISHED")
        self.assertFalse(self.asking())
        self.assertRegex(page.run("return ruling.textContent"), "^Right: .*ESTABLISHED. 1 of 1")
        self.assertTrue(page.run("return card.hidden"), "a box was an answer")

    def test_an_answer_can_be_typed_in_any_spelling_and_be_wrong(self):
        page.open(self.path, "#step-5")
        page.run("document.getElementById('predict').click()")
        page.press("ArrowRight")
        while not self.asking():
            page.press("ArrowRight")
        for text, said in (("syn-flood", "is not one of the states"),
                           ("syn_rcvd", "^Right: .* is now in SYN_RECV. 1 of 1 right")):
            page.run("answer.value = arguments[0]; answer.focus()", text)
            page.press("Enter")
            self.assertRegex(page.run("return ruling.textContent"), said)
        page.run("answer.blur()")
        while not self.asking():
            page.press("ArrowRight")
        page.run("answer.value = 'close wait'; document.getElementById('answer-it').click()")
        self.assertRegex(page.run("return ruling.textContent"),
                         "^Not CLOSE_WAIT: .* is now in ESTABLISHED. 1 of 2 right")
        page.press("ArrowRight")
        while not self.asking():
            page.press("ArrowRight")
        row = page.lit()["row"]
        page.press("ArrowRight")
        self.assertFalse(self.asking(), "going on shows it")
        self.assertEqual(page.lit()["row"], row)
        self.assertIn("1 of 2 right", page.run("return ruling.textContent"))
        page.run("document.getElementById('predict').click()")
        self.assertEqual(page.run("return getComputedStyle(ask).display"), "none")

    def untold(self):
        """The titles of phases that cannot be read: in the timeline, in the list, beside it."""
        return page.run("""
            const hidden = (selector) => [...document.querySelectorAll(selector)].flatMap(
                (one, i) => getComputedStyle(one).visibility === "hidden" ? [i + 1] : []);
            return [hidden(".phase-link bdi"), hidden(".rows .phase bdi"),
                    document.getElementById("of-phase").textContent];""")

    def test_who_predicts_reads_the_title_of_a_phase_when_it_is_over(self):
        page.open(self.path, "#step-2")
        whole = self.untold()
        self.assertEqual(whole[:2], [[], []])
        self.assertRegex(whole[2], "^Phase 1: .")
        page.run("document.getElementById('predict').click()")
        looks = page.run("return [...document.querySelectorAll('.timeline li')].map("
                         "(one) => Number(one.dataset.look))")
        n = len(looks)
        self.assertGreater(n, 5)
        while (at := page.lit()["row"] + 1) < looks[2]:
            over = sum(look <= at for look in looks) - (self.asking() and at in looks)
            untold = list(range(over + 1, n + 1))
            links, headings, beside = self.untold()
            self.assertEqual([links, headings[-len(untold):]], [untold, untold], at)
            told = page.run("return [...document.querySelectorAll('.phase-link')].filter("
                            "(one) => one.title).length")
            self.assertEqual(told, over, at)
            self.assertEqual(":" in beside, at in looks and not self.asking(), beside)
            page.press("ArrowRight")
        page.run("document.getElementById('predict').click()")
        self.assertEqual(self.untold()[:2], [[], []])

    def state_now(self):
        """What the step that is asked about leads to, by its own list of changes."""
        return page.run("return document.querySelector('.step.current .changes > li')"
                        ".dataset.to")

    def test_each_question_counts_once_and_the_score_is_right(self):
        names = ("CLOSED", "LISTEN", "SYN_SENT", "SYN_RECV", "ESTABLISHED", "FIN_WAIT1",
                 "FIN_WAIT2", "CLOSE_WAIT", "CLOSING", "LAST_ACK", "TIME_WAIT")
        for name in ("slow", "master-first", "fin-lost"):
            page.open(golden(name)[1])
            page.run("document.getElementById('predict').click()")
            right = asked = 0
            n = page.run("return document.querySelectorAll('.step').length")
            while page.lit()["row"] < n - 1 or self.asking():
                page.press("ArrowRight")
                if not self.asking():
                    continue
                asked += 1
                truth = self.state_now()
                say = truth if asked % 3 else next(one for one in names if one != truth)
                right += say == truth
                for text in ("", "nonsense", say):
                    page.run("answer.value = arguments[0];"
                             "document.getElementById('answer-it').click()", text)
                    self.assertEqual(self.asking(), text != say, (name, text))
                self.assertRegex(page.run("return ruling.textContent"),
                                 f"^{'Right' if say == truth else 'Not ' + say}: .* is now in "
                                 f"{truth}. {right} of {asked} right")
                self.assertTrue(truth == "CLOSED" or truth in page.lit()["lit"], truth)
                if asked == 2:  # what has been shown is not asked for again
                    page.press("ArrowLeft")
                    page.press("ArrowRight")
                    self.assertFalse(self.asking(), name)
            self.assertGreater(asked, 2, name)
            self.assertEqual(page.run("return ruling.textContent.match(/\\d+ of \\d+/)[0]"),
                             f"{right} of {asked}", name)
            self.assertIn("this was the last step", page.run("return ruling.textContent"))

    def test_play_waits_for_an_answer(self):
        page.open(self.path, "#step-8")
        page.run("document.getElementById('predict').click()")
        page.press("p")
        page.driver.set_script_timeout(60)
        page.driver.execute_async_script(
            "const done = arguments[0], root = document.documentElement;"
            "new MutationObserver(() => root.classList.contains('asking') && done())"
            ".observe(root, { attributes: true })")
        self.assertIn("play", page.run("return play.textContent"))

    def test_the_first_step_says_who_connects_to_whom(self):
        for name, says in (("slow", "port 6389; connects to master"),
                           ("untapped", "port 6389; connects to master")):
            page.open(golden(name)[1])
            who = page.run("return Object.fromEntries([...document.querySelectorAll("
                           "'.step.current .intro dl div')].map((one) => "
                           "[one.firstChild.textContent, one.lastChild.textContent]))")
            self.assertTrue(who["replica"].endswith(says), who)
            self.assertNotIn("connects", who["master"])

    def test_each_socket_has_a_lane(self):
        page.open(self.path)
        lanes = page.run("return [...document.querySelectorAll('.lanes tr')].map((row) =>"
                         "[...row.querySelectorAll('rect')].map((one) => [one.classList[1],"
                         "one.getBoundingClientRect().left]))")
        self.assertEqual([[name for name, _ in lane] for lane in lanes],
                         [["s-LISTEN"],
                          ["s-SYN_SENT", "s-ESTABLISHED", "s-FIN_WAIT1", "s-FIN_WAIT2",
                           "s-TIME_WAIT"],
                          ["s-SYN_RECV", "s-ESTABLISHED", "s-CLOSE_WAIT", "s-LAST_ACK"], []])
        for lane in lanes:
            self.assertEqual(lane, sorted(lane, key=lambda one: one[1]))
        self.assertEqual(lanes[0][0][1], lanes[1][0][1], "the first SYN begins the axis")
        text = page.run("return document.querySelector('.lanes').textContent")
        self.assertRegex(text, r"SYN_SENT 1\.\d ms \(1 look in \d+\)")
        self.assertRegex(text, r"TIME_WAIT 1\.\d ms to the end of the run")


class Access(unittest.TestCase):
    def test_focus_goes_in_reading_order_and_is_seen(self):
        page.look()
        page.open(golden("walkthrough")[1])
        order = []
        for _ in range(60):
            page.press("Tab")
            order.append(page.run("""
                const it = document.activeElement, style = getComputedStyle(it);
                const all = [...document.querySelectorAll('*')];
                const box = it.querySelector && it.matches('.node') ?
                    getComputedStyle(it.querySelector('rect')).strokeWidth : '';
                return [all.indexOf(it), it.getBoundingClientRect().width > 4 &&
                            (style.outlineStyle !== 'none' || box === '4px'),
                        it.getAttribute('aria-label') || it.textContent, it.id];"""))
        places = [place for place, *_ in order]
        self.assertEqual(places, sorted(places))
        for _, seen, name, _ in order:
            self.assertTrue(seen, f"the focus on '{name}' cannot be seen")
            self.assertTrue(name.strip() or _ == "scrub", "something focused has no name")
        self.assertLess([i for *_, i in order].index("play"),
                        [i for *_, i in order].index("scrub"))

    def test_names_and_roles(self):
        page.open(golden("walkthrough")[1])
        tree = page.cdp("Accessibility.getFullAXTree")["nodes"]
        nameless = [node["role"]["value"] for node in tree if not node.get("ignored")
                    and node["role"]["value"] in ("button", "slider", "link", "region",
                                                      "navigation")
                    and not node.get("name", {}).get("value")]
        self.assertEqual(nameless, [])
        roles = {node["role"]["value"] for node in tree if not node.get("ignored")}
        self.assertLessEqual({"main", "navigation", "banner", "status", "slider", "table",
                              "columnheader", "heading"}, roles)
        self.assertEqual(page.run("return document.querySelectorAll('h1').length"), 1)
        double = page.run("const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);"
                          "return ids.filter((id, i) => ids.indexOf(id) !== i)")
        self.assertEqual(double, [])

    def test_contrast_in_both_schemes(self):
        for name in ("slow", "unmet", "lossy"):
            _, path = golden(name)
            for scheme in ("light", "dark"):
                page.look(scheme=scheme, motion="reduce")
                page.open(path)
                for key in ("Home", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight",
                            "End"):
                    page.press(key)
                    faint = page.run(CONTRAST)
                    self.assertGreater(faint["looked"], 50)
                    self.assertEqual(faint["faint"], [], f"{name}, {scheme}")

    def test_motion_can_be_reduced(self):
        lasts = ("return getComputedStyle(document.querySelector('.node rect'))"
                 ".transitionDuration")
        page.look()
        page.open(golden("walkthrough")[1])
        self.assertNotEqual(page.run(lasts), "0s")
        page.look(motion="reduce")
        self.assertEqual(page.run(lasts), "0s")

    def test_what_is_current_is_marked_in_forced_colours(self):
        page.look()
        page.cdp("Emulation.setEmulatedMedia",
                 features=[{"name": "forced-colors", "value": "active"}])
        page.open(golden("slow")[1], "#step-9")
        page.run("document.getElementById('predict').click()")
        marked = page.run("""
            const of = (one) => getComputedStyle(document.querySelector(one));
            return [of(".row.current a").outlineStyle, of("li.current .phase-link").outlineStyle,
                    of(".row:not(.current) a").outlineStyle, of("#predict").borderTopWidth,
                    of("#play").borderTopWidth];""")
        self.assertEqual(marked, ["solid", "solid", "none", "3px", "1px"])

    def test_a_phone_need_not_scroll_sideways(self):
        for name in ("slow", "unmet", "hostile"):
            page.look(width=375, height=812)
            page.open(golden(name)[1])
            for key in ("Home", "End"):
                page.press(key)
                wide = page.run("return [document.documentElement.scrollWidth, innerWidth]")
                self.assertEqual(wide, [375, 375], name)


class Elsewhere(unittest.TestCase):
    def test_without_scripts_all_of_it_can_be_read(self):
        trace, path = golden("slow")
        page.look()
        page.scripts(False)
        try:
            page.open(path)
            seen = page.run("""
                const seen = (one) => one.checkVisibility() &&
                    one.getBoundingClientRect().height > 0;
                const all = (selector) => [...document.querySelectorAll(selector)];
                return { js: document.documentElement.className,
                         steps: all('.step').filter(seen).length, of: all('.step').length,
                         tables: all('.step table').filter(seen).length,
                         rows: all('.row').filter(seen).length,
                         walked: all('.arc.walked').filter(seen).length,
                         player: all('.player').filter(seen).length };""")
            self.assertEqual(page.complaints(), [])
        finally:
            page.scripts(True)
        self.assertEqual(seen["js"], "")
        self.assertEqual(seen["steps"], seen["of"])
        self.assertEqual(seen["tables"], seen["of"])
        self.assertEqual(seen["rows"], seen["of"])
        self.assertGreaterEqual(seen["walked"], 11)
        self.assertEqual(seen["player"], 0)
        self.assertTrue(film.read(trace))

    def test_printed_all_of_it_is_there(self):
        page.look(media="print")
        page.open(golden("slow")[1])
        hidden = page.run("return [...document.querySelectorAll('.step, .row')].filter("
                          "(one) => !one.checkVisibility()).length")
        self.assertEqual(hidden, 0)
        self.assertFalse(page.run("return document.querySelector('.player').checkVisibility()"))
        self.assertTrue(page.pdf().startswith(b"%PDF"))
        walked = "return document.querySelectorAll('.arc.walked').length"
        for event, arcs, row in (("beforeprint", 11, 33), ("afterprint", 0, 0)):
            page.run("dispatchEvent(new Event(arguments[0]))", event)
            self.assertGreaterEqual(page.run(walked), arcs, event)
            self.assertEqual(page.lit()["row"], row, event)

    def test_what_is_hostile_is_inert(self):
        page.look()
        page.open(golden("hostile")[1])
        page.press("End")
        found = page.run(r"""
            const all = [...document.querySelectorAll('*')];
            return { kinds: [...new Set(all.map((e) => e.localName))].sort(),
                     scripts: document.scripts.length, styles: document.styleSheets.length,
                     handlers: all.flatMap((e) => [...e.attributes].filter(
                         (a) => /^on|^src/.test(a.name) || (a.name === "style" &&
                             !e.matches(".stage, .timeline li"))).map((a) => a.name)),
                     hrefs: all.filter((e) => e.hasAttribute('href') &&
                         !/^#[A-Za-z0-9_-]+$/.test(e.getAttribute('href'))).length,
                     steering: new RegExp('[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f' +
                         '\\u061c\\u200b-\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ufeff]')
                         .test(document.documentElement.textContent),
                     title: document.querySelector('h1').textContent };""")
        self.assertEqual(found["scripts"], 1)
        self.assertEqual(found["styles"], 1)
        self.assertEqual(found["handlers"], [])
        self.assertEqual(found["hrefs"], 0)
        self.assertFalse(found["steering"])
        self.assertTrue(found["title"].startswith("</script><b>"), found["title"])
        self.assertFalse({"img", "iframe", "object", "embed", "form", "base", "link", "i"}
                         & set(found["kinds"]))
        self.assertEqual(page.complaints(), [])

    def test_the_policy_stops_what_would_slip_through(self):
        _, path = golden("walkthrough")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        bad = path + ".bad.html"
        with open(bad, "w", encoding="utf-8") as file:
            file.write(text.replace("<main>", "<main><script>window.slipped = 1</script>"
                                    "<img src='http://127.0.0.1:1/x' onerror='slipped = 2'>"))
        page.look()
        page.open(bad)
        self.assertIsNone(page.run("return window.slipped ?? null"))
        self.assertGreaterEqual(len(page.complaints()), 2)

    def test_ten_thousand_segments_of_data_fold(self):
        page.look()
        page.open(written("bulk", bulk()))
        n = page.run("return document.querySelectorAll('.step').length")
        self.assertLess(n, 30)
        folded = page.run("return document.body.textContent.match("
                          "/(\\d+) of them with data/)[1]")
        self.assertGreater(int(folded), SEGMENTS)
        page.press("End")
        self.assertEqual(page.lit()["row"], n - 1)
        self.assertEqual(page.complaints(), [])

    def test_ten_thousand_held_segments_fold(self):
        page.look()
        page.open(written("held", held()))
        n = page.run("return document.querySelectorAll('.step').length")
        self.assertLess(n, 50)
        folded = page.run("return document.body.textContent.match("
                          "/(\\d+) held, like the ones before/)[1]")
        self.assertEqual(int(folded), SEGMENTS - 10)
        self.assertEqual(page.complaints(), [])

    def check_crowd(self, path):
        page.look()
        page.open(path)
        n, size = page.run("return [document.querySelectorAll('.step').length,"
                           "document.querySelectorAll('*').length]")
        self.assertTrue(100 < n < 1000, n)
        self.assertLess(size, 200000)
        for key, row in (("ArrowRight", 1), ("End", n - 1), ("ArrowLeft", n - 2)):
            page.press(key)
            self.assertEqual(page.lit()["row"], row, key)
        self.assertEqual(page.complaints(), [])

    def test_connection_after_connection_folds(self):
        self.check_crowd(written("churn", churn()))

    def test_a_crowd_of_connections_folds(self):
        self.check_crowd(written("crowd", crowd()))


class Index(unittest.TestCase):
    """The page of several runs, and where its map leads."""

    @classmethod
    def setUpClass(cls):
        cls.out = os.path.join(home.name, "suite")
        done = subprocess.run([TCPLAB, "run", "--quiet", "-j2", "--report=html", "--out",
                               cls.out, "rfc9293/abort", "rfc9293/simultaneous-open",
                               "rfc9293/listen-and-close"], stdin=subprocess.DEVNULL,
                              capture_output=True, check=False)
        if done.returncode == 77:
            raise unittest.SkipTest("these scenarios cannot run on this host")
        assert done.returncode == 0, done.stdout + done.stderr
        cls.path = cls.out + "/index.html"

    def links(self, selector):
        return page.run("return [...document.querySelectorAll(arguments[0])].map("
                        "(a) => [a.dataset.arc, a.getAttribute('href')])", selector)

    def test_the_map_leads_to_where_an_arc_was_walked(self):
        page.look()
        page.open(self.path)
        map_ = self.links("a.arc.walked")
        self.assertLessEqual({"1", "2", "4", "7", "8", "9"}, {arc for arc, _ in map_})
        self.assertEqual(page.run("return document.querySelectorAll("
                                  "'.arc.walked:not(a)').length"), 0)
        for arc, href in map_:
            file, fragment = href.split("#")
            page.open(f"{self.out}/{file}", "#" + fragment)
            shown = page.lit()
            self.assertEqual(shown["kind"], "look", href)
            self.assertIn(arc, shown["walked"], href)

    def test_it_leads_nowhere_else_and_asks_for_nothing(self):
        page.look()
        page.open(self.path)
        for _, href in self.links("[href]"):
            self.assertTrue(os.path.exists(f"{self.out}/{href.split('#')[0]}"), href)
        for width in (1440, 375):
            page.look(width)
            self.assertEqual(page.run("return document.documentElement.scrollWidth"), width)
        self.assertEqual(page.complaints(), [])

    def test_contrast(self):
        for scheme in ("light", "dark"):
            page.look(scheme=scheme, motion="reduce")
            page.open(self.path)
            faint = page.run(CONTRAST)
            self.assertGreater(faint["looked"], 50)
            self.assertEqual(faint["faint"], [], scheme)


class Beside(unittest.TestCase):
    """Two runs that can be compared stand side by side on the page of each that knows the other."""

    RUNS = ["rfc9293/four-way-close", "rfc9293/simultaneous-close"]

    def run_in(self, out, *names):
        done = subprocess.run([TCPLAB, "run", "--quiet", "-j2", "--out", out, *names],
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if done.returncode == 77:
            raise unittest.SkipTest("these scenarios cannot run on this host")
        assert done.returncode == 0, done.stdout + done.stderr

    def beside(self, out, name):
        page.look()
        page.open(f"{out}/{name}/report.html")
        return page.run("""
            return [...document.querySelectorAll('.beside-it')].map((one) =>
                [...one.querySelectorAll('.two > div')].map((run) =>
                    [run.querySelector('h3').textContent, [...run.querySelectorAll('td')].map(
                        (life) => life.textContent)]));""")

    def check(self, found, this):
        (four, both), = found
        for (name, lives), expected in ((four, self.RUNS[0]), (both, self.RUNS[1])):
            self.assertEqual(name, expected + (" (this run)" if expected == this else ""))
            self.assertGreater(len(lives), 1, lives)
        self.assertNotIn("CLOSING", "".join(four[1]))
        self.assertIn("CLOSING", "".join(both[1]))
        away = page.run("return [...document.querySelectorAll('[href]')].filter("
                        "(one) => !one.getAttribute('href').startsWith('#')).length")
        self.assertEqual(away, 0, "a page leads to no other file")
        dead = page.run("return [...document.querySelectorAll('.beside-it a')].filter("
                        "(one) => !document.querySelector(one.getAttribute('href'))).length")
        self.assertEqual(dead, 0)
        self.assertEqual(page.complaints(), [])

    def test_the_page_of_a_later_run_has_the_one_before(self):
        out = os.path.join(home.name, "one-by-one")
        for name in self.RUNS:
            self.run_in(out, name)
        self.assertEqual(self.beside(out, self.RUNS[0]), [])
        self.assertIn("tcplab run " + " ".join(self.RUNS),
                      page.run("return document.body.textContent"))
        self.check(self.beside(out, self.RUNS[1]), self.RUNS[1])

    def test_of_two_that_were_run_together_each_has_the_other(self):
        out = os.path.join(home.name, "together")
        self.run_in(out, *self.RUNS)
        for name in self.RUNS:
            self.check(self.beside(out, name), name)

    def test_a_run_that_was_cut_short_is_not_compared_with(self):
        out = os.path.join(home.name, "cut-short")
        self.run_in(out, self.RUNS[0])
        trace = f"{out}/{self.RUNS[0]}/trace.ndjson"
        with open(trace, "rb+") as file:
            file.truncate(os.path.getsize(trace) - 100)
        self.run_in(out, self.RUNS[1])
        self.assertEqual(self.beside(out, self.RUNS[1]), [])


class Count(unittest.TextTestResult):
    """The suite's own words: a line a test, and the count at the end."""

    def say(self, word, test, why=""):
        print(f"{word:7} {test.id().split('.', 1)[-1]}{why}", flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.say("passed", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.say("FAILED", test)

    def addError(self, test, err):
        super().addError(test, err)
        self.say("FAILED", test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.say("skipped", test, ": " + reason)


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    wanted = sys.argv[1:]
    chosen = unittest.TestSuite(test for group in suite for test in group
                                if not wanted or any(word in test.id() for word in wanted))
    result = unittest.TextTestRunner(stream=sys.stdout, resultclass=Count,
                                     verbosity=0).run(chosen)
    bad = len(result.failures) + len(result.errors)
    good = result.testsRun - bad - len(result.skipped)
    skipped = f", {len(result.skipped)} skipped" if result.skipped else ""
    print(f"{good} passed, {bad} failed{skipped}")
    return bool(bad or not good)


if __name__ == "__main__":
    sys.exit(main())
