// Small helps for forms. Each is an extra: without scripts the page does all it must.
const SPOKEN_FROM = 100;
const said = document.getElementById("said");
let speaking = 0;

document.getElementById("error-summary")?.focus();

for (const field of document.querySelectorAll("textarea[data-limit]")) {
  const shown = document.getElementById(`${field.id}-count`);
  const count = () => {
    const left = Number(field.dataset.limit) - [...field.value].length;
    const words = left < 0 ? field.dataset.over : left === 1 ? field.dataset.leftOne : field.dataset.left;
    const sentence = words.replace("{n}", String(Math.abs(left)));
    shown.textContent = sentence;
    clearTimeout(speaking);
    if (left <= SPOKEN_FROM) speaking = setTimeout(() => { said.textContent = sentence; }, 1000);
  };
  field.addEventListener("input", count);
  if (field.value) count();
}

for (const button of document.querySelectorAll("button[data-copy], button[data-print]")) button.hidden = false;

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("button[data-copy], button[data-print]");
  if (!button) return;
  if ("print" in button.dataset) { print(); return; }
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
  said.textContent = button.dataset.copied;
});

document.addEventListener("fixline:swapped", (event) => {
  for (const button of event.detail.querySelectorAll("button[data-copy], button[data-print]")) button.hidden = false;
});
