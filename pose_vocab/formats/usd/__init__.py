"""Universal Scene Description: dancers as UsdSkel characters."""
