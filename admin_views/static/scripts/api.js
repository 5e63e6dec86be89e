// Shows the OpenAPI document that a token reaches. Everything is written as text, never as markup.
"use strict";

const place = document.querySelector("[data-openapi]");
const status = place.querySelector("[data-status]");
const list = place.querySelector("[data-operations]");

const made = (name, text, className) => {
  const element = document.createElement(name);
  if (text) element.textContent = text;
  if (className) element.className = className;
  return element;
};

const resolved = (found, part) =>
  part?.$ref ? part.$ref.slice(2).split("/").reduce((at, name) => at[name.replaceAll("~1", "/")], found) : part;

const kindOf = (schema) => {
  if (!schema) return "";
  if (schema.anyOf) return schema.anyOf.map(kindOf).join(" | ");
  if (schema.enum) return schema.enum.join(" | ");
  const type = Array.isArray(schema.type) ? schema.type.join(" | ") : schema.type ?? "";
  return schema.format ? `${type} (${schema.format})` : schema.items ? `${type} [${kindOf(schema.items)}]` : type;
};

const row = (cells, name = "td") => {
  const line = made("tr");
  for (const cell of cells) line.append(made(name, cell));
  return line;
};

const table = (rows) => {
  const wrap = made("div", "", "table-wrap");
  wrap.tabIndex = 0;
  const body = made("tbody");
  body.append(...rows);
  const shown = made("table", "", "table");
  shown.append(body);
  wrap.append(shown);
  return wrap;
};

const fieldsOf = (found, schema) => {
  const whole = resolved(found, schema);
  const needed = new Set(whole?.required ?? []);
  return Object.entries(whole?.properties ?? {}).map(([name, part]) =>
    row([needed.has(name) ? `${name} *` : name, kindOf(part), part.description ?? part.title ?? ""]),
  );
};

const operationOf = (found, path, method, operation) => {
  const box = made("details", "", "disclosure");
  box.append(made("summary", `${method.toUpperCase()} ${path} · ${operation.summary ?? ""}`));
  if (operation.description) box.append(made("p", operation.description));
  const asked = (operation.parameters ?? []).map((each) => resolved(found, each));
  if (asked.length) box.append(table(asked.map((each) => row([each.name, kindOf(each.schema), each.description ?? ""]))));
  const sent = operation.requestBody?.content["application/json"]?.schema;
  if (sent) box.append(table(fieldsOf(found, sent)));
  return box;
};

const show = (found) => {
  list.replaceChildren();
  for (const tag of found.tags ?? []) {
    const box = made("details", "", "card disclosure");
    box.append(made("summary", `${tag.name} · ${tag.description}`));
    for (const [path, methods] of Object.entries(found.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        if (operation.tags?.includes(tag.name)) box.append(operationOf(found, path, method, operation));
      }
    }
    const fields = fieldsOf(found, { $ref: `#/components/schemas/${tag.name}` });
    if (fields.length) box.append(table(fields));
    list.append(box);
  }
};

place.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const token = place.querySelector("input").value.trim();
  const language = document.documentElement.lang;
  const answer = await fetch(place.dataset.openapi, {
    credentials: "omit",
    headers: { Authorization: `Bearer ${token}`, "Accept-Language": language },
  });
  status.textContent = answer.ok ? "" : status.dataset.refused;
  if (answer.ok) show(await answer.json());
});
