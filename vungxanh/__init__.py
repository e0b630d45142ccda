"""The command, the settings, the local broker and the demo province: puts the rooms together."""
