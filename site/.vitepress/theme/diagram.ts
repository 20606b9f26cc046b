import script from "@mermaid-js/tiny/dist/mermaid.tiny.js?url";
import { useData } from "vitepress";
import { defineComponent, h, onMounted, ref, useId, watch } from "vue";

/** What the script of Mermaid leaves in the page. */
interface Mermaid {
  initialize(options: { startOnLoad: boolean; theme: "dark" | "neutral" }): void;
  render(id: string, source: string): Promise<{ svg: string }>;
}

let loading: Promise<Mermaid> | undefined;

/** The script is as large as all pages together, so only a page with a diagram loads it, and as it is. */
function loadMermaid(): Promise<Mermaid> {
  loading ??= new Promise((resolve, reject) => {
    const element = document.createElement("script");
    element.src = script;
    element.onload = () => resolve((globalThis as unknown as { mermaid: Mermaid }).mermaid);
    element.onerror = () => reject(new Error(`${script} could not be loaded.`));
    document.head.append(element);
  });
  return loading;
}

/** A diagram of Mermaid, from its percent-encoded text. Without JavaScript the text itself stands in its place. */
export const Diagram = defineComponent({
  props: { source: { type: String, required: true } },
  setup(props) {
    const { isDark } = useData();
    const id = `diagram-${useId()}`;
    const svg = ref("");
    async function draw(): Promise<void> {
      const mermaid = await loadMermaid();
      mermaid.initialize({ startOnLoad: false, theme: isDark.value ? "dark" : "neutral" });
      ({ svg: svg.value } = await mermaid.render(id, decodeURIComponent(props.source)));
    }
    onMounted(() => {
      draw();
      watch(isDark, draw);
    });
    return () =>
      svg.value
        ? h("div", { class: "diagram", innerHTML: svg.value })
        : h("pre", { class: "diagram" }, decodeURIComponent(props.source));
  },
});
