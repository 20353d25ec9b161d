// Runs before the first paint, so that a page is never shown in the other theme for a moment.
(() => {
  const themes = ['auto', 'light', 'dark'];
  const root = document.documentElement;
  const kept = () => {
    try {
      return localStorage.getItem('tillcast-theme') ?? 'auto';
    } catch {
      return 'auto';
    }
  };
  /** @param {string} theme */
  const wear = (theme) => {
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme;
    else delete root.dataset.theme;
  };
  wear(kept());

  /** @param {string} theme */
  const choose = (theme) => {
    try {
      localStorage.setItem('tillcast-theme', theme);
    } catch {
      // A browser that keeps nothing shows it until the page is left.
    }
    wear(theme);
    document.dispatchEvent(new Event('themechange'));
  };

  document.addEventListener('DOMContentLoaded', () => {
    const button = document.getElementById('theme');
    if (!(button instanceof HTMLButtonElement)) return;
    const name = () => {
      button.textContent = `Theme: ${root.dataset.theme ?? 'auto'}`;
    };
    name();
    button.hidden = false;
    button.addEventListener('click', () => {
      const at = themes.indexOf(root.dataset.theme ?? 'auto');
      choose(themes[(at + 1) % themes.length] ?? 'auto');
      name();
    });
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      document.dispatchEvent(new Event('themechange'));
    });
  });
})();
