# SPDX-License-Identifier: GPL-2.0-or-later
"""A page in headless Chromium, opened over file:// and asked what a reader would see."""
import base64
import json
import os
import tempfile

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

# Nothing of the browser's own may go out while it is watched for requests.
QUIET = ("--headless=new", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-default-apps", "--disable-dev-shm-usage", "--hide-scrollbars")

LIT = """
const texts = (all) => Object.fromEntries([...all].map((node) =>
    [node.dataset.state, node.querySelector(".who").textContent]));
const ids = (selector) => [...document.querySelectorAll(selector)].map((a) => a.dataset.arc);
const shown = [...document.querySelectorAll(".step")].filter((one) => one.checkVisibility());
const step = shown[0];
const rows = [...step.querySelectorAll("tbody[data-cookie]")];
const fills = (all) => [...all].map((rect) => [
    /s-([A-Z_0-9]+)/.exec(rect.getAttribute("class") ?? rect.parentNode.className.baseVal)[1],
    getComputedStyle(rect).fill]);
const lines = [...document.querySelectorAll(".step")].map((one) => Number(one.dataset.line));
return {
    shown: shown.map((one) => one.id),
    line: Number(step.dataset.line),
    kind: step.classList[1],
    row: [...document.querySelectorAll(".row")].findIndex((one) => one.matches(".current")),
    lit: texts(document.querySelectorAll(".node.now")),
    told: Object.fromEntries([...step.querySelectorAll(".lit li")].map((one) =>
        [one.querySelector("b").textContent, one.querySelector("bdi").textContent])),
    boxes: fills(document.querySelectorAll(".node.now rect")),
    bands: fills(document.querySelectorAll(".row.current .band")),
    held: [...document.querySelectorAll(".row")].flatMap((one, i) =>
        one.matches(".flying") ? [lines[i]] : []),
    heldNow: step.querySelector(".held-now")?.checkVisibility() ?? false,
    taken: ids(".arc.taken"),
    walked: ids(".arc.walked"),
    changed: rows.filter((one) => one.matches(".changed")).map((one) => one.dataset.cookie),
    table: rows.filter((one) => !one.matches(".gone")).map((one) =>
        [one.dataset.cookie, ...[...one.rows[0].cells].slice(1).map((c) => c.textContent)]),
    expected: rows.map((one) => [one.dataset.cookie, one.querySelector(".good") !== null]),
    missing: step.querySelectorAll("tbody.missing").length,
    hash: location.hash,
};
"""


class Page:
    """One browser for all pages; open() loads one."""

    def __init__(self):
        options = Options()
        options.binary_location = "/usr/bin/chromium"
        self.home = tempfile.TemporaryDirectory()
        for word in QUIET + ("--user-data-dir=" + self.home.name,):
            options.add_argument(word)
        if os.geteuid() == 0:
            options.add_argument("--no-sandbox")
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"),
                                       options=options)
        self.url = None

    def close(self):
        self.driver.quit()
        self.home.cleanup()

    def cdp(self, command, **values):
        return self.driver.execute_cdp_cmd(command, values)

    def look(self, width=1280, height=900, scheme="light", motion="no-preference", media=""):
        self.cdp("Emulation.setDeviceMetricsOverride", width=width, height=height,
                 deviceScaleFactor=1, mobile=width < 500)
        self.cdp("Emulation.setEmulatedMedia", media=media, features=[
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": motion}])

    def scripts(self, on):
        self.cdp("Emulation.setScriptExecutionDisabled", value=not on)

    def open(self, path, fragment=""):
        self.driver.get("about:blank")
        self.driver.get_log("browser")
        self.driver.get_log("performance")
        self.url = "file://" + path
        self.driver.get(self.url + fragment)

    def settle(self):
        """Until what the page does after it has been loaded is done."""
        self.driver.execute_async_script("const done = arguments[arguments.length - 1];"
                                         "setTimeout(() => requestAnimationFrame(() =>"
                                         "setTimeout(done)));")

    def run(self, script, *values):
        return self.driver.execute_script(script, *values)

    def lit(self):
        return self.run(LIT)

    def press(self, key, shift=False):
        """As a reader does; to whatever has the focus."""
        codes = {"ArrowRight": 39, "ArrowLeft": 37, "Home": 36, "End": 35, "Tab": 9,
                 "Enter": 13, "p": 80, "Escape": 27, " ": 32, "/": 191}
        event = {"key": key, "code": {" ": "Space"}.get(key, key if len(key) > 1 else "Key" + key.upper()),
                 "windowsVirtualKeyCode": codes[key], "modifiers": 8 if shift else 0}
        if len(key) == 1:
            event["text"] = key
        if key == "Enter":
            event["text"] = "\r"
        self.cdp("Input.dispatchKeyEvent", type="keyDown", **event)
        event.pop("text", None)
        self.cdp("Input.dispatchKeyEvent", type="keyUp", **event)

    def complaints(self):
        """What the console says, and each request but the one for the page itself."""
        said = [entry["message"] for entry in self.driver.get_log("browser")]
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] != "Network.requestWillBeSent":
                continue
            url = message["params"]["request"]["url"]
            if url.split("#")[0] not in (self.url, "about:blank"):
                said.append("asked for " + url)
        return said

    def pdf(self):
        return base64.b64decode(self.cdp("Page.printToPDF", printBackground=True)["data"])
