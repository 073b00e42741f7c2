// Lets readers sort a table by a column: the first press of its head orders upwards, the second downwards, the third
// as printed. Ours, because what exists is many times as long and comes from a network; without it tables are plain.
"use strict";
(() => {
  const MISSING = /^[–-]?$/;
  // "−1,234.5 (0.1)", "p = .03", "< .001", "[0.2 to 0.4]", "12 %": a comparison, a bracket, then the number that counts.
  const NUMBER = /^(?:p\s*)?([<>=]?)\s*[([]?([−-]?)(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d*\.?\d+)(?![\w|]|\.\d)/;
  const BOUND = { "<": -1e-9, ">": 1e-9 };

  function number(text) {
    const [, bound, minus, digits] = text.match(NUMBER) ?? [];
    return (minus ? -1 : 1) * Number(digits?.replaceAll(",", "")) + (BOUND[bound] ?? 0);
  }

  // What is missing comes last both ways, and equal cells keep the order in which they are printed.
  function ordered(rows, column, way) {
    const keys = rows.map((row, place) => {
      const text = row.cells[column].textContent.trim();
      return { row, place, text, missing: MISSING.test(text), value: number(text) };
    });
    const numeric = keys.every((key) => key.missing || !Number.isNaN(key.value));
    const compare = (a, b) => (numeric ? a.value - b.value : a.text.localeCompare(b.text, "en", { numeric: true }));
    keys.sort((a, b) => a.missing - b.missing || (a.missing ? 0 : way * compare(a, b)) || a.place - b.place);
    return keys.map((key) => key.row);
  }

  const NEXT = { none: "ascending", ascending: "descending", descending: "none" };
  const WAYS = { ascending: 1, descending: -1 };

  function press(heads, column, rows) {
    const state = NEXT[heads[column].getAttribute("aria-sort")];
    for (const head of heads) {
      if (head.hasAttribute("aria-sort")) head.setAttribute("aria-sort", "none");
    }
    heads[column].setAttribute("aria-sort", state);
    rows[0].parentNode.append(...(state === "none" ? rows : ordered(rows, column, WAYS[state])));
  }

  // A row that lacks its first cell, or spans others, belongs to its neighbours: such a table keeps its order.
  function alone(row, length) {
    return row.cells.length === length && row.cells[0].textContent.trim() !== "";
  }

  for (const table of document.querySelectorAll("main table")) {
    const heads = table.tHead?.rows.length === 1 ? [...table.tHead.rows[0].cells] : [];
    const rows = table.tBodies.length === 1 ? [...table.tBodies[0].rows] : [];
    if (rows.length < 3 || heads.length < 2 || !rows.every((row) => alone(row, heads.length))) continue;
    table.classList.add("sortable");
    heads.forEach((head, column) => {
      if (head.textContent.trim() === "") return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => press(heads, column, rows));
      head.append(button);
      head.setAttribute("aria-sort", "none");
    });
  }
})();
