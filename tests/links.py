#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A folder of pages is whole: every link leads to a page and a place that are there.

    links.py FOLDER

Nothing may be loaded or linked from elsewhere; each page has a language, a title, one h1 and a
main part; every page can be reached from index.html. Ends with how many links there are.
"""
import html.parser
import os
import re
import sys
import urllib.parse


class Reader(html.parser.HTMLParser):
    """The links of a page, its places, and its landmarks."""

    def __init__(self):
        super().__init__()
        self.links, self.loads, self.ids, self.tags, self.lang = [], [], [], [], None

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append(tag)
        if tag == "html":
            self.lang = attrs.get("lang")
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if tag == "a" and "href" in attrs:
            self.links.append(attrs["href"])
        if tag == "link" or "src" in attrs:
            self.loads.append(attrs.get("href") or attrs.get("src"))

    handle_startendtag = handle_starttag


def read(path):
    reader = Reader()
    with open(path, encoding="utf-8") as file:
        reader.feed(file.read())
    return reader


def main(folder):
    pages, wrong, n = {}, [], 0
    for at, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".html"):
                path = os.path.relpath(os.path.join(at, name), folder)
                pages[path] = read(os.path.join(folder, path))
    ways = {path: set() for path in pages}
    for path, page in pages.items():
        if page.lang != "en" or "title" not in page.tags or "main" not in page.tags:
            wrong.append(f"{path}: lang {page.lang}, title or main missing")
        if page.tags.count("h1") != 1:
            wrong.append(f"{path}: {page.tags.count('h1')} h1")
        twice = {one for one in page.ids if page.ids.count(one) > 1}
        if twice:
            wrong.append(f"{path}: twice {sorted(twice)}")
        for link in page.links + page.loads:
            n += 1
            if re.match(r"[a-z]+:|//", link):
                wrong.append(f"{path}: leads away to {link}")
                continue
            to, _, place = link.partition("#")
            to = os.path.normpath(os.path.join(os.path.dirname(path), urllib.parse.unquote(to))) if to else path
            if to not in pages and not os.path.exists(os.path.join(folder, to)):
                wrong.append(f"{path}: nothing at {link}")
            elif to in pages and place and place not in pages[to].ids:
                wrong.append(f"{path}: no such place {link}")
            elif to in pages:
                ways[path].add(to)
    reached, ahead = set(), ["index.html"]
    while ahead:
        path = ahead.pop()
        if path not in reached:
            reached.add(path)
            ahead.extend(ways.get(path, ()))
    wrong += [f"{path}: no way leads there" for path in sorted(set(pages) - reached)]
    print("\n".join(wrong[:20]) or f"{n} links of {len(pages)} pages")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
