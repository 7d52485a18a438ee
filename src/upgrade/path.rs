//! Which version may follow which; the hops from here to there, or why there are none.
