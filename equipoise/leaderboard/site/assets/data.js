"use strict";
// Data come as scripts that call equipoise.put(name, value): pages opened as files may load scripts, but not fetch.

const equipoise = {
  home: document.documentElement.dataset.home,
  held: new Map(),
  asked: new Map(),

  put(name, value) {
    equipoise.held.set(name, value);
  },

  // The data of that name; loads data/NAME.js once.
  get(name) {
    if (equipoise.held.has(name)) return Promise.resolve(equipoise.held.get(name));
    if (!equipoise.asked.has(name)) {
      equipoise.asked.set(name, new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = `${equipoise.home}data/${name}.js`;
        script.addEventListener("load", () => resolve(equipoise.held.get(name)));
        script.addEventListener("error", () => { equipoise.asked.delete(name); script.remove(); reject(new Error(name)); });
        document.head.append(script);
      }));
    }
    return equipoise.asked.get(name);
  },
};

// An element with a class and content; strings become text, never markup.
function make(tag, name, ...content) {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.append(...content);
  return element;
}

// The text with places where a long name may break, as inert.py makes them.
function soft(text) {
  const parts = text.split(/(?<=[_/:=,@])(?=[\p{L}\p{N}_])|(?<=\.)(?=[\p{L}_])/u);
  return parts.flatMap((part, at) => (at ? [document.createElement("wbr"), part] : [part]));
}

// A text of the site with its {names} filled in.
function say(key, values = {}) {
  return equipoise.held.get("texts")[key].replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
}
