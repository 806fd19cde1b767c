"""The Equal Earth projection: areas are true, and shapes look familiar.

Šavrič, Patterson and Jenny 2018, "The Equal Earth map projection", International Journal of Geographical Information Science
33, 454-465, https://doi.org/10.1080/13658816.2018.1504949, equations 9 and 10 and the coefficients below them.
"""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

_A1, _A2, _A3, _A4 = 1.340264, -0.081106, 0.000893, 0.003796
_M = sqrt(3) / 2


def equal_earth(longitude: float, latitude: float) -> tuple[float, float]:
    """Degrees to x (east) and y (north) on a sphere of radius 1."""
    theta = asin(_M * sin(radians(latitude)))
    square = theta * theta
    sixth = square * square * square
    x = radians(longitude) * cos(theta) / (_M * (_A1 + 3 * _A2 * square + sixth * (7 * _A3 + 9 * _A4 * square)))
    y = theta * (_A1 + _A2 * square + sixth * (_A3 + _A4 * square))
    return x, y
