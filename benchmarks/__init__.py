"""How quick the product is, against what others do with the same work. No part of the product, nor of its tests."""
