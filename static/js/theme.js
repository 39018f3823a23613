// Runs before the first paint (a plain script in <head>), so that a chosen theme never flashes the other one.
// Without a choice the style sheet follows the system. ui/theme.js writes the choice.
try {
  const chosen = localStorage.getItem("inbox:theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // Storage is blocked: the system's theme it is.
}
