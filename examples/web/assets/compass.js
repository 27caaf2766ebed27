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

// The server's picture stays until somebody asks for more: only then is it worth a megabyte of script.
const live = new Set();
let plotly;

function load(url) {
  plotly ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = resolve;
    script.onerror = (error) => {
      script.remove();
      reject(error);
    };
    document.head.append(script);
  });
  return plotly;
}

function draw(chart) {
  const figure = JSON.parse(chart.querySelector("script").textContent);
  const { data, layout } = themed({ data: figure.data, layout: figure.layout });
  return Plotly.react(chart.querySelector(".live"), data, layout, figure.config);
}

async function explore(chart) {
  if (live.has(chart)) return;
  live.add(chart);
  const figure = chart.querySelector(".live");
  const button = chart.querySelector("[data-explore]");
  try {
    await load(chart.dataset.plotly);
    figure.hidden = false;
    await draw(chart);
    chart.querySelector(".picture").hidden = true;
    // Whoever pressed the button goes on from the chart, not from the top of the page.
    if (document.activeElement === button) figure.focus();
    button.hidden = true;
  } catch {
    // The picture says the same, and the button may be pressed again.
    figure.hidden = true;
    live.delete(chart);
    plotly = undefined;
  }
}

for (const chart of document.querySelectorAll("[data-chart]")) {
  const button = chart.querySelector("[data-explore]");
  button.hidden = false;
  button.addEventListener("click", () => explore(chart));
}
window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  live.forEach((chart) => window.Plotly && draw(chart));
});

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

// An empty time zone becomes the browser's.
const zone = document.querySelector("[data-zone]");
if (zone && !zone.value) {
  zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
}

// A handle is looked up while it is typed.
const handle = document.querySelector("[data-check]");
if (handle) {
  const told = document.getElementById("handle-known");
  let timer;
  let asked = 0;
  handle.addEventListener("input", () => {
    clearTimeout(timer);
    const turn = ++asked;
    const typed = handle.value.trim();
    told.textContent = "";
    if (!typed) return;
    timer = setTimeout(async () => {
      try {
        const address = `/onboarding/check?handle=${encodeURIComponent(typed)}`;
        const answer = await fetch(address, { headers: { Accept: "text/plain" } });
        if (answer.ok && turn === asked) told.textContent = await answer.text();
      } catch {
        // The form itself says what is wrong.
      }
    }, 300);
  });
}

// A file that is dropped on its form is sent.
const drop = document.querySelector("[data-drop]");
if (drop) {
  for (const name of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragover");
    });
  }
  drop.addEventListener("drop", (event) => {
    const { length } = event.dataTransfer.files;
    drop.querySelector("[data-several]").hidden = length < 2;
    if (length !== 1) return;
    drop.querySelector("[type=file]").files = event.dataTransfer.files;
    drop.requestSubmit();
  });
}

// Mistakes are read out first.
document.querySelector("[data-focus]")?.focus();

// A refresh under way: each of the job's events fetches the panel anew, the last one the whole page. That is then the
// page of the account, no longer that of this refresh; what else its address asks for stays.
const refresh = document.querySelector("[data-under-way]");
if (refresh) {
  let asked = 0;
  let shown = 0;
  const events = new EventSource(`/tiktok/jobs/${refresh.dataset.job}/events`);
  events.onmessage = async (event) => {
    const { stage } = JSON.parse(event.data);
    if (stage === "succeeded" || stage === "failed") {
      events.close();
      const page = new URL(location);
      page.searchParams.delete("job");
      // The same address with a fragment would only be jumped to.
      if (page.href === location.href) location.reload();
      else location.replace(page);
      return;
    }
    const turn = ++asked;
    try {
      const answer = await fetch(refresh.dataset.panel);
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
