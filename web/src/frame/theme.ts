export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const kept = "waglan.theme";

export const currentTheme = (): Theme => themes.find((theme) => theme === localStorage.getItem(kept)) ?? "system";

/** `data-theme` on <html> decides; without it the system's preference does. */
export const applyTheme = (theme: Theme): void => {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
};

export const chooseTheme = (theme: Theme): void => {
  localStorage.setItem(kept, theme);
  applyTheme(theme);
};

/** Paper is white whatever the screen is: the light theme prints, and the reader's own comes back after. */
export const printInLight = (): void => {
  addEventListener("beforeprint", () => {
    document.documentElement.dataset["theme"] = "light";
  });
  addEventListener("afterprint", () => applyTheme(currentTheme()));
};
