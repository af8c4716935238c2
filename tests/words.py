#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The words that readers meet: no phrase stands there again that a plainer one has replaced.

	tests/words.py

Read are README, docs, CONTRIBUTING and SECURITY, the manual, the scenarios with their comments, the
schemas' descriptions, completions, and every text in the program: help, messages, explain, arrows,
what the page and the book say; and the comments in the code. And each section of an RFC that they
cite is there (sections.py).
"""
import glob, json, os, re, sys

import sections

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# (what is not to be read again, what is better)
REPLACED = [
    # a subject, and the verb's usual place
    (r"\b(?:of|with|by|for|on|at|to) who \w+s first\b", "whichever end closes first"),
    (r"(?<!they )(?<!that )(?<!there )(?<!what )\b(?:were|had) (?:it|there|they|anybody|somebody|one) "
     r"(?:not |to |been |lost|held|any|only|\w+ed\b)", "\"if it was lost\""),
    (r"\b(?:open|read|there|held|runs|alive) still\b", "still open"),
    (r"\bare to be\b|\bis to be\b(?! (?:said|seen)\b)|\bis to end\b", "must, should, or what it is for"),
    (r"\bis to have\b", "must have"),
    (r"\bbut infers it says so\b|\bof who\b", "a clause with a subject"),
    # "not a" for "no", "only" for "but", "about" for "of"
    (r"(?<!there )(?<!There )(?<!and )\b(?:is|are|was|were) no (?!longer\b|more\b|less\b|other\b|one\b)[a-z]",
     "is not a"),
    (r"\b(?:keeps?|takes?|has|have|writes?|leaves?|is|are|was|costs?) but\b", "only"),
    (r"\b(?:no \w+|none|never \w+ \w+|nobody) but\b(?! [a-z]+ (?:is|was|it|they|has)\b)", "only, or except"),
    (r"\b(?:say|says|said|tell|tells|told|speak|speaks) of\b", "says, or tells, about"),
    (r"\basked of\b", "says about"),
    (r"\bto say (?:of|for)\b", "says, or tells, about"),
    # what is not English
    (r"\b(?:as|what|which) [\w'./*`]+(?: [\w'./*`]+)? (?:has|have) it\b(?! (?:that|as|from|in|open)\b)",
     "as netstat prints it, as RFC 9293 says"),
    (r"\bjust so\b", "the same"),
    (r"\bof the lot\b", "all of them"),
    (r"\bso (?:long|much|many)(?:,| from| before| at a time| a time| may\b| without)", "how long"),
    (r"\bhave a peer\b", "let a peer"),
    (r"\bwants a (?:value|number|word|name|file|path)\b|\bis wanted\b", "needs a"),
    (r"\bhow manieth\b|\b(?:where|when) left out\b", "by default"),
    (r"\bno matter what\b|\b(?:list|mapping)s? of such\b(?! [a-z])|\b[Ss]o (?:many|long) (?:it|or)\b", "any, of these, how many"),
    (r"\b(?:tells?|told) more\b", "says more"),
    (r"\bstands? behind\b|\bbehind the (?:state|number|key|verb|word|arrow)\b|\b#2\"? behind\b|"
     r"\b(?:number|LF|text|sign) behind it\b", "after"),
    (r"\bthe one (?:to|from|and|or) the other\b|\bone and the other\b|\bfrom one to the other\b",
     "from the first to the second"),
    (r"\b(?:knows?|heard?s?|hears) nothing of\b|\bhas not heard of\b|\bdoes not hear of\b", "does not know about"),
    # images, where the field has a word
    (r"\bwent by unseen\b|\bgone by unseen\b", "passed unseen"),
    (r"\buntapped\b", "no segments were recorded"),
    (r"\bis a path of RFC\b|\bA path of RFC\b|\bpath of RFC 9293\b", "a path through its diagram"),
    (r"\bwindow (?:that )?is shut\b|\bshut(?:s)? its window\b|\bshut window\b", "a zero window"),
    (r"\bfar end\b", "other end"),
    (r"\bwalkthrough of 2013\b", "a 2013 blog post"),
    # outcomes
    (r"\bnobody expected\b", "unexpected"),
    (r"\bwas expected, seen was\b|, where \S+ (?:was|were) expected\b", "expected X, saw Y"),
    (r"\bnot done within\b", "did not finish within"),
    # one word for one thing
    (r"\b[Aa]rcs?\b(?![:.])", "arrow"),
    (r"\b[Ww]hat one sees\b", "what you see"),
]

# The code's own words: struct tl_arc, what is asked of a function, "untapped".
NOT_IN_COMMENTS = ("arrow", "says about", "no segments were recorded")

# (file, what stands there, why it may)
ALLOWED = [
    ("lab/man/tcplab-scenario.5.scd", "*arc*", "a key of the language"),
    ("src/report/html/diagram.c", "arc %s", "a class of the style sheet"),
    ("src/report/html/page.js", ".figure .arc", "a class of the style sheet"),
]


def c_strings(text):
    """Every text in C, its pieces put together, and its line."""
    text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group(0).count("\n"), text, flags=re.S)
    text = re.sub(r"\n[ \t]*#[ \t]*include[^\n]*", "\n", text)
    piece = r'"(?:[^"\\\n]|\\.)*"'
    for found in re.finditer(piece + r"(?:[\s\\]*" + piece + ")*", text):
        words = "".join(s[1:-1] for s in re.findall(piece, found.group(0)))
        if " " in words.strip():
            yield text.count("\n", 0, found.start()) + 1, words.replace('\\"', '"').replace("\\n", " ")


def c_comments(text):
    """Every comment in C, a paragraph at a time."""
    for found in re.finditer(r"/\*(.*?)\*/", text, flags=re.S):
        first = text.count("\n", 0, found.start()) + 1
        for line, words in prose(re.sub(r"^\s*\*+ ?", "", found.group(1), flags=re.M)):
            yield first + line - 1, words


def js_strings(text):
    """Every text in JavaScript that has a blank in it, and its line."""
    for n, line in enumerate(text.split("\n"), 1):
        if line.lstrip().startswith("//"):
            continue
        for found in re.finditer(r'"(?:[^"\\]|\\.)* (?:[^"\\]|\\.)*"|`[^`]* [^`]*`', line):
            yield n, found.group(0)[1:-1]


def descriptions(text):
    """A schema's descriptions, and their lines."""
    for n, line in enumerate(text.split("\n"), 1):
        for found in re.finditer(r'"description": ("(?:[^"\\]|\\.)*")', line):
            yield n, json.loads(found.group(1))


def prose(text):
    """Paragraphs, each with its first line; a mark of a comment is no word."""
    words, first = [], 1
    for n, line in enumerate(text.split("\n") + [""], 1):
        bare = re.sub(r"^\s*(?:#+\s|#$|- )?\s*", "", line)
        if bare:
            if not words:
                first = n
            words.append(bare)
        elif words:
            yield first, " ".join(words)
            words = []


READ = [("*.md docs/*.md lab/man/*.scd lab/completion/*", prose),
        ("scenarios/*/*.yaml lab/examples/*", prose),
        ("scenarios/schema/*.json", descriptions),
        ("include/tcplab/*.h lab/*.[ch] src/**/*.[ch] src/**/*.inc", c_strings),
        ("include/**/*.[ch] lab/**/*.[ch] src/**/*.[ch] src/**/*.inc tests/**/*.[ch]", c_comments),
        ("src/**/*.js", js_strings)]


def sections_wrong():
    """Every citation of a section that sections.py does not have, and what it has and nobody cites."""
    known = {(rfc, section) for rfc, all_of in sections.SECTIONS.items() for section in all_of.split()}
    cited = set()
    for path in sorted({p for g, _ in READ for g in g.split() for p in glob.glob(g, recursive=True)}):
        with open(path, encoding="utf-8") as file:
            for rfc, section, line in sections.cited(path, file.read()):
                cited.add((rfc, section))
                if (rfc, section) not in known:
                    yield f"{path}:{line}: RFC {rfc} {section}: look it up, and add it to tests/sections.py"
    for rfc, section in sorted(known - cited):
        yield f"tests/sections.py: nobody cites RFC {rfc} {section} any more"


def main():
    os.chdir(ROOT)
    rules = [(re.compile(pattern), better) for pattern, better in REPLACED]
    in_code = [rule for rule in rules if rule[1] not in NOT_IN_COMMENTS]
    allowed, texts, wrong = set(), 0, 0
    for patterns, read in READ:
        for path in sorted(p for g in patterns.split() for p in glob.glob(g, recursive=True)):
            with open(path, encoding="utf-8") as file:
                for line, text in read(file.read()):
                    texts += 1
                    for rule, better in in_code if read is c_comments else rules:
                        for found in rule.finditer(text):
                            around = text[max(0, found.start() - 40):found.end() + 40]
                            why = [a for a in ALLOWED if a[0] == path and a[1] in around]
                            allowed.update(why)
                            if not why:
                                wrong += 1
                                print(f"{path}:{line}: \"{found.group(0)}\" in \"{around}\": {better}")
    for path, words, _ in set(ALLOWED) - allowed:
        wrong += 1
        print(f"tests/words.py: {path} has no \"{words}\" any more: take it from the list")
    for complaint in sections_wrong():
        wrong += 1
        print(complaint)
    if texts < 4500:
        wrong += 1
        print(f"only {texts} texts were found")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
