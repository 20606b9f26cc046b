import type { Theme } from "vitepress";
import DefaultTheme from "vitepress/theme";
import { Diagram } from "./diagram";
import "./style.css";

/** The theme that VitePress brings, which also draws diagrams. */
const theme: Theme = {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component("Diagram", Diagram);
  },
};
export default theme;
