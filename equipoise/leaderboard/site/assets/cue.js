"use strict";
// The hint to scroll sideways stands only above what is wider than its place.

(() => {
  const watch = new ResizeObserver((entries) => {
    for (const region of new Set(entries.map((entry) => entry.target.closest(".scroll")))) {
      const cue = region.previousElementSibling;
      if (cue?.classList.contains("cue")) cue.hidden = region.scrollWidth <= region.clientWidth + 1;
    }
  });
  for (const region of document.querySelectorAll(".scroll")) {
    watch.observe(region);
    for (const content of region.children) watch.observe(content);
  }
})();
