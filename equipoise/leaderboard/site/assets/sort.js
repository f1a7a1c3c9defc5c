"use strict";
// Tables that come whole with their page get a button in every heading.

(() => {
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

  // The first number of a cell; nothing for "–".
  function numberIn(text) {
    const found = /[−-]?\d+(\.\d+)?/.exec(text);
    return found ? Number(found[0].replace("−", "-")) : null;
  }

  // The rows of a long table go on in a folded one below it.
  function parts(table) {
    const next = table.closest(".scroll").nextElementSibling;
    return [table, ...(next?.matches("details.rest") ? next.querySelectorAll("table") : [])].map((part) => part.tBodies[0]);
  }

  function sort(table, column, numeric, descending) {
    const bodies = parts(table);
    const rows = bodies.flatMap((body) => [...body.rows]).map((row) => {
      const text = row.cells[column].textContent;
      return { row, value: numeric ? numberIn(text) : text };
    });
    const sign = descending ? -1 : 1;
    rows.sort((one, other) => {
      if (one.value === null || other.value === null) return (one.value === null) - (other.value === null);
      return sign * (numeric ? one.value - other.value : collator.compare(one.value, other.value));
    });
    const first = bodies[0].rows.length;
    const sorted = rows.map(({ row }) => row);
    bodies[0].replaceChildren(...sorted.slice(0, first));
    if (bodies.length > 1) bodies[1].replaceChildren(...sorted.slice(first));
  }

  for (const table of document.querySelectorAll("table.sortable")) {
    for (const heading of table.tHead.querySelectorAll("th")) {
      const numeric = heading.classList.contains("num");
      const arrow = make("span", "arrow", "↕");
      arrow.setAttribute("aria-hidden", "true");
      const button = make("button", "sort", ...heading.childNodes, arrow);
      button.type = "button";
      heading.append(button);
      button.addEventListener("click", () => {
        const now = heading.getAttribute("aria-sort");
        const descending = now === null ? numeric : now === "ascending";
        for (const other of table.tHead.querySelectorAll("th[aria-sort]")) {
          other.removeAttribute("aria-sort");
          other.querySelector(".arrow").textContent = "↕";
        }
        heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
        arrow.textContent = descending ? "▼" : "▲";
        sort(table, heading.cellIndex, numeric, descending);
      });
    }
  }
})();
