"""One file a version of Dougong's own tables; see upgrade.py."""
