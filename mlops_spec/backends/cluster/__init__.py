"""What every environment needs in its cluster; no spec chooses it."""
