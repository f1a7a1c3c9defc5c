"""One scale for several fits: anchors, new objects, links, drift."""
