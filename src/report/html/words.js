// SPDX-License-Identifier: GPL-2.0-or-later
// What a word means: beside the word while a pointer is on it, and in a card that a click opens. The
// text is that of the glossary at the end of the page. It stands behind page.js in one script, and
// leaves alone what that has done with a click.
(() => {
	"use strict";

	const byId = (id) => document.getElementById(id);
	const tip = byId("tip"), card = byId("card"), shown = byId("card-text");
	const EXPLAINED = ["state", "flag", "column", "row", "word"].map(
		(kind) => `[href^="#${kind}-"]`).join(", ");
	const heads = [...document.querySelectorAll(".netstat thead a")].slice(0, 6);
	let told = null, opener = null;

	// The way to what a word means; in a book only the first table's heads have one of their own.
	function wayFrom(target) {
		const head = target.closest && target.closest(".netstat th");

		return target.closest && (target.closest(EXPLAINED) ?? (head && heads[head.cellIndex]));
	}

	const meaningOf = (link) => link && byId(link.getAttribute("href").slice(1));

	function tell(event) {
		const link = wayFrom(event.target), meaning = meaningOf(link);

		told?.removeAttribute("aria-describedby");
		told = meaning && link;
		tip.classList.toggle("shown", Boolean(meaning));
		if (!meaning)
			return;
		link.setAttribute("aria-describedby", "tip");
		tip.textContent = meaning.querySelector(".meaning").textContent;
		const box = event.target.getBoundingClientRect();
		const left = Math.min(box.left, innerWidth - tip.offsetWidth - 8);
		const below = box.bottom + 8 + tip.offsetHeight < innerHeight;

		tip.style.left = `${Math.max(8, left)}px`;
		tip.style.top = `${below ? box.bottom + 8 : box.top - tip.offsetHeight - 8}px`;
	}

	function openCard(event) {
		const link = wayFrom(event.target), meaning = meaningOf(link);

		if (!meaning || event.ctrlKey || event.metaKey || event.shiftKey)
			return;
		tip.classList.remove("shown");
		if (event.defaultPrevented)
			return;
		event.preventDefault();
		shown.replaceChildren(...meaning.cloneNode(true).childNodes);
		opener = link;
		card.hidden = false;
		byId("card-close").focus();
	}

	function closeCard() {
		tip.classList.remove("shown");
		if (card.hidden)
			return;
		card.hidden = true;
		opener?.focus({ preventScroll: true });
		tip.classList.remove("shown");
	}

	document.addEventListener("mouseover", tell);
	document.addEventListener("focusin", tell);
	document.addEventListener("click", openCard);
	document.addEventListener("keydown", (event) => event.key === "Escape" && closeCard());
	byId("card-close").onclick = closeCard;
})();
