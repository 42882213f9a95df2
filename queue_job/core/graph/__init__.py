"""Jobs that wait for jobs: the graph, and how it is drawn."""
