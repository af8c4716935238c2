// SPDX-License-Identifier: GPL-2.0-or-later
// Steps through the sections that are there anyway. It makes no markup and knows no names (a book's
// parts.js has what its runs share): what is lit is read from each section's list .lit, the arcs
// from data-arcs, and what is held from data-until.
(() => {
	"use strict";

	const all = (selector, from = document) => [...from.querySelectorAll(selector)];

	// A book has beside its pages what is the same on each.
	for (const place of all("[data-part]"))
		place.outerHTML = parts[place.dataset.part];

	const byId = (id) => document.getElementById(id);
	const steps = all(".step"), rows = all(".row"), phases = all(".timeline li");
	const nodes = all(".figure .node"), arcs = all(".figure .arc");
	const scrub = byId("scrub"), said = byId("said"), play = byId("play");
	const timeline = document.querySelector(".timeline");
	const headings = all(".rows .phase");
	const list = document.querySelector(".rows"), stage = document.querySelector(".stage");
	const arcsOf = (step) => all("[data-arcs]", step).flatMap(
		(change) => change.dataset.arcs.split(" ").filter(Boolean));
	const firstWalk = new Map();
	const held = rows.map((row, i) => [row, i, Number(row.dataset.until) - 1])
		.filter(([, , until]) => until >= 0);
	const ask = byId("ask"), question = byId("question"), answer = byId("answer");
	const ruling = byId("ruling");
	const root = document.documentElement;
	const score = { right: 0, all: 0 }, revealed = new Set();
	let at = -1, back = 0, timer = 0;
	let stood = -1; // where toStage() has left the page
	let filled = 0, before = null;
	let predicting = false, asking = false;

	// What stands as it stood: without what was news then.
	function asBefore(part) {
		const copy = part.cloneNode(true);

		all(".gone, .missing, .change, .below .good, .below .bad, .below .dim", copy)
			.forEach((one) => one.remove());
		[copy, ...all("tbody", copy)].filter((one) => one.matches("tbody")).forEach((one) => {
			one.className = "older";
		});
		all("caption", copy).forEach((one) => {
			one.textContent = "The table now (as last seen)";
		});
		return copy;
	}

	// A book says once what is as before: rows of a table, or all of it. Each step takes it from
	// the one before it.
	function fill(until) {
		for (; filled <= until; filled++) {
			const step = steps[filled], table = step.querySelector(".netstat");

			if (table)
				all("tbody[data-as]", table).forEach((row) => row.replaceWith(
					asBefore(before.querySelector(".netstat")
						.tBodies[row.dataset.as])));
			else if (before && step.querySelector(".as-before"))
				all(".lit, .netstat, .netstat + .dim", before).forEach(
					(part) => step.append(asBefore(part)));
			before = step;
		}
	}

	// Of a step, or of a phase's title above its rows.
	const phaseOf = (one) => Number(one.dataset.phase);

	// What a phase is called tells how it ends: who predicts reads it when it is over.
	function namePhases(until) {
		const isOver = (i) => !predicting || i < phaseOf(steps[until]) ||
			(phases[i].dataset.look > 0 && phases[i].dataset.look <= until + 1);
		const title = (i) => phases[i].querySelector("bdi").textContent;
		const now = phaseOf(steps[at]);

		phases.forEach((phase, i) => {
			phase.classList.toggle("untold", !isOver(i));
			phase.firstElementChild.title = isOver(i) ? title(i) : "";
		});
		for (const heading of headings)
			heading.classList.toggle("untold", !isOver(phaseOf(heading)));
		byId("of-phase").textContent = !phases[now] ? "" :
			`Phase ${now + 1}${isOver(now) ? `: ${title(now)}` : ""}`;
	}

	function light(step) {
		fill(steps.indexOf(step));
		namePhases(steps.indexOf(step));
		const who = new Map(all(".lit li", step).map(
			(one) => [one.dataset.state,
				one.dataset.who ?? one.querySelector("bdi").textContent]));
		const taken = new Set(arcsOf(step));

		for (const node of nodes) {
			const names = who.get(node.dataset.state) || "";

			node.classList.toggle("now", names !== "");
			node.querySelector(".who").textContent = names;
		}
		for (const arc of arcs) {
			const id = arc.dataset.arc;

			arc.classList.toggle("taken", taken.has(id));
			arc.classList.toggle("walked", firstWalk.has(id) && firstWalk.get(id) <= at);
		}
		for (const [row, came, until] of held)
			row.classList.toggle("flying", came <= at && at < until);
	}

	// Rows that come into sight get their height then, so it is looked at once more.
	function follow(row, tries = 3) {
		if (list.scrollHeight <= list.clientHeight)
			return;
		const box = list.getBoundingClientRect(), it = row.getBoundingClientRect();

		if (it.top < box.top + 60 || it.bottom > box.bottom - 60)
			list.scrollTop += it.top - box.top - (list.clientHeight - it.height) / 2;
		if (tries)
			requestAnimationFrame(() => row === rows[at] && follow(row, tries - 1));
	}

	const changeOf = (step) => step.querySelector(".changes > li");

	function setAsking(on) {
		asking = on;
		root.classList.toggle("asking", on);
	}

	// Before a step is shown that changes a state: which one will it be?
	function askAbout(step) {
		const { who, from } = changeOf(step).dataset;

		setAsking(true);
		question.textContent = `${step.querySelector("h3").textContent}. ` +
			`${who} is in ${from}. Which state comes next?`;
		ruling.textContent = "";
		answer.value = "";
		stop();
	}

	function tally() {
		return !score.all ? "" : `${score.right} of ${score.all} right` +
			(at === steps.length - 1 ? ": this was the last step." : ".");
	}

	// Shows what happened; without an answer nothing counts, and none is asked for again.
	function reveal(said) {
		const { who, to } = changeOf(steps[at]).dataset;

		setAsking(false);
		revealed.add(at);
		light(steps[at]);
		if (said === undefined) {
			ruling.textContent = `It is ${to}. ${tally()}`;
			return;
		}
		score.all++;
		score.right += said === to;
		ruling.textContent = (said === to ? "Right" : `Not ${said}`) +
			`: ${who} is now in ${to}. ${tally()}`;
	}

	// A state in any spelling, by the name that the page has for it.
	function stateName(text) {
		const plain = (name) => name.toUpperCase().replace(/[^A-Z0-9]/g, "")
			.replace("RECEIVED", "RECV").replace("RCVD", "RECV")
			.replace(/^ESTAB$/, "ESTABLISHED").replace(/D$/, "");
		const option = all("option", ask).find((one) => plain(one.value) === plain(text));

		return option && option.value;
	}

	function answered() {
		const name = stateName(answer.value);

		if (!asking)
			return;
		if (name)
			reveal(name);
		else
			ruling.textContent = answer.value.trim() ?
				`"${answer.value}" is not one of the states of TCP.` :
				"Type a state, or choose a box of the diagram.";
	}

	// While a state is asked for, a box of the diagram is an answer.
	function onBox(event) {
		const box = asking && event.target.closest(".node");

		if (!box || event.ctrlKey || event.metaKey || event.shiftKey)
			return;
		event.preventDefault();
		reveal(stateName(box.dataset.state));
	}

	const GO_ON = "Go on: before each step that changes a state you are asked.";

	function predict() {
		predicting = root.classList.toggle("predicting");
		byId("predict").setAttribute("aria-pressed", String(predicting));
		stop();
		if (!predicting && asking)
			reveal();
		score.right = score.all = 0;
		revealed.clear();
		namePhases(at);
		fit();
		question.textContent = GO_ON;
		ruling.textContent = "";
	}

	function go(to, how = "replace") {
		const next = Math.max(0, Math.min(steps.length - 1, to));
		const asks = predicting && at >= 0 && next === at + 1 &&
			!revealed.has(next) && changeOf(steps[next]);

		if (asking && next !== at) {
			reveal();
			if (next === at + 1)
				return;
		}
		if (next === at)
			return;
		if (at >= 0) {
			steps[at].classList.remove("current");
			rows[at].classList.remove("current");
			rows[at].firstElementChild.removeAttribute("aria-current");
		}
		at = next;
		steps[at].classList.add("current");
		rows[at].classList.add("current");
		rows[at].firstElementChild.setAttribute("aria-current", "step");
		phases.forEach((phase, i) =>
			phase.classList.toggle("current", i === phaseOf(steps[at])));
		scrub.value = at + 1;
		scrub.setAttribute("aria-valuetext", `Step ${at + 1} of ${steps.length}`);
		said.textContent = rows[at].firstElementChild.getAttribute("aria-label");
		byId("first").disabled = byId("back").disabled = at === 0;
		byId("last").disabled = byId("next").disabled = at === steps.length - 1;
		if (asks) {
			askAbout(steps[at]);
		} else {
			question.textContent = GO_ON;
			ruling.textContent = tally();
		}
		light(steps[asks ? at - 1 : at]);
		follow(rows[at]);
		steps[at].parentNode.scrollTop = 0;
		if (how !== "keep")
			history[how + "State"](null, "", `#step-${at + 1}`);
		if (at === steps.length - 1)
			stop();
	}

	function stop() {
		clearInterval(timer);
		timer = 0;
		play.textContent = "▶ play";
		play.setAttribute("aria-label", "Play (p)");
	}

	function start() {
		if (at === steps.length - 1)
			go(0);
		play.textContent = "❚❚ pause";
		play.setAttribute("aria-label", "Pause (p)");
		timer = setInterval(() => go(at + 1), 1400);
	}

	// To the first step of the phase before this one, or after it.
	function leap(direction) {
		const phase = (i) => phaseOf(steps[i]);
		let to = at;

		while (to + direction >= 0 && to + direction < steps.length && phase(to) === phase(at))
			to += direction;
		while (direction < 0 && to > 0 && phase(to - 1) === phase(to))
			to--;
		go(to);
	}

	function fromAddress() {
		const asked = /^#step-(\d+)$/.exec(location.hash);
		const target = location.hash.length > 1 && byId(location.hash.slice(1));

		if (asked)
			go(Number(asked[1]) - 1, "keep");
		else if (target && phases.includes(target))
			go(Number(target.dataset.look) - 1, "keep");
		else if (target && target.tagName === "DETAILS")
			target.open = true;
	}

	const keys = {
		ArrowLeft: (event) => event.shiftKey ? leap(-1) : go(at - 1),
		ArrowRight: (event) => event.shiftKey ? leap(1) : go(at + 1),
		Home: () => go(0),
		End: () => go(steps.length - 1),
		p: () => timer ? stop() : start(),
		" ": () => timer ? stop() : start(),
	};

	function onKey(event) {
		if (event.key === "Enter" && event.target === answer)
			answered();
		if (!(event.key in keys) || event.ctrlKey || event.metaKey || event.altKey)
			return;
		// what is typed, and a button's or a fold's own key
		if (event.target === answer ||
		    (event.key === " " && event.target.matches("button, summary")))
			return;
		if (event.key !== "p" && event.key !== " ")
			stop();
		keys[event.key](event);
		event.preventDefault();
	}

	// A link to a step shows it; the browser's own leap would go to a section of its own.
	function onClick(event) {
		const link = event.target.closest('a[href^="#step-"]');

		if (!link || event.ctrlKey || event.metaKey || event.shiftKey)
			return;
		event.preventDefault();
		stop();
		go(Number(link.getAttribute("href").slice(6)) - 1, "push");
		if (!link.closest(".stage, .timeline")) {
			toStage();
			rows[at].firstElementChild.focus({ preventScroll: true });
		}
	}

	// The top of the page, if all three views are in sight there; else they and the timeline.
	function toStage() {
		steps[at].parentNode.scrollTop = 0;
		const box = stage.getBoundingClientRect();

		if (box.bottom + scrollY <= innerHeight)
			scrollTo(0, 0);
		else
			stage.scrollIntoView();
		stood = scrollY;
	}

	// Titles of phases stand in their boxes where each has room in four lines, without a cut.
	function name() {
		timeline.classList.remove("numbers");
		timeline.classList.toggle("numbers", all(".phase-link").some((link) =>
			link.scrollWidth > link.clientWidth || link.scrollHeight > 78));
	}

	// What stands above the views tells how much of the window is left to them; where that
	// is too little, the timeline alone stays above them.
	function fit() {
		name();
		timeline.classList.add("unpinned"); // where it stands when the page is not scrolled
		const above = stage.getBoundingClientRect().top + scrollY;
		const bar = 1 + Math.ceil(stage.getBoundingClientRect().top -
			timeline.getBoundingClientRect().top);

		timeline.classList.remove("unpinned");
		const least = parseInt(getComputedStyle(stage).getPropertyValue("--least"), 10);
		const scrolls = innerHeight - above < least;

		stage.style.setProperty("--above", `${scrolls ? bar : above}px`);
		byId("of-run").style.visibility = scrolls ? "" : "hidden"; // <h1> is in sight
		if (at >= 0)
			follow(rows[at]);
		stage.style.setProperty("--bar", `${bar}px`);
		if (scrollY === stood)
			toStage();
	}

	function walkAll() {
		steps.forEach((step, i) => arcsOf(step).forEach((id) => {
			if (!firstWalk.has(id))
				firstWalk.set(id, i);
		}));
	}

	function begin() {
		walkAll();
		scrub.max = steps.length;
		phases.forEach((phase) => {
			phase.style.flexGrow = Math.sqrt(Number(phase.dataset.steps) || 1);
		});
		byId("first").onclick = () => { stop(); go(0); };
		byId("back").onclick = () => { stop(); go(at - 1); };
		byId("next").onclick = () => { stop(); go(at + 1); };
		byId("last").onclick = () => { stop(); go(steps.length - 1); };
		play.onclick = keys.p;
		scrub.oninput = () => { stop(); go(Number(scrub.value) - 1); };
		document.addEventListener("keydown", onKey);
		document.addEventListener("click", onClick);
		document.addEventListener("click", onBox);
		byId("predict").onclick = predict;
		byId("answer-it").onclick = answered;
		addEventListener("beforeprint", () => {
			back = at;
			fill(steps.length - 1);
			go(steps.length - 1, "keep");
		});
		addEventListener("afterprint", () => go(back, "keep"));
		document.documentElement.classList.add("js");
		byId("of-run").textContent = document.querySelector("h1").textContent;
		const sizes = new ResizeObserver(fit);

		sizes.observe(document.querySelector("header"));
		sizes.observe(timeline);
		sizes.observe(ask);
		addEventListener("resize", fit);
		fit();
		fromAddress();
		if (at < 0)
			go(0, "keep");
		else
			addEventListener("load", () => setTimeout(toStage));
	}

	addEventListener("hashchange", fromAddress);
	if (steps.length)
		begin();
	else
		fromAddress();
})();
