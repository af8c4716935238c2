// SPDX-License-Identifier: GPL-2.0-or-later
// Words of the drawings that are cut off, or that another word or a box lies upon.
const box = (element) => element.getBoundingClientRect();
const shown = (element) => element.checkVisibility({ visibilityProperty: true });
const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
	Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2;
const bad = [];
let looked = 0;

function check(drawing, room, boxes, where) {
	const words = [...drawing.querySelectorAll("text")].filter(
		(one) => one.textContent.trim() && shown(one));
	const all = words.map((one) => [one, box(one)]);

	looked += all.length;
	all.forEach(([one, mine], i) => {
		if (mine.left < room.left - 1 || mine.right > room.right + 1 ||
		    mine.top < room.top - 2 || mine.bottom > room.bottom + 2)
			bad.push(`${where}: "${one.textContent}" is cut off`);
		for (const [other, its] of all.slice(i + 1))
			if (one.parentNode !== other.parentNode || !one.closest(".figure"))
				if (meet(mine, its))
					bad.push(`${where}: "${one.textContent}" and "${other.textContent}"`);
		for (const rect of boxes)
			if (!rect.parentNode.contains(one) && meet(mine, box(rect)))
				bad.push(`${where}: "${one.textContent}" and a box`);
	});
}

document.querySelectorAll(".row svg:not(.spot)").forEach((svg, i) =>
	check(svg, box(svg), [], `row ${i + 1}`));
const names = document.querySelector(".names");
check(names, box(names), [], "names");
const figure = document.querySelector(".figure");
check(figure, box(figure), [...figure.querySelectorAll(".node rect")], "figure");
return { looked, bad };
