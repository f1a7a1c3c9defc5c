"use strict";
// Cells of tables, as templates/parts.j2 and numbers.py make them.

function number(value, digits = 2) {
  if (value === null || value === undefined) return "–";
  const text = (value + 1e-12).toFixed(digits);
  return Number(text) === 0 ? text.replace("-", "") : text.replace("-", "−");
}

function interval(low, high) {
  return low === null || high === null ? "" : `[${number(low)}, ${number(high)}]`;
}

function bar(low, value, high, least, most, side) {
  const space = "http://www.w3.org/2000/svg";
  const place = (v) => Math.min(100, Math.max(0, (100 * (v - least)) / (most - least)));
  const picture = document.createElementNS(space, "svg");
  for (const [name, to] of [["class", `bar ${side}`], ["viewBox", "0 0 100 10"], ["preserveAspectRatio", "none"], ["aria-hidden", "true"]])
    picture.setAttribute(name, to);
  const draw = (name, x, y, width, height) => {
    const part = document.createElementNS(space, "rect");
    part.setAttribute("class", name);
    for (const [key, to] of [["x", x], ["y", y], ["width", width], ["height", height]]) part.setAttribute(key, to);
    picture.append(part);
  };
  draw("track", 0, 4.5, 100, 1);
  if (low !== null && high !== null) draw("ci", place(low), 2.5, Math.max(place(high) - place(low), 0.5), 5);
  draw(low !== null && high !== null ? "mark" : "mark open", Math.max(place(value) - 1, 0), 0, 2, 10);
  return picture;
}

// Value, bar, interval and n; `rank` puts the rank set into the same cell.
function marginCell(cell, scale, side, label, rank = false) {
  if (!cell) return labelled(make("td", "num none", "–", make("span", "vh", ` ${say("not_measured")}`)), label);
  const [estimate, low, high, n, missing] = cell;
  const count = say("n", { n }) + (missing ? `, ${say("missing", { missing })}` : "");
  const fine = make("span", "fine", make("span", "", interval(low, high)), " ", make("span", "", rank ? (cell[5] ? say("ranks", { ranks: rankText(cell) }) : say("unranked")) : count));
  if (rank) fine.title = `${say("rank")}: ${rankText(cell)}; ${count}`;
  return labelled(make("td", `num ${side}`, make("b", "", number(estimate)), bar(low, estimate, high, scale[1], scale[2], side), fine), label);
}

// What the cell says where there are no columns: on a small screen every row is a card.
function labelled(cell, label) {
  cell.dataset.label = label;
  return cell;
}

function rankText(cell) {
  return cell && cell[5] ? `${cell[5]}–${cell[6]}` : "–";
}

function rankCell(cell) {
  const found = labelled(make("td", "rank", rankText(cell)), say("rank"));
  if (!cell || !cell[5]) found.append(make("span", "vh", ` ${say("unranked")}`));
  return found;
}
