// Marking: points, ticks and remarks are saved as they are given; a number on the keyboard gives points.
"use strict";

(() => {
  const bar = document.querySelector("[data-marking]");
  const source = document.getElementById("marking-setup");
  if (!bar || !source) return;

  const setup = JSON.parse(source.textContent);
  const stateLine = bar.querySelector("[data-save-state]");
  const problems = document.querySelector("[data-problems]");
  const cards = [...document.querySelectorAll("[data-item]")];
  const waiting = new Map();
  let busy = false;
  let pause = 1000;
  let leaving = false;

  async function send(url, data) {
    try {
      const response = await fetch(url, {
        method: "POST", credentials: "same-origin", body: JSON.stringify(data),
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": setup.token, "X-Requested-With": "XMLHttpRequest" },
      });
      return { ok: response.ok, again: response.status >= 500, body: await response.json().catch(() => null) };
    } catch {
      return { ok: false, again: true };
    }
  }

  function entry(card) {
    const ticks = [...card.querySelectorAll("[data-tick]")];
    const data = { item: Number(card.dataset.item), remark: card.querySelector("[data-remark]")?.value ?? "" };
    if (ticks.length) data.ticked = ticks.filter((tick) => tick.checked).map((tick) => tick.value);
    else data.points = card.querySelector("[data-other]").value.trim() || (card.querySelector("[type=radio]:checked")?.value ?? null);
    return data;
  }

  function changed(card) {
    waiting.set(card, entry(card));
    drain();
  }

  // One after the other: of two marks of one result the second would be refused as out of date.
  async function drain() {
    if (busy || !waiting.size) return show();
    busy = true;
    show();
    const [card, data] = waiting.entries().next().value;
    const answer = await send(setup.urls.mark, data);
    busy = false;
    if (answer.ok) {
      if (waiting.get(card) === data) waiting.delete(card);
      pause = 1000;
      say([]);
      opened(answer.body.open);
    } else if (answer.again) {
      pause = Math.min(15000, pause * 2);
      setTimeout(drain, pause);
      return show(true);
    } else {
      waiting.delete(card);
      say(answer.body?.problems ?? [setup.words.refused]);
    }
    return drain();
  }

  function show(offline) {
    stateLine.dataset.state = offline ? "failed" : waiting.size ? "saving" : "saved";
    stateLine.textContent = offline ? setup.words.offline : waiting.size ? setup.words.saving : setup.words.saved;
  }

  function opened(numbers) {
    bar.querySelector("[data-open]").textContent = numbers.length ? `${setup.words.open} ${numbers.join(", ")}` : "";
  }

  function say(sentences) {
    problems.hidden = !sentences.length;
    problems.querySelector("div").textContent = sentences.join(" ");
  }

  for (const card of cards) {
    let timer;
    card.addEventListener("input", (event) => {
      clearTimeout(timer);
      if (event.target.matches("[type=radio]")) card.querySelector("[data-other]").value = "";
      if (event.target.matches("[data-remark], [data-other]")) timer = setTimeout(() => changed(card), 600);
      else changed(card);
    });
    card.querySelector("[data-none]")?.addEventListener("click", () => {
      for (const tick of card.querySelectorAll("[data-tick]")) tick.checked = false;
      changed(card);
    });
  }

  async function finish() {
    for (let tries = 0; (busy || waiting.size) && tries < 80; tries += 1) await new Promise((go) => setTimeout(go, 100));
    if (waiting.size) return;
    const answer = await send(setup.urls.finish, {});
    if (answer.ok) {
      leaving = true;
      window.location.assign(answer.body.next);
    } else say(answer.body?.problems ?? [setup.words.offline]);
  }
  bar.querySelector("[data-finish]").addEventListener("click", finish);

  function current() {
    return document.activeElement?.closest("[data-item]") ?? cards.find((card) => card.getBoundingClientRect().bottom > window.innerHeight / 2) ?? cards[0];
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || !cards.length) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      finish();
    } else if (event.key === "PageDown" || event.key === "PageUp") {
      event.preventDefault();
      const place = cards.indexOf(current()) + (event.key === "PageDown" ? 1 : -1);
      const card = cards[Math.min(cards.length - 1, Math.max(0, place))];
      card.scrollIntoView({ block: "center" });
      card.focus({ preventScroll: true });
    } else if (/^\d$/.test(event.key) && !event.ctrlKey && !event.altKey && !event.metaKey && !event.target.matches("textarea, [type=text]")) {
      const card = current();
      const tick = card.querySelectorAll("[data-tick]")[Number(event.key) - 1];
      const radio = [...card.querySelectorAll("[type=radio]")].find((each) => Number(each.value) === Number(event.key));
      if (tick ?? radio) {
        event.preventDefault();
        (tick ?? radio).focus();
        (tick ?? radio).click();
      }
    }
  });

  window.addEventListener("online", drain);
  window.addEventListener("beforeunload", (event) => { if (!leaving && waiting.size) event.preventDefault(); });
  show();
})();
