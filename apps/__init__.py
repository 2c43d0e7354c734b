"""Applications and demonstration data that come with Dougong: definitions and plain rows, no engine code."""
