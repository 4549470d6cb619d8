// Countdowns: once a minute the text of each [role=timer] is taken from the server anew, silently (aria-live is off).
// The server makes the words, so that they never disagree with the page around them.
const MINUTE = 60_000;

async function redraw() {
  const timers = [...document.querySelectorAll("[role=timer][id]")];
  if (timers.length === 0 || document.visibilityState === "hidden") return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const timer of timers) {
      const fresh = page.getElementById(timer.id);
      if (fresh && fresh.textContent !== timer.textContent) timer.textContent = fresh.textContent;
    }
  } catch { /* no line: the text stays as it is, and the page says that its news are paused */ }
}

setInterval(redraw, MINUTE);
document.addEventListener("visibilitychange", redraw);
