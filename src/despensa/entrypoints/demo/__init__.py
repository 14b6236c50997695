"""The main job from a register to a handed-over parcel, played through by invented staff."""
