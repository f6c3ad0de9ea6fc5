// One box that ticks every box of a list on the page. Without this file it stays hidden and each is ticked by itself.
document.querySelectorAll("[data-tick-all]").forEach((holder) => {
  const all = holder.querySelector("input");
  const boxes = () => [...document.querySelectorAll(`input[type=checkbox][name="${holder.dataset.tickAll}"]`)];
  const show = () => {
    const ticked = boxes().filter((box) => box.checked).length;
    all.checked = ticked > 0 && ticked === boxes().length;
    all.indeterminate = ticked > 0 && !all.checked;
  };
  all.addEventListener("change", () => boxes().forEach((box) => { box.checked = all.checked; }));
  boxes().forEach((box) => box.addEventListener("change", show));
  window.addEventListener("pageshow", show); // a page that the browser brings back keeps its ticks
  show();
  holder.hidden = false;
});
