"use strict";
// Metrics and transcripts of a model, loaded when they are opened. All of it is text that models wrote: only text nodes.

(() => {
  const WHO = { subject: "subject", probe: "probe" };
  const LABELS = ["right", "target", "other", "none_right"];

  function metrics(rows, title) {
    const head = make("tr", "");
    for (const [at, text] of equipoise.held.get("texts").metric_columns.entries()) {
      const cell = make("th", at >= 3 ? "num" : "", text);
      cell.scope = "col";
      head.append(cell);
    }
    const body = make("tbody", "");
    for (const [arm, measure, by, estimate, low, high, n, missing, worstLow, worstHigh] of rows) {
      const cells = [number(estimate), interval(low, high), String(n ?? "–"), String(missing ?? "–"), interval(worstLow, worstHigh)];
      const named = make("th", "plain", measure);
      named.scope = "row";
      body.append(make("tr", "", make("td", "", arm), named, make("td", "", by), ...cells.map((text) => make("td", "num", text))));
    }
    const caption = make("caption", "vh", say("metric_caption", { task: title }));
    const region = make("div", "scroll", make("table", "", caption, make("thead", "", head), body));
    region.tabIndex = 0;
    region.setAttribute("role", "region");
    region.setAttribute("aria-label", caption.textContent);
    return [region];
  }

  function line([speaker, turn, text, label, cut]) {
    const words = text + (cut ? ` ${say("cut")}` : "");
    if (speaker === "probe") {
      const known = LABELS.includes(label) ? label : "";
      return make("div", "probe", `${say("aside", { turn })} “${words}” → `, make("span", known, label));
    }
    const who = make("b", "", `${speaker}, ${turn ? say("turn", { turn }) : say("opening")}`);
    const said = make("div", `said ${WHO[speaker] ?? "persuader"}`, who, make("span", "words", words));
    said.lastChild.dir = "auto";
    return said;
  }

  function transcripts(dialogues) {
    if (!dialogues.length) return [make("p", "", say("no_transcripts"))];
    return dialogues.map(([item, arm, epoch, lines, left]) => {
      const name = make("summary", "", make("b", "name", item), " ", make("span", "muted name", `${arm}, ${say("epoch", { epoch })}`));
      const one = make("details", "dialogue-of", name);
      one.addEventListener("toggle", () => {
        if (one.open && one.children.length === 1) one.append(make("div", "dialogue", ...lines.map(line), ...(left ? [make("p", "note", say("left", { left }))] : [])));
      });
      return one;
    });
  }

  for (const details of document.querySelectorAll("details.load")) {
    const { kind, source, title } = details.dataset;
    details.addEventListener("toggle", async () => {
      if (!details.open || details.dataset.state === "loaded") return;
      const note = make("p", "muted", say("loading"));
      note.setAttribute("role", "status");
      details.append(note);
      try {
        const data = await equipoise.get(source);
        details.dataset.state = "loaded";
        note.remove();
        if (details.children.length === 1) details.append(...(kind === "metrics" ? metrics(data, title) : transcripts(data)));
      } catch {
        note.textContent = say("failed");
      }
    });
  }
})();
