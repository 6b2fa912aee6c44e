"""The chat in the browser. Only this package imports gradio, and only when the chat is served."""
