// Function keys press what bears them: <button aria-keyshortcuts="F8">. They are printed on it; a page without one keeps
// the browser's own meaning of the key.
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || !/^F[0-9]+$/.test(event.key)) return;
  const target = document.querySelector(`[aria-keyshortcuts="${event.key}"]`);
  if (!target) return;
  event.preventDefault();
  target.click();
});
