// The sitting page: each answer goes to the server the moment it is given; the server holds the time. What cannot be
// sent waits on this device, under this sitting's number, and outlives a reload.
"use strict";

(() => {
  const root = document.querySelector("[data-exam]");
  const source = document.getElementById("exam-setup");
  if (!root || !source) return;

  const setup = JSON.parse(source.textContent);
  const words = setup.words;
  const KEPT = `exam-answers-${setup.number}`;
  const HOLDER = `exam-holder-${setup.number}`;
  const PAUSE = 600;
  const LONGEST_PAUSE = 15000;
  const EVERY_MINUTE = 60000;
  const cards = [...root.querySelectorAll("[data-item]")];
  const stateLine = root.querySelector("[data-save-state]");
  const notice = root.querySelector("[data-notice]");
  const dialog = root.querySelector("[data-dialog]");
  const items = new Map();
  let token = setup.token;
  let ends = performance.now() + setup.left * 1000;
  let running = false; // this page holds the sitting
  let done = false;
  let warned = 0;

  // A tab keeps its name through a reload; a copy of the tab is told by the server that it is a second one.
  let holder = setup.holder;
  try {
    holder = sessionStorage.getItem(HOLDER) ?? holder;
    sessionStorage.setItem(HOLDER, holder);
  } catch { /* each reload then asks once whether to go on here */ }

  class Item {
    constructor(card) {
      this.card = card;
      this.number = Number(card.dataset.item);
      this.kind = card.dataset.kind;
      this.fields = [...card.querySelectorAll("input, textarea")];
      this.turn = 0;
      this.state = "saved";
      this.pause = 0;
      card.addEventListener("input", (event) => this.changed(event.target.matches("[type=text], textarea") ? PAUSE : 0));
    }

    get answer() {
      const writes = this.kind === "fill_in" || this.kind === "short_answer";
      return writes ? this.fields.map((field) => field.value) : this.fields.filter((field) => field.checked).map((field) => field.value);
    }

    get isAnswered() { return this.answer.some((text) => text.trim() !== ""); }

    show(answer) {
      if (this.kind === "fill_in" || this.kind === "short_answer") this.fields.forEach((field, place) => { field.value = answer[place] ?? ""; });
      else for (const field of this.fields) field.checked = answer.includes(field.value);
    }

    changed(wait) {
      this.turn += 1;
      this.state = "dirty";
      this.pause = 0;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.save(), wait);
      keep();
      show();
    }

    async save() {
      clearTimeout(this.timer);
      if (this.state === "saved" || this.busy || !running || done) return;
      const turn = this.turn;
      this.busy = true;
      this.state = "saving";
      show();
      const answer = await send(setup.urls.answer, { item: this.number, answer: this.answer, turn, holder });
      this.busy = false;
      if (answer.ok) {
        this.state = turn === this.turn ? "saved" : "dirty";
        this.pause = 0;
        resync(answer.body.left);
      } else if (answer.status === 400) {
        this.state = "wrong";
      } else {
        this.state = "failed";
        if (answer.again) {
          this.pause = Math.min(LONGEST_PAUSE, (this.pause || 1000) * 2);
          this.timer = setTimeout(() => this.save(), this.pause);
        }
      }
      keep();
      show();
      if (this.state === "dirty") await this.save();
    }
  }

  // Talking to the server. `again`: there was no connection, so it is worth another try.

  async function send(url, data, renewed = false) {
    let response;
    try {
      response = await fetch(url, {
        method: "POST", credentials: "same-origin", body: JSON.stringify(data),
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token, "X-Requested-With": "XMLHttpRequest" },
      });
    } catch {
      return { ok: false, again: true };
    }
    const body = await response.json().catch(() => null);
    if (response.ok && body) {
      if (notice.dataset.why === "signed_out") say(null);
      return { ok: true, body };
    }
    if (response.status === 401) {
      say("signed_out", words.signed_out, words.sign_in, () => window.open(setup.signIn, "_blank", "noopener"));
      return { ok: false, again: true, status: 401 };
    }
    if (response.status === 410) over();
    else if (response.status === 409 && body?.held) held();
    else if (response.status === 400 && !renewed && (await renew())) return send(url, data, true);
    return { ok: false, again: response.status >= 500, status: response.status, body };
  }

  // Somebody who signed in again has a new token; the time is the server's.
  async function renew() {
    try {
      const response = await fetch(setup.urls.state, { credentials: "same-origin", headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } });
      if (!response.ok) return false;
      const body = await response.json();
      token = body.token;
      resync(body.left);
      if (body.over) over();
      return true;
    } catch {
      return false;
    }
  }

  function resync(left) { ends = performance.now() + left * 1000; }

  async function hold(force) {
    const answer = await send(setup.urls.hold, { holder, force });
    if (!answer.ok) {
      if (answer.again) setTimeout(() => hold(force), 3000);
      return;
    }
    running = true;
    root.dataset.running = "";
    say(null);
    resync(answer.body.left);
    const waiting = kept();
    for (const item of items.values()) {
      const stored = answer.body.answers[item.number];
      const own = waiting[item.number];
      item.turn = Math.max(stored?.turn ?? 0, own?.turn ?? 0);
      if (own && own.turn > (stored?.turn ?? -1)) {
        item.show(own.answer);
        item.state = "dirty";
      } else {
        item.show(stored?.answer ?? []);
        item.state = "saved";
      }
    }
    lock(false);
    show();
    for (const item of items.values()) item.save();
  }

  function held() {
    running = false;
    delete root.dataset.running;
    lock(true);
    show();
    say("held", words.held, words.take_over, () => hold(true));
  }

  function lock(on) {
    for (const item of items.values()) for (const field of item.fields) field.disabled = on;
    for (const button of root.querySelectorAll("[data-open-hand-in]")) button.disabled = on;
  }

  // What was not sent yet waits on this device.

  function keep() {
    const waiting = {};
    for (const item of items.values()) if (item.state !== "saved") waiting[item.number] = { answer: item.answer, turn: item.turn };
    try {
      if (Object.keys(waiting).length) localStorage.setItem(KEPT, JSON.stringify(waiting));
      else localStorage.removeItem(KEPT);
    } catch { /* a browser without storage still sends */ }
  }

  function kept() {
    try {
      return JSON.parse(localStorage.getItem(KEPT) ?? "{}");
    } catch {
      return {};
    }
  }

  // What the page says of itself.

  function say(why, text, label, act) {
    notice.hidden = !why;
    notice.dataset.why = why ?? "";
    notice.querySelector("[data-notice-text]").textContent = text ?? "";
    const button = notice.querySelector("[data-notice-act]");
    button.hidden = !act;
    button.textContent = label ?? "";
    button.onclick = act ?? null;
  }

  // A window that does not hold the sitting knows nothing of its answers, so it does not count them.
  function show() {
    if (!running) {
      root.querySelector("[data-done]").textContent = "–";
      stateLine.textContent = "";
      return;
    }
    const states = new Set([...items.values()].map((item) => item.state));
    const worst = ["wrong", "failed", "saving", "dirty"].find((state) => states.has(state)) ?? "saved";
    stateLine.dataset.state = worst;
    const text = { wrong: words.wrong, failed: words.offline, saving: words.saving, dirty: words.saving, saved: words.saved }[worst];
    if (stateLine.textContent !== text) stateLine.textContent = text;
    let answered = 0;
    for (const item of items.values()) {
      const link = root.querySelector(`[data-map="${item.number}"]`);
      link.toggleAttribute("data-answered", item.isAnswered);
      link.dataset.state = item.state;
      item.card.dataset.state = item.state;
      answered += item.isAnswered ? 1 : 0;
    }
    root.querySelector("[data-done]").textContent = answered;
  }

  function tick() {
    if (done) return;
    const left = Math.max(0, Math.round((ends - performance.now()) / 1000));
    const place = root.querySelector("[data-time]");
    place.textContent = `${String(Math.floor(left / 60)).padStart(2, "0")}:${String(left % 60).padStart(2, "0")}`;
    place.closest(".exam-time").dataset.tone = left <= 60 ? "bad" : left <= 300 ? "warn" : "";
    const level = left <= 60 ? 2 : left <= 300 ? 1 : 0;
    if (level > warned && left > 0) {
      warned = level;
      if (running) say("time", level === 2 ? words.last_minute : words.last_minutes);
    }
    if (left === 0) finish();
  }

  // The end: by hand, or by itself when the time is over.

  async function settle() {
    for (const item of items.values()) {
      for (let tries = 0; item.busy && tries < 50; tries += 1) await new Promise((go) => setTimeout(go, 100));
      if (item.state !== "saved") await item.save();
    }
    return [...items.values()].every((item) => item.state === "saved");
  }

  async function handIn() {
    dialog.close();
    stateLine.textContent = words.handing_in;
    if (!(await settle())) {
      show();
      return;
    }
    const answer = await send(setup.urls.hand_in, {});
    if (answer.ok) leave(answer.body.next);
    else if (answer.body?.problems) say("refused", answer.body.problems.join(" "));
    else show();
  }

  async function finish() {
    if (done) return;
    if (running) await settle();
    done = true;
    lock(true);
    say("over", words.over);
    const answer = await send(setup.urls.hand_in, {});
    if (answer.ok) leave(answer.body.next);
    else say("over", words.over_offline);
  }

  function over() {
    if (done) return;
    done = true;
    lock(true);
    say("over", words.over);
    setTimeout(() => leave(window.location.href), 2500);
  }

  function leave(address) {
    done = true;
    try {
      localStorage.removeItem(KEPT);
      sessionStorage.removeItem(HOLDER);
    } catch { /* nothing was kept */ }
    window.location.assign(address);
  }

  for (const button of root.querySelectorAll("[data-open-hand-in]")) button.addEventListener("click", ask);
  function ask() {
    if (!running || done || dialog.open) return;
    const open = [...items.values()].filter((item) => !item.isAnswered);
    const line = dialog.querySelector("[data-open-count]");
    line.replaceChildren(open.length ? `${words.left_open} ` : words.all_answered);
    for (const item of open) {
      const link = document.createElement("a");
      link.href = `#q${item.number}`;
      link.className = "pill pill-warn";
      link.textContent = root.querySelector(`[data-map="${item.number}"]`).textContent;
      link.addEventListener("click", () => dialog.close());
      line.append(link, " ");
    }
    dialog.showModal();
  }
  dialog.querySelector("[data-hand-in]").addEventListener("click", handIn);
  dialog.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());

  // Keys: a number chooses an option of the question at hand.

  function current() {
    const focused = document.activeElement?.closest("[data-item]");
    if (focused) return focused;
    const middle = window.innerHeight / 2;
    return cards.find((card) => card.getBoundingClientRect().bottom > middle) ?? cards[0];
  }

  function go(by) {
    const place = cards.indexOf(current()) + by;
    const card = cards[Math.min(cards.length - 1, Math.max(0, place))];
    card.scrollIntoView({ block: "start" });
    card.focus({ preventScroll: true });
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || dialog.open || done) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      ask();
      return;
    }
    if (event.key === "PageDown" || event.key === "PageUp") {
      event.preventDefault();
      go(event.key === "PageDown" ? 1 : -1);
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("[type=text], textarea")) return;
    const rank = /^[1-9]$/.exec(event.key)?.[0];
    const card = rank && running ? current() : null;
    const option = card?.querySelectorAll("[type=radio], [type=checkbox]")[rank - 1];
    if (option) {
      event.preventDefault();
      option.focus();
      option.click();
    }
  });

  root.querySelector("[data-questions]").addEventListener("submit", (event) => event.preventDefault());
  window.addEventListener("online", () => { for (const item of items.values()) if (item.state === "failed") item.save(); });
  window.addEventListener("focus", () => { if (!done) renew(); });
  window.addEventListener("beforeunload", (event) => {
    if (!done && [...items.values()].some((item) => item.state !== "saved")) event.preventDefault();
  });

  for (const card of cards) {
    const item = new Item(card);
    items.set(item.number, item);
  }
  root.hidden = false;
  lock(true);
  show();
  tick();
  setInterval(tick, 500);
  setInterval(() => { if (!done) renew(); }, EVERY_MINUTE);
  hold(false);
})();
