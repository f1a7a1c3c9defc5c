"""From the logs of a run to a folder that can be sent to a board: what is chosen, told, scrubbed and written."""
