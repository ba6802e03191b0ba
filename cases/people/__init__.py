"""Who of a unit has what: taking up, handing over, sharing fairly, being away."""
