"use strict";
// What the table shows, kept in the address after "#", so that a view can be shared.

const PLAIN = { task: "", sort: "", dir: "", q: "", tier: "", config: "", controls: "1", page: "1" };

function readState() {
  const given = new URLSearchParams(location.hash.slice(1));
  const state = {};
  for (const [name, usual] of Object.entries(PLAIN)) state[name] = (given.get(name) ?? usual).slice(0, 100);
  state.page = Math.max(1, Math.min(1e6, Number.parseInt(state.page, 10) || 1));
  return state;
}

function writeState(state) {
  const kept = Object.entries(state).filter(([name, value]) => String(value) !== PLAIN[name]);
  const hash = kept.length ? `#${new URLSearchParams(kept)}` : location.pathname;
  try {
    history.replaceState(null, "", hash);
  } catch {
    location.hash = kept.length ? hash : "";
  }
}

// "#content" and the like are places in the page, no state.
const isState = () => location.hash === "" || location.hash === "#" || location.hash.includes("=");
