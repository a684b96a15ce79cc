// What makes typing easier, and nothing that a page needs: every form works without it.
"use strict";

// Counts the characters left of a text, as the ledger will count them: in code points.
for (const area of document.querySelectorAll("textarea[maxlength]")) {
  const counter = document.createElement("p");
  counter.className = "quiet counter";
  const count = () => {
    const left = area.maxLength - [...area.value.trim()].length;
    counter.textContent = left === 1 || left === 0 ? `${left}\u00a0caractère restant` : `${left}\u00a0caractères restants`;
  };
  area.after(counter);
  area.addEventListener("input", count);
  count();
}

// In the grid, arrows and Enter go from line to line, as in a spreadsheet.
document.querySelector(".grid")?.addEventListener("keydown", (event) => {
  const step = { ArrowUp: -1, ArrowDown: 1, Enter: 1 }[event.key];
  const field = event.target;
  if (!step || !field.matches("input.mark") || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const [column, row] = field.id.split(".");
  const next = document.getElementById(`${column}.${Number(row) + step}`);
  if (next) { next.focus(); next.select(); }
});

// Before a jury, left and right go from candidate to candidate.
document.addEventListener("keydown", (event) => {
  const rel = { ArrowLeft: "prev", ArrowRight: "next" }[event.key];
  if (!rel || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.target.closest("input, textarea, select, .table")) return;
  document.querySelector(`a[rel=${rel}]`)?.click();
});

// Warns before leaving a grid in which something was typed and not saved.
const form = document.querySelector(".gridform");
if (form) {
  let dirty = false;
  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("submit", () => { dirty = false; });
  addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
}

// Beside a slider, says where it stands while it is moved.
for (const slider of document.querySelectorAll("input[type=range][id]")) {
  const shown = document.querySelector(`output[for=${slider.id}]`);
  if (shown) slider.addEventListener("input", () => { shown.textContent = slider.value; });
}
