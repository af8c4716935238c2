// SPDX-License-Identifier: GPL-2.0-or-later
// The search of tcplab's book: over the lines of words.js, which lies beside it.
(() => {
	"use strict";

	const box = document.querySelector(".search");
	const input = document.getElementById("find"), found = document.getElementById("found");
	const MOST = 12;

	// Only letters and digits count: "SYN_RECV", "syn-recv" and "Syn Recv" are one word.
	const fold = (text) => text.toLowerCase().replace(/[^a-z0-9]/g, "");
	const parts = (text) => text.toLowerCase().split(/[^a-z0-9]+/).filter(Boolean);

	const lines = words.map(([path, kind, title, also, gist]) => ({
		path, kind, title, gist,
		names: [title, ...also.split("|")].map(fold).filter(Boolean),
		phrases: also.split("|").map((one) => parts(one).join(" ")).filter((one) => one.length > 7),
		text: ` ${parts([title, also, gist, path].join(" ")).join(" ")}`,
	}));

	// How well a line answers: 0 not at all.
	function rank(line, name, asked) {
		if (line.names.includes(name))
			return 4 + 1 / line.names.length;
		if (line.names.some((one) => one.startsWith(name)))
			return 3;
		// a message as it was printed holds the name
		if (line.phrases.some((one) => ` ${asked.join(" ")} `.includes(` ${one} `)))
			return 2;
		return asked.every((word) => line.text.includes(` ${word}`)) ? 1 : 0;
	}

	function item(line) {
		const li = document.createElement("li"), link = document.createElement("a");
		const kind = document.createElement("span"), gist = document.createElement("p");

		link.href = box.dataset.root + line.path;
		link.textContent = line.title;
		kind.className = "dim";
		kind.textContent = ` ${line.kind}`;
		gist.textContent = line.gist;
		li.append(link, kind, gist);
		return li;
	}

	function search() {
		const name = fold(input.value), asked = parts(input.value);
		const best = !name ? [] : lines.map((line) => [rank(line, name, asked), line])
			.filter(([points]) => points > 0).sort(([a], [b]) => b - a);
		const list = document.createElement("ol"), count = document.createElement("p");

		count.textContent = best.length ? `${best.length} found` :
			"Nothing is called so. The lists above have everything.";
		list.append(...best.slice(0, MOST).map(([, line]) => item(line)));
		found.replaceChildren(count, list);
		found.hidden = !name;
	}

	document.documentElement.classList.add("js");
	input.addEventListener("input", search);
	document.addEventListener("keydown", (event) => {
		if (event.key === "Escape") {
			found.hidden = true;
		} else if (event.key === "/" && event.target !== input) {
			input.focus();
			event.preventDefault();
		} else if (event.key === "Enter" && event.target === input && !found.hidden) {
			found.querySelector("a")?.click();
		}
	});
	if (input.value)
		search();
})();
