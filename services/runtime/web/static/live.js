// Live pages. The server makes every word: on an event the page is fetched again and each <section data-live> whose
// version is higher is swapped in, unless it holds the focus or typed text: then a bar offers what is new.
const main = document.querySelector("[data-live-source]");
const bar = document.getElementById("live-bar");
const paused = document.getElementById("live-paused");
const said = document.getElementById("said");

const SILENCE = 45_000;      // no beat for so long: say that the line is quiet
const LONGEST_WAIT = 60_000; // between two attempts of ours, where the browser has given up

let source = null;
let silence = 0;
let wait = 2_000;
let fetching = false;
let again = false;
const waiting = new Map();   // section name → the newer section that may not be swapped yet

function changed(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field instanceof HTMLSelectElement) return [...field.options].some((o) => o.selected !== o.defaultSelected);
  return field.type !== "hidden" && field.value !== field.defaultValue;
}

function busy(section) {
  if (section.contains(document.activeElement)) return true;
  return [...section.querySelectorAll("input, textarea, select")].some(changed);
}

function swap(old, fresh) {
  for (const details of old.querySelectorAll("details[id][open]")) {
    fresh.querySelector(`details[id="${CSS.escape(details.id)}"]`)?.setAttribute("open", "");
  }
  old.replaceWith(fresh);
  waiting.delete(fresh.dataset.live);
  document.dispatchEvent(new CustomEvent("fixline:swapped", { detail: fresh }));
  return fresh;
}

function take(page) {
  let sentence = "";
  for (const old of document.querySelectorAll("section[data-live]")) {
    const fresh = page.querySelector(`section[data-live="${CSS.escape(old.dataset.live)}"]`);
    if (!fresh || Number(fresh.dataset.version) <= Number(old.dataset.version)) continue;
    const node = document.importNode(fresh, true);
    const known = waiting.get(node.dataset.live);
    if (known && Number(known.dataset.version) >= Number(node.dataset.version)) continue;
    sentence ||= node.dataset.says || "";
    if (busy(old)) waiting.set(node.dataset.live, node);
    else swap(old, node);
  }
  document.title = page.title;
  bar.hidden = waiting.size === 0;
  if (sentence) said.textContent = sentence;
}

async function look() {
  if (fetching) { again = true; return; }
  fetching = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (answer.ok) take(new DOMParser().parseFromString(await answer.text(), "text/html"));
  } catch { /* offline: the silence speaks for itself, and the next event looks again */ }
  fetching = false;
  if (again) { again = false; look(); }
}

function alive() {
  wait = 2_000;
  paused.hidden = true;
  clearTimeout(silence);
  silence = setTimeout(() => { paused.hidden = false; }, SILENCE);
}

function onBeat(event) {
  const words = JSON.parse(event.data || "{}").paused;
  if (words) paused.querySelector("p").textContent = words;
  alive();
}

function connect() {
  source = new EventSource(main.dataset.liveSource);
  source.addEventListener("beat", onBeat);
  source.addEventListener("change", () => { alive(); look(); });
  source.addEventListener("error", () => {
    if (source.readyState !== EventSource.CLOSED) return; // the browser comes back by itself, with Last-Event-ID
    setTimeout(connect, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  });
}

if (main) {
  bar.querySelector("button").addEventListener("click", () => {
    let first = null;
    for (const [name, fresh] of [...waiting]) {
      const old = document.querySelector(`section[data-live="${CSS.escape(name)}"]`);
      if (old) first ||= swap(old, fresh);
    }
    bar.hidden = true;
    if (first) { first.tabIndex = -1; first.focus(); }
  });
  silence = setTimeout(() => { paused.hidden = false; }, SILENCE);
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => { if (event.persisted) { connect(); look(); } });
  connect();
}
