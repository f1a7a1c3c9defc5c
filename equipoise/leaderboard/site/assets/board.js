"use strict";
// The table of the board: choose a task, filter, sort, turn pages. Rows are loaded when they are shown.

(() => {
  const board = equipoise.held.get("board");
  const table = document.getElementById("board");
  const form = document.getElementById("filter");
  const sorted = document.getElementById("ordered");
  const shown = document.getElementById("shown");
  const note = document.getElementById("judged");
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
  const [ID, NAME, ORGANISATION, TIER, CONFIGURATION, CONTROL] = [0, 1, 2, 3, 4, 5];
  const SIDES = ["stands", "bends", "needed"];
  const TIERS = ["self-run", "recomputed", "re-run"];
  let state = readState();
  let turn = 0;
  let untouched = true; // the rows that came with the page are those of the plain state

  const panelOf = (slug) => board.panels.find((panel) => panel.slug === slug);
  const panels = () => (state.task === "*" ? board.panels : [panelOf(state.task) ?? board.panels[0]]);
  const sidesOf = (panel) => SIDES.filter((side) => panel.scales[side]);
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

  // What is sorted by: name, tier, or a side of a panel; nothing = the first side of the first panel shown.
  function sorting() {
    const [panel] = panels();
    const [side, slug] = state.sort.split("@");
    const by = slug ? panelOf(slug) : panel;
    if (["name", "tier"].includes(state.sort)) return { key: state.sort, descending: state.dir === "desc" };
    if (by && by.scales[side]) return { key: side, panel: by, descending: state.dir !== "asc" };
    return { key: sidesOf(panel)[0], panel, descending: state.dir !== "asc" };
  }

  async function order() {
    const { key, panel, descending } = sorting();
    const places = board.models.map((model, place) => place);
    if (key === "name") places.sort((a, b) => collator.compare(board.models[a][NAME], board.models[b][NAME]));
    if (key === "tier") places.sort((a, b) => TIERS.indexOf(board.models[a][TIER]) - TIERS.indexOf(board.models[b][TIER]) || a - b);
    if (!panel) return descending ? places.reverse() : places;
    if (panel === board.panels[0] && key === sidesOf(panel)[0] && descending) return places;
    const [known, ranked] = (await equipoise.get(`order-${panel.slug}`))[key];
    return descending ? ranked : [...ranked.slice(0, known).reverse(), ...ranked.slice(known)];
  }

  function fits(model) {
    const wanted = fold(state.q.trim());
    return (!wanted || fold(`${model[NAME]} ${model[ORGANISATION]}`).includes(wanted))
      && (!state.tier || model[TIER] === state.tier)
      && (!state.config || model[CONFIGURATION] === state.config)
      && (state.controls !== "0" || !model[CONTROL]);
  }

  function heading(text, key, name, span) {
    const { key: by, panel, descending } = sorting();
    const [side, slug] = key.split("@");
    const active = side === by && (!panel || panel.slug === (slug ?? panels()[0].slug));
    const button = make("button", "sort", text, make("span", "arrow", active ? (descending ? "▼" : "▲") : "↕"));
    button.type = "button";
    button.querySelector(".arrow").setAttribute("aria-hidden", "true");
    button.dataset.sort = key;
    const cell = make("th", name, button);
    cell.scope = "col";
    if (span) cell.rowSpan = span;
    if (active) cell.setAttribute("aria-sort", descending ? "descending" : "ascending");
    return cell;
  }

  function drawHead() {
    const focused = document.activeElement?.dataset?.sort;
    const all = state.task === "*";
    const above = make("tr", "", heading(say("model"), "name", "who", 2), heading(say("tier"), "tier", "", 2));
    const below = make("tr", "");
    for (const panel of panels()) {
      const sides = sidesOf(panel).filter((side) => !all || side !== "needed");
      for (const side of sides) {
        const title = panel.scales[side][0];
        if (!all) {
          const group = make("th", side, capital(title));
          group.scope = "colgroup";
          if (side !== "needed") group.colSpan = 2;
          above.append(group);
        }
        const cell = heading(all ? say(side) : say("value"), all ? `${side}@${panel.slug}` : side, `num ${side}`);
        cell.title = title;
        cell.dataset.label = all ? panel.label : capital(say(side));
        below.append(cell);
        if (!all && side !== "needed") {
          const rank = make("th", "rank", say("rank"));
          rank.scope = "col";
          below.append(rank);
        }
      }
      if (all) {
        const group = make("th", "group", ...soft(panel.label));
        if (panel.judged) group.append(" ", Object.assign(make("span", "tag", say("judged_tag")), { title: board.judges.join(", ") }));
        group.scope = "colgroup";
        group.colSpan = sides.length;
        above.append(group);
      }
    }
    table.tHead.replaceChildren(above, below);
    const again = focused && [...table.tHead.querySelectorAll("button")].find((button) => button.dataset.sort === focused);
    if (again) again.focus();
  }

  function drawRow(place, rows) {
    const model = board.models[place];
    const link = make("a", "name", ...soft(model[NAME]));
    link.href = `${equipoise.home}models/${model[ID]}.html`;
    const who = make("th", "who", link, make("span", "fine", model[ORGANISATION]));
    who.scope = "row";
    const kind = make("td", "kind", make("span", `tag ${model[TIER]}`, equipoise.held.get("texts").tiers[model[TIER]] ?? model[TIER]));
    if (model[CONTROL]) kind.append(make("span", "tag control", say("control")));
    if (model[CONFIGURATION] === "custom") kind.append(make("span", "tag custom", say("custom")));
    const row = make("tr", model[CONTROL] ? "is-control" : "", who, kind);
    const all = state.task === "*";
    panels().forEach((panel, at) => {
      for (const side of sidesOf(panel).filter((each) => !all || each !== "needed")) {
        const cell = rows[at][SIDES.indexOf(side)];
        row.append(marginCell(cell, panel.scales[side], side, all ? `${panel.label}, ${say(side)}` : capital(say(side)), all));
        if (!all && side !== "needed") row.append(rankCell(cell));
      }
    });
    return row;
  }

  // The numbers of some rows for every panel shown.
  async function load(places) {
    const parts = [...new Set(places.map((place) => Math.floor(place / board.chunk)))];
    const names = panels().flatMap((panel) => parts.map((part) => `rows-${panel.slug}-${part}`));
    await Promise.all(names.map((name) => equipoise.get(name)));
    const row = (panel, place) => equipoise.held.get(`rows-${panel.slug}-${Math.floor(place / board.chunk)}`)[place % board.chunk];
    return places.map((place) => panels().map((panel) => row(panel, place)));
  }

  const isPlain = () => Object.entries(PLAIN).every(([name, usual]) => String(state[name]) === usual);

  async function draw() {
    const mine = ++turn;
    drawHead();
    table.classList.toggle("all", state.task === "*");
    table.setAttribute("aria-busy", "true");
    try {
      const places = (await order()).filter((place) => fits(board.models[place]));
      const pages = Math.max(1, Math.ceil(places.length / board.page));
      const page = Math.min(state.page, pages);
      const part = places.slice((page - 1) * board.page, page * board.page);
      if (!(untouched && isPlain())) {
        const rows = await load(part);
        if (mine !== turn) return;
        table.tBodies[0].replaceChildren(...part.map((place, at) => drawRow(place, rows[at])));
      }
      if (mine !== turn) return;
      untouched = false;
      state.page = page;
      tell(places.length, page, pages);
    } catch {
      if (mine === turn) shown.textContent = say("failed");
    }
    table.removeAttribute("aria-busy");
  }

  function tell(total, page, pages) {
    const from = (page - 1) * board.page;
    const to = Math.min(from + board.page, total);
    shown.textContent = total ? say("shown", { from: from + 1, to, total: total.toLocaleString("en") }) : say("none");
    const { key, panel, descending } = sorting();
    const [first, second] = panel ? sidesOf(panel) : [];
    if (panel && key === first && descending) {
      sorted.textContent = say("ordered_default", { side: panel.scales[first][0], task: panel.label, other: panel.scales[second ?? first][0] });
    } else {
      const column = panel ? `${panel.scales[key][0]} (${panel.label})` : say(key === "name" ? "model" : "tier");
      const direction = panel ? (descending ? "highest" : "lowest") : descending ? "za" : "az";
      sorted.textContent = say("ordered", { column, direction: say(direction) });
    }
    const label = state.task === "*" ? say("all_tasks") : panels()[0].label;
    const judged = panels().filter((each) => each.judged).map((each) => each.label);
    if (note) note.hidden = !judged.length;
    if (judged.length) note.firstElementChild.textContent = say("judged", { tasks: judged.join(", ") });
    table.caption.textContent = say("caption", { task: label });
    document.getElementById("pages").hidden = pages < 2;
    document.getElementById("pageno").textContent = `${page} / ${pages}`;
    document.getElementById("previous").disabled = page <= 1;
    document.getElementById("next").disabled = page >= pages;
  }

  function change(values) {
    state = { ...state, page: 1, ...values };
    writeState(state);
    draw();
  }

  function showForm() {
    const fields = form.elements;
    fields.task.value = state.task === "*" || panelOf(state.task) ? state.task : board.panels[0].slug;
    fields.q.value = state.q;
    fields.tier.value = state.tier;
    fields.config.value = state.config;
    fields.controls.checked = state.controls !== "0";
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    const { name, value, checked, type } = event.target;
    if (name === "task") change({ task: value === board.panels[0].slug ? "" : value, sort: "", dir: "" });
    else change({ [name]: type === "checkbox" ? (checked ? "1" : "0") : value });
  });
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    change({ ...PLAIN, page: 1 });
    showForm();
  });
  table.tHead.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const now = button.closest("th").getAttribute("aria-sort");
    const text = ["name", "tier"].includes(button.dataset.sort);
    const dir = now === null ? (text ? "asc" : "desc") : now === "descending" ? "asc" : "desc";
    change({ sort: button.dataset.sort, dir });
  });
  for (const [id, step] of [["previous", -1], ["next", 1]])
    document.getElementById(id).addEventListener("click", () => {
      change({ page: state.page + step });
      table.parentElement.scrollTop = 0;
      document.getElementById("filter").scrollIntoView({ block: "start" });
    });
  addEventListener("hashchange", () => {
    if (!isState()) return;
    state = readState();
    showForm();
    draw();
  });

  if (!isState()) state = { ...PLAIN, page: 1 };
  showForm();
  form.hidden = false;
  draw();
})();
