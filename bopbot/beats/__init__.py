"""Beats of a dance and of its music, and retiming of the dance to the music."""
