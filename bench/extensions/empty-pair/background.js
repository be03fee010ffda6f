/** Nothing: the drivers of the tests wait for a background. */
