// Look-up boxes, rows added to inline tables, cells changed in a list, and a word before a half-written form is left.
(() => {
  "use strict";
  const WAIT = 200;
  const LEAST = 2;

  function combobox(box) {
    const [key, input, list] = [box.querySelector("input[type=hidden]"), box.querySelector("[role=combobox]"), box.querySelector("[role=listbox]")];
    let chosen = input.value;
    let timer = 0;
    let asked = 0;
    let active = -1;

    const options = () => [...list.querySelectorAll("li:not([aria-disabled])")];
    const close = () => {
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const say = (text) => {
      const line = document.createElement("li");
      line.textContent = text;
      line.setAttribute("aria-disabled", "true");
      line.setAttribute("role", "option");
      list.replaceChildren(line);
    };
    const choose = (option) => {
      key.value = option.dataset.id;
      input.value = chosen = option.textContent;
      close();
      key.dispatchEvent(new Event("change", { bubbles: true }));
    };
    const mark = (place) => {
      const all = options();
      if (!all.length) return;
      active = (place + all.length) % all.length;
      all.forEach((one, number) => one.setAttribute("aria-selected", String(number === active)));
      input.setAttribute("aria-activedescendant", all[active].id);
      all[active].scrollIntoView({ block: "nearest" });
    };
    const open = () => {
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
    };
    async function ask() {
      const words = input.value.trim();
      const mine = ++asked;
      // A Chinese surname is one character.
      if (words.length < LEAST && /^[\x00-\x7f]*$/.test(words)) {
        say(box.dataset.more);
        open();
        return;
      }
      const url = new URL(box.dataset.url, window.location.href);
      url.searchParams.set("query", words);
      const answer = await fetch(url, { headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } });
      if (mine !== asked || !answer.ok) return;
      const found = await answer.json();
      list.replaceChildren(...found.map((one, number) => {
        const line = document.createElement("li");
        line.id = `${list.id}-${number}`;
        line.dataset.id = one.id;
        line.textContent = one.text;
        line.setAttribute("role", "option");
        line.setAttribute("aria-selected", "false");
        return line;
      }));
      if (!found.length) say(box.dataset.none);
      active = -1;
      open();
    }
    input.addEventListener("input", () => {
      // Until something is chosen, nothing is: what was typed is not a record.
      key.value = "";
      window.clearTimeout(timer);
      timer = window.setTimeout(ask, WAIT);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" && list.hidden) ask();
      else if (event.key === "ArrowDown") mark(active + 1);
      else if (event.key === "ArrowUp") mark(active - 1);
      else if (event.key === "Escape") close();
      else if (event.key === "Enter" && !list.hidden && active >= 0) choose(options()[active]);
      else return;
      event.preventDefault();
    });
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("li:not([aria-disabled])");
      if (option) choose(option);
    });
    input.addEventListener("blur", () => {
      close();
      if (input.value.trim() && !key.value) input.value = "";
      else if (key.value) input.value = chosen;
    });
  }

  function inlineTable(section) {
    const [button, blank, count] = [section.querySelector("[data-inline-add]"), section.querySelector("[data-inline-blank]"), section.querySelector("[data-inline-count]")];
    if (!button || !blank) return;
    button.hidden = false;
    button.addEventListener("click", () => {
      const holder = document.createElement("tbody");
      holder.innerHTML = blank.innerHTML.replaceAll("-NEW-", `-${count.value}-`);
      const row = holder.firstElementChild;
      section.querySelector("tbody").append(row);
      count.value = String(Number(count.value) + 1);
      row.querySelectorAll("[data-combobox]").forEach(combobox);
      row.querySelector("input:not([type=hidden]), select, textarea")?.focus();
    });
  }

  function chooseAll(box) {
    box.hidden = false;
    box.addEventListener("change", () => {
      document.querySelectorAll(`input[name="${box.dataset.all}"]`).forEach((one) => { one.checked = box.checked; });
    });
  }

  function cells(table) {
    table.querySelectorAll("[data-cell]").forEach((cell) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "cell-edit";
      button.textContent = "✎";
      button.setAttribute("aria-label", `${table.dataset.edit}: ${cell.dataset.label}`);
      button.addEventListener("click", () => editCell(table, cell, button));
      cell.append(button);
    });
  }

  async function editCell(table, cell, button) {
    const url = new URL(table.dataset.cellUrl, window.location.href);
    url.searchParams.set("id", cell.dataset.row);
    url.searchParams.set("field", cell.dataset.cell);
    const answer = await fetch(url, { headers: { "X-Requested-With": "XMLHttpRequest" } });
    if (!answer.ok) return;
    const before = [...cell.childNodes];
    const form = document.createElement("form");
    form.className = "cell-form";
    form.innerHTML = await answer.text();
    const [save, cancel, errors] = [document.createElement("button"), document.createElement("button"), document.createElement("div")];
    save.className = "btn btn-small btn-primary";
    save.textContent = table.dataset.save;
    cancel.className = "btn btn-small";
    cancel.type = "button";
    cancel.textContent = table.dataset.cancel;
    errors.className = "field-error";
    errors.setAttribute("role", "alert");
    const put = (nodes) => { cell.replaceChildren(...nodes); button.focus(); };
    cancel.addEventListener("click", () => put(before));
    form.addEventListener("keydown", (event) => { if (event.key === "Escape") put(before); });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const data = new FormData(form);
      data.set("list_form_pk", cell.dataset.row);
      data.set("csrf_token", table.dataset.token);
      const saved = await fetch(table.dataset.updateUrl, { method: "POST", body: data, headers: { Accept: "application/json", "X-Requested-With": "XMLHttpRequest" } });
      const said = await saved.json().catch(() => ({ errors: [saved.statusText] }));
      if (!saved.ok) {
        errors.textContent = (said.errors || []).join(" ");
        return;
      }
      const holder = document.createElement("template");
      // The server escapes it: it is the same markup as in the list.
      holder.innerHTML = said.html;
      cell.closest("tr").querySelectorAll("[data-version]").forEach((one) => { one.dataset.version = said.version; });
      put([...holder.content.childNodes, button]);
    });
    form.append(errors, save, cancel);
    cell.replaceChildren(form);
    form.querySelectorAll("[data-combobox]").forEach(combobox);
    form.querySelector("input:not([type=hidden]), select, textarea")?.focus();
  }

  function guard(form) {
    let changed = false;
    form.addEventListener("input", () => { changed = true; });
    form.addEventListener("submit", () => { changed = false; });
    window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
  }

  if (window.matchMedia("(min-width: 64rem)").matches) {
    document.querySelectorAll("[data-open-when-wide]").forEach((one) => { one.open = true; });
  }
  document.querySelectorAll("[data-combobox]").forEach(combobox);
  document.querySelectorAll("[data-inline]").forEach(inlineTable);
  document.querySelectorAll("[data-all]").forEach(chooseAll);
  document.querySelectorAll("[data-cells]").forEach(cells);
  document.querySelectorAll("form[data-guard]").forEach(guard);
  document.querySelector("[aria-invalid=true]")?.focus();
})();
