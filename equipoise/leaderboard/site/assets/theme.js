"use strict";
// The theme of the system, or the one that was chosen here before. Runs before the page is drawn.

(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const chosen = () => { try { return localStorage.getItem("equipoise-theme"); } catch { return null; } };
  const keep = (theme) => { try { localStorage.setItem("equipoise-theme", theme); } catch { /* only for this page */ } };
  const current = () => root.dataset.theme ?? (dark.matches ? "dark" : "light");
  if (["dark", "light"].includes(chosen())) root.dataset.theme = chosen();

  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const label = () => {
      const text = say(current() === "dark" ? "to_light" : "to_dark");
      button.replaceChildren(make("span", "", current() === "dark" ? "☀" : "☾"));
      button.setAttribute("aria-label", text);
      button.title = text;
    };
    button.addEventListener("click", () => {
      root.dataset.theme = current() === "dark" ? "light" : "dark";
      keep(root.dataset.theme);
      label();
    });
    dark.addEventListener("change", label);
    label();
    button.hidden = false;
  });
})();
