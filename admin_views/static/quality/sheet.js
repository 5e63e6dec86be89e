// The scorecard: findings by keyboard, saved by themselves, the score always in view. The server judges; this page shows.
"use strict";

(() => {
  const root = document.querySelector("[data-sheet]");
  const source = document.getElementById("sheet-setup");
  if (!root || !source) return;

  const setup = JSON.parse(source.textContent);
  const template = root.querySelector("[data-finding-template]");
  const stateLine = root.querySelector("[data-save-state]");
  const problems = root.querySelector("[data-problems]");
  const DRAFT = `sheet:${setup.urls.save}`;
  const KEYS_OFF = "sheet-keys-off";
  const WAIT = 500;
  const LONGEST_PAUSE = 30000;
  const NAMES = ["deduction", "problem", "cause"];
  const cents = (text) => Math.round(Number(text) * 100);
  const entries = new Set();
  let token = setup.token;
  let leaving = false;
  let extra = null; // a sentence with a button, shown beside the state

  // One finding: what stands in its fields, what the server knows, and whether the two differ.

  class Entry {
    constructor(given) {
      this.id = given.id ?? null;
      this.version = given.version ?? null;
      this.itemId = given.item_id;
      this.state = this.id ? "saved" : "new";
      this.pause = 0;
      this.box = template.content.firstElementChild.cloneNode(true);
      this.place = root.querySelector(`[data-item="${this.itemId}"]`);
      this.name = `severity-${Entry.count++}`;
      for (const radio of this.radios()) radio.name = this.name;
      for (const name of NAMES) if (given[name]) this.field(name).value = given[name];
      this.setSeverity(given.severity ?? setup.severities[0].code, !given.deduction);
      this.place.querySelector("[data-findings]").append(this.box);
      this.listen();
      entries.add(this);
    }

    radios() { return [...this.box.querySelectorAll("input[type=radio]")]; }
    field(name) { return this.box.querySelector(`[data-name="${name}"]`); }
    get severity() { return this.radios().find((radio) => radio.checked).value; }
    get band() { return setup.bands[this.severity]; }
    get points() { return this.field("deduction").value; }
    get problem() { return this.field("problem").value.trim(); }
    get fits() { return this.points !== "" && Number.isFinite(Number(this.points)); }
    get waits() { return this.problem === "" || !this.fits; }

    listen() {
      this.box.addEventListener("input", (event) => {
        if (event.target.type === "radio") this.setSeverity(event.target.value, true);
        this.changed();
      });
      this.box.addEventListener("keydown", (event) => this.key(event));
      this.box.querySelector("[data-remove]").addEventListener("click", () => this.remove());
    }

    setSeverity(code, fill) {
      for (const radio of this.radios()) radio.checked = radio.value === code;
      const [low, high] = this.band.map(Number);
      const field = this.field("deduction");
      field.min = low;
      field.max = high;
      this.box.querySelector("[data-band]").textContent = `${low}–${high}`;
      if (fill) {
        const middle = (low + high) / 2;
        field.value = Number.isInteger(low) && Number.isInteger(high) ? Math.floor(middle) : middle;
      }
    }

    key(event) {
      if (event.isComposing) return;
      const writes = event.target.matches("textarea, input[type=text]");
      const rank = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
      const severity = rank && setup.severities[rank - 1];
      if (severity && (event.altKey || event.target.type === "radio")) {
        event.preventDefault();
        this.setSeverity(severity.code, true);
        this.changed();
        this.field("problem").focus();
      } else if (["+", "-"].includes(event.key) && !writes) {
        event.preventDefault();
        this.step(event.key === "+" ? 1 : -1);
      } else if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        this.leave();
      } else if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        if (this.state === "new" && this.problem === "") this.drop();
        this.leave();
      }
    }

    step(by) {
      const [low, high] = this.band.map(Number);
      this.field("deduction").value = Math.min(high, Math.max(low, Number(this.points) + by));
      this.changed();
    }

    leave() { this.place.querySelector("[data-add]").focus(); }

    changed() {
      this.edits = (this.edits ?? 0) + 1;
      if (this.state !== "saving") this.state = this.waits ? "new" : "dirty";
      this.pause = 0;
      clearTimeout(this.timer);
      if (!this.waits) this.timer = setTimeout(() => this.save(), WAIT);
      show();
    }

    data() {
      return {
        id: this.id, version: this.version, item_id: this.itemId, severity: this.severity, deduction: this.points,
        problem: this.problem, cause: this.field("cause").value.trim(),
      };
    }

    async save() {
      clearTimeout(this.timer);
      if (this.state === "saving" || this.waits || this.gone) return;
      const edits = this.edits;
      this.state = "saving";
      show();
      const answer = await send(setup.urls.save, { ...this.data(), sent_before: this.lost ?? false });
      this.lost = !answer.ok && !answer.problems;
      if (answer.ok) {
        this.id = answer.body.finding.id;
        this.version = answer.body.finding.version;
        this.state = "saved";
        this.pause = 0;
        this.say([]);
      } else if (answer.problems) {
        this.state = "refused";
        this.say(answer.problems);
      } else {
        this.state = "failed";
        this.pause = Math.min(LONGEST_PAUSE, (this.pause || 1000) * 2);
        this.timer = setTimeout(() => this.save(), this.pause);
      }
      if (edits !== this.edits && !this.gone) {
        this.state = "dirty";
        await this.save();
      }
      show();
    }

    say(found) {
      const said = this.box.querySelector("[data-said]");
      said.replaceChildren(...found.map(sentence));
      for (const name of NAMES) {
        const wrong = found.some((problem) => problem.field === name);
        this.field(name).toggleAttribute("aria-invalid", wrong);
        if (wrong) this.field(name).setAttribute("aria-invalid", "true");
      }
    }

    drop() {
      this.gone = true;
      clearTimeout(this.timer);
      entries.delete(this);
      this.box.remove();
      show();
    }

    async remove() {
      const kept = { ...this.data(), id: null, version: null };
      const stored = this.id;
      this.leave();
      if (stored) {
        const answer = await send(setup.urls.remove, { id: stored, version: this.version });
        if (!answer.ok) {
          this.say(answer.problems ?? [{ text: setup.words.offline }]);
          return;
        }
      }
      this.drop();
      if (kept.problem) {
        offer(setup.words.removed, setup.words.undo, () => {
          const again = new Entry(kept);
          again.changed();
          again.field("problem").focus();
        });
      }
    }
  }
  Entry.count = 0;

  // Talking to the server: an answer, refusals with their clauses, or neither (no connection, signed out).

  async function send(url, data, again = true) {
    let response;
    try {
      response = await fetch(url, {
        method: "POST", credentials: "same-origin", body: JSON.stringify(data),
        headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token, "X-Requested-With": "XMLHttpRequest" },
      });
    } catch {
      return { ok: false, offline: true };
    }
    if (response.status === 401) {
      offer(setup.words.signed_out, setup.words.sign_in, () => window.open(setup.signIn, "_blank", "noopener"));
      return { ok: false };
    }
    const body = await response.json().catch(() => null);
    if (response.ok) return { ok: true, body };
    if (body?.problems) return { ok: false, problems: body.problems };
    if (response.status === 400 && again && (await renew())) return send(url, data, false);
    return { ok: false };
  }

  // Somebody who signed in again has a new token.
  async function renew() {
    try {
      const response = await fetch(setup.urls.state, { credentials: "same-origin", headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } });
      if (!response.ok) return false;
      token = (await response.json()).token;
      return true;
    } catch {
      return false;
    }
  }

  // What the page says of itself.

  function sentence(problem) {
    const line = document.createElement("p");
    line.className = "field-error";
    line.append(problem.text);
    if (problem.clause) {
      const clause = document.createElement(problem.url ? "a" : "span");
      clause.className = "pill pill-quiet";
      if (problem.url) clause.href = problem.url;
      clause.textContent = problem.clause;
      line.append(" ", clause);
    }
    return line;
  }

  function offer(text, label, act) {
    extra = document.createElement("span");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-small";
    button.textContent = label;
    button.addEventListener("click", () => {
      extra = null;
      act();
      show();
    });
    extra.append(text, " ", button);
    show();
  }

  function show() {
    const standing = [...entries].filter((entry) => entry.fits);
    const deducted = standing.reduce((sum, entry) => sum + cents(entry.points), 0);
    const score = Math.max(cents(setup.floor), cents(setup.base) - deducted) / 100;
    for (const place of document.querySelectorAll("[data-score]")) place.textContent = score;
    for (const { code } of setup.severities) {
      root.querySelector(`[data-count="${code}"]`).textContent = standing.filter((entry) => entry.severity === code).length;
    }
    for (const entry of entries) entry.box.dataset.state = entry.state;
    const states = new Set([...entries].map((entry) => entry.state));
    if (remark) states.add(remark.state);
    const worst = ["failed", "refused", "saving", "dirty", "new"].find((state) => states.has(state));
    const text = { failed: "offline", refused: "refused", saving: "saving", dirty: "saving", new: "writing" }[worst] ?? "saved";
    stateLine.dataset.state = worst ?? "saved";
    stateLine.replaceChildren(extra && worst !== "saving" ? extra : setup.words[text]);
    remember();
  }

  // What is not stored yet outlives a reload of this tab, and nothing longer.
  function remember() {
    const unsaved = [...entries].filter((entry) => entry.state !== "saved" && entry.problem !== "").map((entry) => entry.data());
    try {
      if (unsaved.length) sessionStorage.setItem(DRAFT, JSON.stringify(unsaved));
      else sessionStorage.removeItem(DRAFT);
    } catch { /* a browser without storage loses only this convenience */ }
  }

  function restore() {
    let unsaved = [];
    try {
      unsaved = JSON.parse(sessionStorage.getItem(DRAFT) ?? "[]");
    } catch { /* nothing to restore */ }
    for (const data of unsaved) {
      const known = [...entries].find((entry) => entry.id && entry.id === data.id);
      known?.drop();
      if (!root.querySelector(`[data-item="${data.item_id}"]`)) continue;
      new Entry(known ? { ...data, version: known.version } : data).changed();
    }
    return unsaved.length > 0;
  }

  // The remark is saved like a finding.

  const remarkField = root.querySelector("[data-remark]");
  const remark = remarkField && { state: "saved", timer: null };
  async function saveRemark() {
    clearTimeout(remark.timer);
    const text = remarkField.value;
    remark.state = "saving";
    show();
    const answer = await send(setup.urls.remark, { remark: text });
    remark.state = answer.ok ? "saved" : answer.problems ? "refused" : "failed";
    if (answer.problems) problems.replaceChildren(...answer.problems.map(sentence));
    if (remark.state === "failed") remark.timer = setTimeout(saveRemark, 4000);
    if (answer.ok && text !== remarkField.value) await saveRemark();
    show();
  }
  remarkField?.addEventListener("input", () => {
    clearTimeout(remark.timer);
    remark.state = "dirty";
    remark.timer = setTimeout(saveRemark, WAIT);
    show();
  });

  // Handing in: first everything is saved, then the record goes, then comes the next one.

  async function settle() {
    if (remark && remark.state !== "saved") await saveRemark();
    for (const entry of [...entries]) {
      if (entry.state === "new" && entry.problem === "" && !entry.id) entry.say([{ field: "problem", text: setup.words.writing }]);
      else if (!entry.fits) entry.say([{ field: "deduction", text: setup.words.no_points }]);
      else if (entry.state !== "saved") await settled(entry);
    }
    return [...entries].find((entry) => entry.state !== "saved");
  }

  async function settled(entry) {
    for (let tries = 0; entry.state === "saving" && tries < 50; tries++) await new Promise((done) => setTimeout(done, 100));
    if (entry.state !== "saved") await entry.save();
  }

  const handInButton = root.querySelector("[data-hand-in]");
  async function handIn() {
    if (handInButton.disabled) return;
    handInButton.disabled = true;
    problems.replaceChildren();
    const open = await settle();
    if (open || (remark && remark.state !== "saved")) {
      (open ? open.field("problem") : remarkField).focus();
      handInButton.disabled = false;
      return;
    }
    stateLine.textContent = setup.words.handing_in;
    const answer = await send(setup.urls.hand_in, {});
    if (answer.ok) {
      leaving = true;
      window.location.assign(answer.body.next);
      return;
    }
    handInButton.disabled = false;
    problems.replaceChildren(...(answer.problems ?? [{ text: setup.words.offline }]).map(sentence));
    problems.scrollIntoView({ block: "nearest" });
  }
  handInButton.addEventListener("click", handIn);

  // Keys. Letters act only while nobody writes, and can be switched off.

  const keysButton = root.querySelector("[data-keys]");
  let keysOff = false;
  try {
    keysOff = localStorage.getItem(KEYS_OFF) === "1";
  } catch { /* the default is fine */ }
  function showKeys() {
    keysButton.setAttribute("aria-pressed", String(!keysOff));
    keysButton.textContent = keysOff ? setup.words.keys_off : setup.words.keys_on;
  }
  keysButton.addEventListener("click", () => {
    keysOff = !keysOff;
    try {
      localStorage.setItem(KEYS_OFF, keysOff ? "1" : "0");
    } catch { /* it lasts for this page */ }
    showKeys();
  });

  function add(itemId) {
    const item = root.querySelector(`[data-item="${itemId}"]`);
    root.closest("[data-panes]")?.setAttribute("data-open", "sheet");
    const empty = [...entries].find((entry) => entry.itemId === itemId && entry.state === "new" && entry.problem === "");
    const entry = empty ?? new Entry({ item_id: itemId });
    show();
    item.scrollIntoView({ block: "nearest" });
    entry.radios().find((radio) => radio.checked).focus();
  }
  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-add]");
    if (button) add(Number(button.dataset.add));
  });

  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      handIn();
      return;
    }
    const writing = event.target.closest("input, textarea, select, [contenteditable]");
    const radio = event.target.type === "radio";
    if (keysOff || (writing && !radio) || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const items = [...root.querySelectorAll("[data-add]")];
      const place = items.indexOf(document.activeElement);
      if (place < 0 || radio) return;
      event.preventDefault();
      items[Math.min(items.length - 1, Math.max(0, place + (event.key === "ArrowDown" ? 1 : -1)))].focus();
      return;
    }
    const button = event.key.length === 1 && root.querySelector(`[data-add][data-key="${CSS.escape(event.key.toLowerCase())}"]`);
    if (button) {
      event.preventDefault();
      add(Number(button.dataset.add));
    }
  });

  // On a phone, record and scorecard are two tabs.

  for (const button of document.querySelectorAll("[data-pane]")) {
    button.addEventListener("click", () => {
      document.querySelector("[data-panes]").dataset.open = button.dataset.pane;
      for (const other of document.querySelectorAll("[data-pane]")) other.setAttribute("aria-selected", String(other === button));
    });
  }

  window.addEventListener("online", () => {
    for (const entry of entries) if (entry.state === "failed") entry.save();
    if (remark?.state === "failed") saveRemark();
  });
  window.addEventListener("beforeunload", (event) => {
    const open = [...entries].some((entry) => !["saved"].includes(entry.state) && entry.problem !== "");
    if (!leaving && (open || (remark && remark.state !== "saved"))) event.preventDefault();
  });

  for (const finding of setup.findings) new Entry(finding);
  const again = restore();
  showKeys();
  show();
  if (again) stateLine.title = setup.words.restored;
})();
