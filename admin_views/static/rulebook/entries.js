// Entries of a value: added, taken out, moved, their weights summed. The order of the rows is the order that is sent.
(() => {
  "use strict";
  const told = document.querySelector("[data-told]");
  let fresh = 0;

  const own = (list) => [...list.querySelector(":scope > ol").children];
  const say = (text) => { if (told) told.textContent = text; };

  function sum(list) {
    const shown = list.querySelector("[data-sum]");
    const weights = own(list).map((row) => row.querySelector("input[name$='.weight']")).filter(Boolean);
    const total = weights.reduce((all, one) => all + Math.round((Number(one.value) || 0) * 100), 0) / 100;
    shown.hidden = false;
    shown.textContent = shown.dataset.says.replace("SUM", String(total));
    shown.className = total === 100 ? "pill pill-good" : "pill pill-warn";
  }

  function changed(list) {
    if ("weighed" in list.dataset) sum(list);
    list.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function add(list) {
    fresh += 1;
    const blank = list.querySelector(":scope > template");
    const holder = document.createElement("ol");
    holder.innerHTML = blank.innerHTML.replaceAll(`__${list.dataset.entries}__`, `n${fresh}`);
    const row = holder.firstElementChild;
    list.querySelector(":scope > ol").append(row);
    prepare(row);
    changed(list);
    row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  }

  function move(list, row, way) {
    const rows = own(list);
    const place = rows.indexOf(row) + way;
    if (place < 0 || place >= rows.length) return;
    if (way < 0) rows[place].before(row);
    else rows[place].after(row);
    changed(list);
    say(told.dataset.moved.replace("PLACE", String(place + 1)).replace("ALL", String(rows.length)));
    const button = row.querySelector(`:scope > .entry-tools > [data-entry-move="${way}"]`);
    const other = row.querySelector(`:scope > .entry-tools > [data-entry-move="${-way}"]`);
    (place === 0 || place === rows.length - 1 ? other : button).focus();
  }

  function remove(list, row) {
    const next = row.nextElementSibling || row.previousElementSibling;
    row.remove();
    changed(list);
    say(told.dataset.removed);
    (next?.querySelector(":scope > .entry-tools [data-entry-remove]") || list.querySelector(":scope > p [data-entry-add]"))?.focus();
  }

  function prepare(part) {
    part.querySelectorAll("[data-entry-add], .entry-tools").forEach((one) => { one.hidden = false; });
    part.querySelectorAll("[data-weighed]").forEach(sum);
  }

  const form = document.querySelector("[data-value-form]");
  if (!form) return;
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[type=button]");
    const list = button?.closest("[data-entries]");
    if (!list) return;
    if ("entryAdd" in button.dataset) add(list);
    else if ("entryRemove" in button.dataset) remove(list, button.closest("[data-entry]"));
    else if (button.dataset.entryMove) move(list, button.closest("[data-entry]"), Number(button.dataset.entryMove));
  });
  form.addEventListener("input", (event) => {
    const list = event.target.closest("[data-weighed]");
    if (list) sum(list);
    if ("names" in event.target.dataset && event.target.lang.slice(0, 2) === document.documentElement.lang.slice(0, 2)) {
      const title = event.target.closest("[data-entry]")?.querySelector("[data-entry-title]");
      if (title && event.target.value.trim()) title.textContent = event.target.value;
    }
  });
  // A link of the list of faults leads into an entry that may be folded away.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-fault]");
    for (let part = link && document.getElementById(link.hash.slice(1)); part; part = part.parentElement) {
      if (part.tagName === "DETAILS") part.open = true;
    }
  });
  prepare(form);
})();
