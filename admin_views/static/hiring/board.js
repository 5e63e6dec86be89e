// The board: a card is dragged, moved by Shift and an arrow key, or by its menu. The server says whether it may.
"use strict";

(() => {
  let board = document.querySelector("[data-board]");
  const refusal = document.querySelector("[data-refusal]");
  const said = document.querySelector("[data-said]");
  const token = document.querySelector("[name=csrf_token]")?.value ?? "";
  let held = null;
  let busy = false;

  const columns = () => [...board.querySelectorAll("[data-stage]")];
  const cardsOf = (column) => [...column.querySelectorAll("[data-card]")];
  const stageOf = (card) => card.closest("[data-stage]").dataset.stage;

  const refuse = (sentences) => {
    const place = refusal.querySelector("div");
    place.replaceChildren();
    for (const each of sentences) {
      const line = document.createElement("p");
      line.textContent = each.text;
      if (each.url) {
        const link = document.createElement("a");
        link.href = each.url;
        link.textContent = each.clause;
        line.append(" ", link);
      }
      place.append(line);
    }
    refusal.hidden = false;
    refusal.scrollIntoView({ block: "nearest" });
  };

  // What the server shows now takes the board's place, so that nothing on it is made up here.
  const renew = async (id) => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-board]");
    if (!fresh) return location.reload();
    board.replaceWith(fresh);
    board = fresh;
    listen();
    board.querySelector(`[data-card="${id}"] .board-name`)?.focus();
  };

  const move = async (card, to) => {
    if (busy || !to || stageOf(card) === to) return;
    busy = true;
    refusal.hidden = true;
    const body = new URLSearchParams({ csrf_token: token, version: card.dataset.version, to });
    try {
      const answer = await fetch(card.dataset.move, { method: "POST", body, headers: { Accept: "application/json" } });
      const told = await answer.json();
      if (told.open) location.assign(told.open);
      else if (told.refused) refuse(told.refused);
      else {
        said.textContent = told.said;
        await renew(card.dataset.card);
      }
    } catch {
      refuse([{ text: board.dataset.failed }]);
    } finally {
      busy = false;
    }
  };

  const beside = (card, step) => {
    const all = columns();
    return all[all.indexOf(card.closest("[data-stage]")) + step];
  };

  const walk = (card, key) => {
    const here = cardsOf(card.closest("[data-stage]"));
    const place = here.indexOf(card);
    if (key === "ArrowDown" || key === "ArrowUp") return here[place + (key === "ArrowDown" ? 1 : -1)];
    const step = key === "ArrowRight" ? 1 : -1;
    for (let column = beside(card, step), far = step; column; far += step, column = beside(card, far)) {
      const cards = cardsOf(column);
      if (cards.length) return cards[Math.min(place, cards.length - 1)];
    }
    return null;
  };

  const listen = () => {
    board.addEventListener("keydown", (event) => {
      const card = event.target.closest("[data-card]");
      if (!card || !event.key.startsWith("Arrow") || !event.target.matches(".board-name")) return;
      event.preventDefault();
      const sideways = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      if (event.shiftKey && sideways) move(card, beside(card, sideways)?.dataset.stage);
      else walk(card, event.key)?.querySelector(".board-name").focus();
    });
    board.addEventListener("submit", (event) => {
      const to = event.target.dataset.to;
      if (!to) return;
      event.preventDefault();
      event.target.closest("details").open = false;
      move(event.target.closest("[data-card]"), to);
    });
    board.addEventListener("dragstart", (event) => {
      held = event.target.closest?.("[data-card]");
      held?.classList.add("is-held");
      if (held) event.dataTransfer.setData("text/plain", held.dataset.card);
    });
    board.addEventListener("dragend", () => {
      held?.classList.remove("is-held");
      for (const column of columns()) column.classList.remove("is-over");
      held = null;
    });
    board.addEventListener("dragover", (event) => {
      const over = event.target.closest("[data-stage]");
      for (const column of columns()) column.classList.toggle("is-over", Boolean(held) && column === over);
      if (held && over) event.preventDefault();
    });
    board.addEventListener("drop", (event) => {
      const over = event.target.closest("[data-stage]");
      if (!held || !over) return;
      event.preventDefault();
      move(held, over.dataset.stage);
    });
  };

  listen();
})();
