/** Nothing: what any pair of content scripts costs a page at least. */
