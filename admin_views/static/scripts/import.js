// Conveniences of an import's pages. Every page works without them.
"use strict";

// The examples follow the chosen column.
const map = document.querySelector("[data-samples]");
if (map) {
  const samples = JSON.parse(map.dataset.samples);
  const masks = JSON.parse(map.dataset.masks);
  map.addEventListener("change", (event) => {
    const shown = map.querySelector(`[data-samples-of="${event.target.id}"]`);
    if (!shown) return;
    const examples = "veiled" in shown.dataset ? masks : samples;
    shown.textContent = (examples[event.target.value] ?? []).join(" · ") || "—";
  });
}

// One choice for all names of a group.
document.addEventListener("change", (event) => {
  const group = event.target.dataset.allOf;
  if (!group) return;
  for (const select of document.querySelectorAll(`select[data-of="${group}"]`)) {
    if ([...select.options].some((option) => option.value === event.target.value)) select.value = event.target.value;
  }
});

// How far the work is, until it ends; then the page is loaded anew.
const box = document.querySelector("[data-progress]");
if (box) {
  const bar = box.querySelector("progress");
  const numbers = new Intl.NumberFormat(document.documentElement.lang);
  let failures = 0;
  const look = async () => {
    try {
      const answer = await fetch(box.dataset.progress, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const now = await answer.json();
      failures = 0;
      bar.value = now.done;
      for (const name of ["done", "taken", "same", "refused"]) {
        for (const place of document.querySelectorAll(`[data-count="${name}"]`)) place.textContent = numbers.format(now[name]);
      }
      if (!now.at_work) {
        window.location.reload();
        return;
      }
    } catch {
      failures += 1;
    }
    window.setTimeout(look, Math.min(1000 * 2 ** failures, 30000));
  };
  window.setTimeout(look, 700);
}
