"""Gradio's own components in the page's colours and type; `page.css` holds the variables and everything else."""

from typing import Any

import gradio as gr

_SANS = ("ui-sans-serif", "system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif")
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")
_TEAL = (  # the accent of page.css in gradio's eleven steps; charts take the middle one
    *("#eef5f7", "#e3eef1", "#c5dde4", "#9cc6d3", "#63a3b8", "#2f7d97"),
    *("#1d5c73", "#184e62", "#14485b", "#103a49", "#0b2933"),
)


def footnote_theme() -> Any:
    """A quiet theme without web fonts: light and dark both follow the variables of `page.css`."""
    theme = gr.themes.Base(
        primary_hue=gr.themes.Color(*_TEAL), font=_SANS, font_mono=_MONO, radius_size="md", spacing_size="md"
    )
    colours = {
        "body_background_fill": "var(--paper)",
        "body_text_color": "var(--ink)",
        "body_text_color_subdued": "var(--ink-soft)",
        "background_fill_primary": "var(--paper)",
        "background_fill_secondary": "var(--paper-low)",
        "block_background_fill": "var(--paper)",
        "block_label_text_color": "var(--ink-soft)",
        "block_title_text_color": "var(--ink-soft)",
        "block_border_color": "var(--rule)",
        "border_color_primary": "var(--rule)",
        "border_color_accent": "var(--accent)",
        "color_accent_soft": "var(--accent-soft)",
        "link_text_color": "var(--accent)",
        "input_background_fill": "var(--paper-high)",
        "input_border_color": "var(--rule)",
        "input_border_color_focus": "var(--accent)",
        "input_placeholder_color": "var(--ink-soft)",
        "button_primary_background_fill": "var(--accent)",
        "button_primary_background_fill_hover": "var(--accent-strong)",
        "button_primary_text_color": "var(--paper)",
        "button_secondary_background_fill": "var(--paper-high)",
        "button_secondary_background_fill_hover": "var(--accent-soft)",
        "button_secondary_text_color": "var(--ink)",
        "button_secondary_border_color": "var(--rule)",
    }
    both = {key: value for name, value in colours.items() for key in (name, f"{name}_dark")}
    known = set(vars(theme))
    return theme.set(
        block_shadow="none",
        block_border_width="0px",
        button_large_text_weight="500",
        **{name: value for name, value in both.items() if name in known},
    )
