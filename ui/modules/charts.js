// Charts are drawn when they come into view, and only then their library is loaded. The table that stands beside
// each picture says the same in words.
import { whenever } from "./moving.js";

export function startCharts() {
  let seen = null;
  whenever("[data-chart]", (element) => {
    seen ??= new IntersectionObserver(draw, { rootMargin: "120px" });
    seen.observe(element);
  });

  function draw(entries) {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      seen.unobserve(target);
      import("./drawing.js").then(({ drawChart }) => drawChart(target));
    }
  }
}
