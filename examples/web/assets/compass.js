// What the pages do better with a script; each of them works without.
"use strict";

// Colours and fonts that are named as "var(--name)" become those of the style sheet, light or dark.
function themed(value) {
  if (typeof value === "string") {
    return value.replace(/var\((--[\w-]+)\)/g, (_, name) =>
      getComputedStyle(document.documentElement).getPropertyValue(name).trim());
  }
  if (Array.isArray(value)) return value.map(themed);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, themed(inner)]));
  }
  return value;
}

function draw(element) {
  const figure = JSON.parse(document.getElementById(element.dataset.chart).textContent);
  const { data, layout } = themed({ data: figure.data, layout: figure.layout });
  return Plotly.react(element, data, layout, figure.config);
}

if (window.Plotly) {
  const charts = document.querySelectorAll("[data-chart]");
  const drawAll = () => charts.forEach(draw);
  drawAll();
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
}

// An empty time zone becomes the browser's.
const zone = document.querySelector("[data-zone]");
if (zone && !zone.value) {
  zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
}

// Mistakes are read out first.
document.querySelector("[data-focus]")?.focus();

// A refresh under way: each of the job's events fetches the panel anew, the last one the whole page. That is then the
// page of the account, no longer that of this refresh.
const refresh = document.querySelector("[data-under-way]");
if (refresh) {
  let asked = 0;
  let shown = 0;
  const events = new EventSource(`/tiktok/jobs/${refresh.dataset.job}/events`);
  events.onmessage = async (event) => {
    const { stage } = JSON.parse(event.data);
    if (stage === "succeeded" || stage === "failed") {
      events.close();
      location.replace(location.pathname);
      return;
    }
    const turn = ++asked;
    try {
      const answer = await fetch(`/dashboard/refresh/${refresh.dataset.job}`);
      if (!answer.ok) return;
      const news = new DOMParser().parseFromString(await answer.text(), "text/html");
      // A slow answer does not take the place of a later one.
      if (turn < shown) return;
      shown = turn;
      const headline = refresh.querySelector("[data-headline]");
      const { textContent } = news.querySelector("[data-headline]");
      // Said again only if it is something else: it is read out.
      if (headline.textContent !== textContent) headline.textContent = textContent;
      refresh.querySelector("[data-progress]").replaceWith(news.querySelector("[data-progress]"));
    } catch {
      // Cut off by the last event's reload, or by a network that the next event tries again.
    }
  };
  events.onerror = () => {
    // Ended, or refused: the page itself knows.
    if (events.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 3000);
  };
}
